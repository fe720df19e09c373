// Deno. A source-phase import needs no permission; reading the file would need --allow-read.

import { initSync } from "../core.js";
import source module from "../core_bg.wasm";

initSync({ module });

export * from "../index.js";
