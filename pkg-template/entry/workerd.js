// @ts-check
// Cloudflare Workers. They forbid compiling at run time: the bundler passes the module on,
// compiled.

import { initSync } from "../core.js";
import module from "../core_bg.wasm";

initSync({ module });

export * from "../index.js";
