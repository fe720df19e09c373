/**
 * Tools that check a packed package.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../hosts/tools.mjs";

const installed = fileURLToPath(new URL("tools/node_modules/", import.meta.url));

/** The checks by name. Each takes the path of a tarball and throws an error with its findings. */
export const CHECKS = {
  publint: (tarball) => check("publint/src/cli.js", ["--strict", tarball]),
  // The package has ES modules only, which Node 20.19 and 22.12 can `require`.
  "are the types wrong": (tarball) =>
    check("@arethetypeswrong/cli/dist/index.js", [
      tarball,
      ...["--profile", "esm-only", "--no-emoji", "--format", "ascii"],
      // These aren't modules.
      ...["--exclude-entrypoints", "core.wasm", "memory.wasm", "openapi.json"],
    ]),
};

async function check(script, args) {
  await run(process.execPath, [join(installed, script), ...args]).catch((error) => {
    throw new Error(`${error.stdout}${error.stderr}`, { cause: error });
  });
}
