/**
 * Makes a page of TypeDoc readable on GitHub: its headings name declarations only, so the outline
 * of the page is a list of them, and a table at the top links to each.
 *
 * @module
 */

/**
 * Declarations that a module exports and another page documents.
 *
 * @typedef {object} Reexports
 * @property {string} page
 * @property {string[]} [names] absent: everything on the page
 */

/** The first line of every page. */
export const NOTICE =
  "<!-- Generated from the doc comments by tools/api-reference/generate.mjs. -->\n";

/** Headings inside a declaration, which become labels. */
const LABELS =
  "Call Signature|Example|Extends|Get Signature|Indexable|Parameters|Properties|Returns|Throws|" +
  "Type Declaration|Type Parameters";

/** Headings of groups inside a class or interface. */
const GROUPS = "Accessors|Constructors|Methods";

/**
 * Replacements, in order.
 *
 * @type {[RegExp, string | ((...groups: string[]) => string)][]}
 */
const STEPS = [
  [/^# .*\n/, ""],
  [/^\*\*\*\n\n/gm, ""],
  // Sections about inheritance that repeat the line `Extends`.
  [/^#{4,6} (?:Extended by|Inherited from|Overrides)\n\n(?:(?:- |`|\[).*\n)+\n?/gm, ""],
  [new RegExp(`^#{4,5} (?:${GROUPS})\n\n`, "gm"), ""],
  [new RegExp(`^#{2,6} (${LABELS})$`, "gm"), "**$1**"],
  [/^\*\*(?:Call Signature|Get Signature|Properties|Type Declaration)\*\*\n\n/gm, ""],
  [/^#{5} Constructor\n\n```ts\nnew (\w+)/gm, "#### new $1()\n\n```ts\nnew $1"],
  [/^#{5} /gm, "#### "],
  // Types that are only names of schemas.
  [/^```ts\ntype \w+ = v\..*;\n```\n\n/gm, ""],
  // Parameters on one line.
  [/\(\n((?: {3}\S.*\n)+)\)/g, (_, list) => `(${list.trim().replace(/\s*\n\s*/g, " ")})`],
  // A return type only repeats the signature, unless it has links.
  [/^\*\*Returns\*\*\n\n```ts\n[\s\S]*?\n```\n(?:\n\|.*\n(?:\|.*\n)*)?\n?/gm, ""],
  [/^\*\*Returns\*\*\n\n(.*\\\{)\n {2}(.*)\n(?=\\\})/gm, "**Returns**\n\n$1 $2 "],
  [/^\*\*Returns\*\*\n\n(?!.*\]\().*\n\n?/gm, ""],
  [/^\*\*(Returns|Throws|Extends)\*\*\n\n(?:- (?=.*\n(?!- )))?/gm, "**$1** "],
  // Parents that aren't exported.
  [/^\*\*Extends\*\* (?!\[|`(?:Error|Omit|Pick)`).*\n\n/gm, ""],
  [/^\*\*Returns\*\* .*$/gm, wrapped],
  // Tables.
  [/^\|(?: -{6} \|)+$/gm, (row) => row.replaceAll("------", "---")],
  [/(?<=^\|.*) - (?=\|)/gm, " "],
  [/(?<=^\|.*\| )\\\| /gm, ""],
  [/\n{3,}/g, "\n\n"],
  // Doc comments name pages of the documentation by their paths.
  [/`(docs\/[\w/-]+\.md)`/g, (_, path) => `[${path}](../../${path.slice("docs/".length)})`],
];

/**
 * @param {string} text the page as TypeDoc wrote it
 * @param {string} entry what a program imports
 * @param {Reexports[]} reexports
 * @returns {string}
 */
export function pageOf(text, entry, reexports) {
  const body = STEPS.reduce((changed, [pattern, by]) => changed.replace(pattern, by), text);
  const [introduction, ...groups] = body.trim().split(/^## /m);
  const anchors = anchorsOf(`# ${entry}\n${body}`);
  const rows = groups.map((group) => {
    const [title] = group.split("\n");
    const declared = anchors.splice(0, group.match(/^### /gm)?.length);
    return [title, declared.map(([name, anchor]) => `[${name}](#${anchor})`).join(" · ")];
  });
  for (const { page, names } of reexports) {
    const others =
      names === undefined
        ? `everything in [${page.replace(".md", "")}](${page})`
        : names.map((name) => `[${name}](${page}#${anchorOf(name)})`).join(" · ");
    rows.push(["Also exported", others]);
  }
  return [
    `${NOTICE}\n# ${entry}\n\n${introduction.trim()}\n`,
    tableOf(["", ""], rows),
    ...groups.map((group) => `\n## ${group.trim()}`),
    "",
  ].join("\n");
}

/** Wraps a line at spaces. */
function wrapped(line) {
  return line.replace(/(.{1,100})(?: |$)/g, "$1\n").trimEnd();
}

/** @returns {string} a table without padding */
export function tableOf(headings, rows) {
  const lines = [headings, headings.map(() => "---"), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

/**
 * Corrects the links between declarations: TypeDoc numbers anchors in another way than GitHub.
 *
 * @param {Map<string, string>} pages by their names
 * @returns {Map<string, string>}
 */
export function withAnchors(pages) {
  const anchors = new Map(
    [...pages].map(([name, text]) => [
      name,
      new Map(anchorsOf(text).map(([heading, anchor]) => [heading.replace("()", ""), anchor])),
    ]),
  );
  const corrected = [...pages].map(([name, text]) => [
    name,
    text.replace(/\[`(\w+)`\]\(([\w-]+\.md)?#[\w-]+\)/g, (link, target, page = "") => {
      const anchor = anchors.get(page || name).get(target);
      return anchor === undefined ? link : `[\`${target}\`](${page}#${anchor})`;
    }),
  ]);
  return new Map(corrected);
}

/** The names of the declarations of a page, with the anchors that GitHub gives their headings. */
function anchorsOf(text) {
  const counts = new Map();
  const found = [];
  for (const [, level, name] of text.matchAll(/^(#+) (.+)$/gm)) {
    const anchor = anchorOf(name);
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    if (level === "###") found.push([name, count === 0 ? anchor : `${anchor}-${count}`]);
  }
  return found;
}

function anchorOf(name) {
  return name
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}
