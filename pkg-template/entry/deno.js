// Deno. A source-phase import takes no permission, where reading the file would take --allow-read.

import { initSync } from "../core.js";
import source module from "../core_bg.wasm";

initSync({ module });

export * from "../index.js";
