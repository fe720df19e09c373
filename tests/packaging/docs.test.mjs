// The documentation in the tarball.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { anchorsOf } from "../docs/anchors.mjs";
import { pack } from "./project.mjs";

const LINK = /\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g;

const built = fileURLToPath(new URL("../../pkg", import.meta.url));

let files;

before(async () => {
  ({ files } = await pack("docs"));
});

const textOf = (file) => readFile(join(built, file), "utf8");

test("the package's README links to its documentation", async () => {
  const linked = [...(await textOf("README.md")).matchAll(LINK)].map(([, path]) => path);
  for (const page of ["docs/README.md", "docs/start/quickstart.md", "CHANGELOG.md", "SECURITY.md"])
    assert.ok(linked.includes(page), page);
});

test("every relative link of a page leads to a file and a heading of the package", async () => {
  const pages = files.filter((file) => file.endsWith(".md"));
  assert.ok(pages.length > 40);
  const dead = [];
  for (const page of pages) {
    for (const [link, path, heading] of (await textOf(page)).matchAll(LINK)) {
      const file = path === "" ? page : posix.join(posix.dirname(page), path);
      const isThere = files.includes(file) || files.some((one) => one.startsWith(`${file}/`));
      const hasHeading =
        heading === undefined || (isThere && anchorsOf(await textOf(file)).includes(heading));
      if (!isThere || !hasHeading) dead.push(`${page}${link}`);
    }
  }
  assert.deepEqual(dead, []);
});

test("pages say where the files are that only the repository has", async () => {
  const page = await textOf("docs/README.md");
  assert.match(page, /\/blob\/HEAD\/examples\/|\(`examples\/[\w/.-]+` in the repository\)/);
});
