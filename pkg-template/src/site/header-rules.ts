/**
 * The headers of the console's files. The build writes them into `console/_headers`, in the format
 * of Cloudflare and Netlify, so every server sends the same.
 *
 * @module
 */

interface Rule {
  /** A path, or with a `*` at the end, the start of paths. */
  pattern: string;
  headers: Record<string, string>;
}

/** The rules of a `_headers` file. */
export class HeaderRules {
  readonly #rules: Rule[] = [];

  /** @param source the contents of the file: a pattern a line, and below it indented headers */
  constructor(source: string) {
    for (const line of source.split("\n")) {
      const [, name, value] = /^\s+([^:\s]+):\s*(.*)$/.exec(line) ?? [];
      const rule = this.#rules.at(-1);
      if (name === undefined || value === undefined) {
        if (line.trim() !== "") this.#rules.push({ pattern: line.trim(), headers: {} });
      } else if (rule !== undefined) {
        rule.headers[name.toLowerCase()] = value;
      }
    }
  }

  /** The headers of a path that begins with `/`. */
  headersOf(path: string): Record<string, string> {
    const matching = this.#rules.filter(({ pattern }) =>
      pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern,
    );
    return Object.assign({}, ...matching.map(({ headers }) => headers));
  }
}
