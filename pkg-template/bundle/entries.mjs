/**
 * Bundles each entry of the built package as a user's bundler does, to measure it: `node
 * entries.mjs PACKAGE FOLDER`. The bundles contain dependencies, but no peer dependencies and no
 * modules of Node.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [folder = "pkg", out = "target/xtask/entries"] = process.argv.slice(2);
const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));

/** These are only for servers. */
const FOR_NODE = ["./console", "./express"];

const subpaths = Object.keys(manifest.exports).filter((name) => !/\.(wasm|json)$/.test(name));
const nameOf = (subpath) => subpath.replace(".", manifest.name);

/** The file of an entry for a condition. */
function fileOf(subpath) {
  const targets = manifest.exports[subpath];
  const { browser = targets.default, default: other } = targets;
  return resolve(folder, FOR_NODE.includes(subpath) ? other : browser);
}

await build({
  absWorkingDir: root,
  nodePaths: [join(root, "node_modules")],
  entryPoints: Object.fromEntries(subpaths.map((name) => [nameOf(name), fileOf(name)])),
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["browser", "import"],
  target: "es2022",
  external: ["node:*", ...Object.keys(manifest.peerDependencies)],
  legalComments: "none",
  logLevel: "warning",
});
