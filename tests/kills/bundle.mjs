// Bundles all code of the killed process into one file. Most of its time is startup, which takes
// only a third with one file.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const WORKER = fileURLToPath(new URL("worker.mjs", import.meta.url));
/** The files beside the bundle: a module that is loaded by its address, and the core. */
const THREAD = fileURLToPath(new URL("kill-thread.mjs", import.meta.url));
const CORE = fileURLToPath(new URL("../../pkg/core_bg.wasm", import.meta.url));
/** The folder of the packages that are not bundled. */
const TARGET = fileURLToPath(new URL("../../target/", import.meta.url));

/** CommonJS modules load Node's modules with it. */
const REQUIRE =
  'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** The path of the file, which is removed when this process ends. */
export async function bundledWorker() {
  mkdirSync(TARGET, { recursive: true });
  const folder = mkdtempSync(join(TARGET, "kills-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "entry", basename(WORKER));
  await build({
    entryPoints: [WORKER],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    // One has a native part, and the other isn't installed.
    external: ["libsql", "pg-native"],
    banner: { js: REQUIRE },
    logLevel: "error",
  });
  copyFileSync(THREAD, join(folder, "entry", basename(THREAD)));
  copyFileSync(CORE, join(folder, basename(CORE)));
  return outfile;
}
