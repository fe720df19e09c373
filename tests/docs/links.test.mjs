/** The links of the documentation have targets, and the package's page names each entry point. */

import assert from "node:assert/strict";
import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { anchorsOf } from "./anchors.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];
for (const folder of ["docs", "examples"]) {
  const files = await readdir(join(root, folder), { recursive: true });
  pages.push(
    ...files
      .filter((file) => file.endsWith(".md") && !file.includes("node_modules"))
      .map((file) => join(folder, file)),
  );
}

for (const page of pages) {
  test(`the links of ${page} have targets`, async () => {
    const text = await readFile(join(root, page), "utf8");
    for (const [, path, heading] of text.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      const file = path === "" ? join(root, page) : resolve(root, dirname(page), path);
      await access(file);
      if (heading !== undefined)
        assert.ok(anchorsOf(await readFile(file, "utf8")).includes(heading), `${path}#${heading}`);
    }
  });
}

test("docs/README.md links to every page", async () => {
  const text = await readFile(join(root, "docs/README.md"), "utf8");
  const linked = [...text.matchAll(/\]\((?!\w+:)([^)#\s]+)/g)].map(([, path]) =>
    join("docs", path),
  );
  const isInIndex = (page) => /^docs\/reference\/api\/(?!README\.md)/.test(page);
  const own = pages.filter(
    (page) => page.startsWith("docs/") && page !== "docs/README.md" && !isInIndex(page),
  );
  assert.deepEqual(
    own.filter((page) => !linked.includes(page)),
    [],
  );
});

test("the package's page names each entry point", async () => {
  const page = await readFile(join(root, "pkg-template/README.md"), "utf8");
  const { exports } = JSON.parse(await readFile(join(root, "pkg-template/package.json"), "utf8"));
  const entries = Object.keys(exports).filter((name) => name !== "./package.json");
  for (const name of entries) assert.ok(page.includes(`| \`rollcall${name.slice(1)}\` |`), name);
});
