// The code of others in the package: the bill of materials and the licences.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const require = createRequire(new URL("tools/package.json", import.meta.url));

const built = fileURLToPath(new URL("../../pkg", import.meta.url));
const text = await readFile(join(built, "sbom.cdx.json"), "utf8");
const bill = JSON.parse(text);

/** The names of the projects with code in a file. */
const partsOf = (file) =>
  bill.components
    .filter(({ properties }) => properties.some(({ value }) => value === file))
    .map(({ name }) => name);

test("the bill of materials is valid CycloneDX", async () => {
  const { Spec, Validation } = require("@cyclonedx/cyclonedx-library");
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  assert.equal(await validator.validate(text), null);
});

test("it lists what is bundled in each file", () => {
  assert.deepEqual(partsOf("entry/logout-browser.js"), ["ipaddr.js", "jose"]);
  assert.ok(partsOf("bin/rollcall.js").includes("commander"));
  assert.ok(partsOf("console/").includes("svelte"));
  for (const file of ["core_bg.wasm", "core_base64.js", "memory_core_bg.wasm", "console/"])
    for (const name of ["dlmalloc", "rust-std", "serde", "wasm-bindgen"])
      assert.ok(partsOf(file).includes(name), `${name} in ${file}`);
});

test("macros and tools, which only run during the build, aren't in it", () => {
  const names = bill.components.map(({ name }) => name);
  for (const name of ["esbuild", "serde_derive", "syn", "vite", "wasm-bindgen-macro"])
    assert.ok(!names.includes(name), name);
});

test("the licence of each project is in the package", async () => {
  const licences = await readFile(join(built, "THIRD-PARTY-LICENSES"), "utf8");
  for (const { name, version, licenses } of bill.components) {
    const [{ expression }] = licenses;
    assert.ok(licences.includes(`\n${name} ${version} (${expression})\n`), name);
    assert.match(expression, /MIT|Apache-2\.0|ISC|BSD|Zlib/);
  }
  assert.match(licences, /^UNICODE LICENSE V3$/m);
  assert.match(licences, /LLVM Exceptions to the Apache 2\.0 License/);
});
