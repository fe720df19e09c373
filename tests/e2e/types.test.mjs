/**
 * The example has `@ts-check`: its types are compatible with those of the package and the
 * libraries.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the example type-checks", () => {
  const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const project = fileURLToPath(new URL("../../examples/identity-provider", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, "--project", project], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout + stderr);
});
