/**
 * The page of the core: a list of its modules with their summaries, which are the first paragraphs
 * of their `//!` comments.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { NOTICE, tableOf } from "./markdown.mjs";

const INTRODUCTION = `# The core

The crate \`rollcall\` is published as a WebAssembly module inside the npm package, not on crates.io.
Its API is for contributors. rustdoc shows all of it:

\`\`\`sh
cargo doc --package rollcall --document-private-items --no-deps --open
\`\`\`

The boundary to JavaScript is only compiled for WebAssembly. To include it, add
\`--target wasm32-unknown-unknown\`.
`;

/**
 * @param {string} root the root of the repository
 * @returns {Promise<string>}
 */
export async function corePage(root) {
  const files = (await readdir(join(root, "src"), { recursive: true })).filter(
    (file) => file.endsWith(".rs") && !/(?:^|\/)(?:lib|tests)\.rs$/.test(file),
  );
  const modules = await Promise.all(
    files.map(async (file) => ({
      path: file.replace(/(?:\/mod)?\.rs$/, "").replaceAll("/", "::"),
      file,
      summary: summaryOf(await readFile(join(root, "src", file), "utf8"), file),
    })),
  );
  modules.sort((a, b) => (a.path < b.path ? -1 : 1));
  const isBoundary = ({ path }) => /^js\b/.test(path);
  return [
    `${NOTICE}\n${INTRODUCTION}`,
    `## The rules\n\n${listOf(modules.filter((module) => !isBoundary(module)))}\n`,
    `## The boundary\n\n${listOf(modules.filter(isBoundary))}\n`,
  ].join("\n");
}

function listOf(modules) {
  return tableOf(
    ["Module", "Summary"],
    modules.map(({ path, file, summary }) => [`[\`${path}\`](../../../src/${file})`, summary]),
  );
}

function summaryOf(text, file) {
  const [header] = /^(?:\/\/!.*\n)+/.exec(text) ?? [];
  if (header === undefined) throw new Error(`src/${file} has no //! comment`);
  const lines = header.split("\n").map((line) => line.replace(/^\/\/! ?/, ""));
  const [summary] = lines.join("\n").split("\n\n");
  return (
    summary
      .replaceAll("\n", " ")
      .trim()
      // Links between items only work in rustdoc.
      .replace(/\[(`[^`]+`)\](?!\()/g, "$1")
  );
}
