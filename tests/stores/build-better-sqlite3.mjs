// Compiles better-sqlite3 for this Node, because packages are installed without running their
// scripts. Does nothing if it's compiled already. Exits with status 77, as in other test harnesses,
// if this machine has no compiler or headers.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { engine } from "./engines.mjs";

const NOT_AVAILABLE = 77;

const before = await engine("better-sqlite3");
if (before.unavailable !== undefined) {
  const workspace = fileURLToPath(new URL("../..", import.meta.url));
  // Node's headers are beside it in a full installation. Without them node-gyp would download them.
  const installation = dirname(dirname(process.execPath));
  const headers = existsSync(join(installation, "include/node/node.h"))
    ? [`--nodedir=${installation}`]
    : [];
  const arguments_ = ["rebuild", "better-sqlite3", "--build-from-source", ...headers];
  const { status, error, stderr } = spawnSync("npm", arguments_, {
    cwd: workspace,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  // In a new process, because this one caches that it could not load the compiled part.
  const check =
    'import { engine } from "./engines.mjs"; process.exit((await engine("better-sqlite3")).unavailable ? 1 : 0)';
  const after = spawnSync(process.execPath, ["--input-type=module", "--eval", check], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
  });
  if (status !== 0 || after.status !== 0) {
    console.error(stderr ?? error);
    console.log("better-sqlite3 could not be compiled: it needs make, a C++ compiler and Python");
    process.exit(NOT_AVAILABLE);
  }
}
