/**
 * Bundles the command `rollcall` into one file: `node command.mjs FOLDER VERSION PARTS`. The last
 * argument is a file that gets the list of the packages in the bundle.
 *
 * Imports of `rollcall` and `kysely` stay outside: they are loaded from beside the file,
 * and only by commands that work in the process.
 *
 * @module
 */

import { bundle } from "./bundle.mjs";

const [folder = "pkg", version = "0.0.0", parts] = process.argv.slice(2);

await bundle(`${folder}/bin/rollcall.js`, parts, {
  entryPoints: ["pkg-template/cli/main.ts"],
  platform: "node",
  target: "node20",
  external: ["rollcall", "rollcall/*", "kysely"],
  define: { __VERSION__: JSON.stringify(version) },
  banner: {
    // Commander is CommonJS, and requires modules of Node.
    js: `#!/usr/bin/env node
import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`,
  },
});
