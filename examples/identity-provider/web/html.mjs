// @ts-check
/**
 * HTML from templates in which every value is escaped.
 *
 * @module
 */

/** Escaped markup, made by `html`. */
export class Html {
  /** @param {string} markup */
  constructor(markup) {
    this.markup = markup;
  }

  toString() {
    return this.markup;
  }
}

/** @typedef {string | number | Html | undefined | false | readonly Html[]} Value */

/** @type {Readonly<Record<string, string>>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * Makes markup from a template. Strings are escaped, markup is kept, lists are joined, and
 * `undefined` and `false` are left out.
 *
 * @param {TemplateStringsArray} strings
 * @param {...Value} values
 * @returns {Html}
 */
export function html(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(markupOf)));
}

/**
 * @param {Value} value
 * @returns {string}
 */
function markupOf(value) {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.markup;
  if (typeof value === "object") return value.map(markupOf).join("");
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/**
 * A whole page.
 *
 * @param {{ title: string, site: string, theme: string, scripts?: string[] }} head `theme` is a
 *   class of `style.css`
 * @param {Html} body
 * @returns {string}
 */
export function page({ title, site, theme, scripts = [] }, body) {
  return html`<!doctype html>
<html lang="en" class="${theme}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · ${site}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/style.css">
    ${scripts.map((script) => html`<script type="module" src="${script}"></script>`)}
  </head>
  <body>
    <header><strong>${site}</strong></header>
    <main>
${body}
    </main>
  </body>
</html>
`.markup;
}
