// Bun. Because the module is imported as a file, `bun build --compile` embeds it.

import { readFileSync } from "node:fs";
import { initSync } from "../core.js";
import path from "../core_bg.wasm" with { type: "file" };

initSync({ module: readFileSync(path) });

export * from "../index.js";
