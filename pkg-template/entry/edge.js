// Vercel's edge runtime, which marks a WebAssembly module by a suffix.

import { initSync } from "../core.js";
import module from "../core_bg.wasm?module";

initSync({ module });

export * from "../index.js";
