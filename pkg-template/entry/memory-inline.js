// @ts-check
// Like inline.js, for the memory stores.

import { initSync } from "../memory_core.js";
import base64 from "../memory_core_base64.js";

initSync({ module: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) });

export * from "../memory.js";
