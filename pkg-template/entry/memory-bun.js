// Like bun.js, for the memory stores.

import { readFileSync } from "node:fs";
import { initSync } from "../memory_core.js";
import path from "../memory_core_bg.wasm" with { type: "file" };

initSync({ module: readFileSync(path) });

export * from "../memory.js";
