/** The pages in docs/reference/api are those that the sources give, and their links are right. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pages } from "../../tools/api-reference/pages.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "docs/reference/api");
const generated = await pages(root);

test("the API reference is up to date", async () => {
  const stale = [];
  for (const [name, text] of generated) {
    const present = await readFile(join(folder, name), "utf8").catch(() => undefined);
    if (present !== text) stale.push(name);
  }
  const others = (await readdir(folder)).filter((name) => !generated.has(name));
  assert.deepEqual(
    [...stale, ...others],
    [],
    "these pages are out of date: run `node tools/api-reference/generate.mjs` and commit them",
  );
});

test("each link to a declaration leads to its heading", () => {
  const links = [...generated].flatMap(([name, text]) =>
    [...text.matchAll(/\[`?(\w+)(?:\(\))?`?\]\(([\w-]+\.md)?#([\w-]+)\)/g)].map(
      ([, target, page = name, anchor]) => ({ target, page, anchor }),
    ),
  );
  assert.ok(links.length > 500);
  const wrong = links.filter(({ target, page, anchor }) => {
    const [, slug, number = "0"] = /^(.*?)(?:-(\d+))?$/.exec(anchor);
    const headings = [...generated.get(page).matchAll(/^#+ (\w+)/gm)].map(([, name]) => name);
    return headings.filter((name) => name.toLowerCase() === slug)[Number(number)] !== target;
  });
  assert.deepEqual(wrong, []);
});
