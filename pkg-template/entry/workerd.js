// @ts-check
// Cloudflare Workers. They forbid compiling at run time; the bundler provides the compiled module.

import { initSync } from "../core.js";
import module from "../core_bg.wasm";

initSync({ module });

export * from "../index.js";
