// @ts-check
// Like workerd.js, for the memory stores.

import { initSync } from "../memory_core.js";
import module from "../memory_core_bg.wasm";

initSync({ module });

export * from "../memory.js";
