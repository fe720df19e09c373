/**
 * Packs `pkg/` as a release, checks it, and prints what would be published: `cargo xtask package`
 * runs it. It publishes nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CHECKS } from "./checks.mjs";
import { differences, TARBALL_BUDGET } from "./files.mjs";
import { pack } from "./project.mjs";

const inPackage = async (name) =>
  JSON.parse(await readFile(fileURLToPath(new URL(`../../pkg/${name}`, import.meta.url)), "utf8"));

const { tarball, files, size, unpackedSize, integrity } = await pack("release");
assert.deepEqual(
  await differences(files),
  { unknown: [], missing: [] },
  "the files of the package",
);
assert.ok(size <= TARBALL_BUDGET, `the tarball has ${size} bytes, and may have ${TARBALL_BUDGET}`);
for (const check of Object.values(CHECKS)) await check(tarball);

const manifest = await inPackage("package.json");
const { components } = await inPackage("sbom.cdx.json");
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

for (const file of files) console.log(`  ${file}`);
console.log(`
${manifest.name} ${manifest.version}
repository  ${manifest.repository?.url ?? "none: the git remote `origin` isn't on a server"}
files       ${files.length}
tarball     ${kilobytes(size)} of ${kilobytes(TARBALL_BUDGET)}, ${kilobytes(unpackedSize)} unpacked
sha512      ${integrity}
contains    code of ${components.length} projects (sbom.cdx.json)
checks      ${Object.keys(CHECKS).join(", ")}, the list of files
place       ${tarball}

Nothing was published.`);
