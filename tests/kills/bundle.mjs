// All code of the process that is killed, in one file: starting is most of what it does, and takes
// a third of the time so.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const WORKER = fileURLToPath(new URL("worker.mjs", import.meta.url));
/** What is found beside the file: a module that is loaded by its address, and the core. */
const THREAD = fileURLToPath(new URL("kill-thread.mjs", import.meta.url));
const CORE = fileURLToPath(new URL("../../pkg/core_bg.wasm", import.meta.url));
/** Where the packages that stay outside are found. */
const TARGET = fileURLToPath(new URL("../../target/", import.meta.url));

/** Modules of CommonJS load those of Node by it. */
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
    // The one has a native part, the other is not installed.
    external: ["libsql", "pg-native"],
    banner: { js: REQUIRE },
    logLevel: "error",
  });
  copyFileSync(THREAD, join(folder, "entry", basename(THREAD)));
  copyFileSync(CORE, join(folder, basename(CORE)));
  return outfile;
}
