/**
 * All pages of the API reference.
 *
 * @module
 */

import { corePage } from "./core-page.mjs";
import { NOTICE, tableOf, withAnchors } from "./markdown.mjs";
import { typescriptPages } from "./typescript-pages.mjs";

const INTRODUCTION = `# API reference

Each page has the functions, classes and types of one entry point. Codes in \`Throws\` and "rejects
with" are those of \`RollcallError\`: [errors](../errors.md) says what to do.
`;

const REST = `
The routes of the admin API are in \`rollcall/openapi.json\` (OpenAPI 3.1). [The core](core.md) lists
the modules of the Rust crate.
`;

/**
 * @param {string} root the root of the repository
 * @returns {Promise<Map<string, string>>} the pages by their names
 */
export async function pages(root) {
  const entries = await typescriptPages(root);
  const rows = entries.map(({ entry, file, summary, values, sameAs }) => [
    `[\`${entry}\`](${file})`,
    sameAs === undefined ? summary : `The same as \`${sameAs}\`, with its module in the script.`,
    sameAs === undefined ? values.map((name) => `\`${name}\``).join(", ") : "",
  ]);
  const table = tableOf(["Import", "", "Functions and classes"], rows);
  const own = entries.filter(({ sameAs }) => sameAs === undefined);
  return new Map([
    ["README.md", `${NOTICE}\n${INTRODUCTION}\n${table}\n${REST}`],
    ["core.md", await corePage(root)],
    ...withAnchors(new Map(own.map(({ file, text }) => [file, text]))),
  ]);
}
