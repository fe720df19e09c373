// @ts-check
// Like node.js, for the memory stores.

import { readFileSync } from "node:fs";
import { initSync } from "../memory_core.js";

initSync({ module: readFileSync(new URL("../memory_core_bg.wasm", import.meta.url)) });

export * from "../memory.js";
