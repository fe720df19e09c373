// @ts-check
// Like browser.js, for the memory stores.

import load from "../memory_core.js";

await load({ module_or_path: new URL("../memory_core_bg.wasm", import.meta.url) });

export * from "../memory.js";
