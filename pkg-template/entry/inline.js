// @ts-check
// Any other host, and bundlers that copy no assets: the module is embedded in a script, as base64.

import { initSync } from "../core.js";
import base64 from "../core_base64.js";

initSync({ module: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) });

export * from "../index.js";
