// Vercel's Edge Runtime. The suffix marks a WebAssembly module.

import { initSync } from "../core.js";
import module from "../core_bg.wasm?module";

initSync({ module });

export * from "../index.js";
