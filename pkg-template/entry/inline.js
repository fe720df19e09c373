// @ts-check
// Any other host, and bundlers that bring no files along: the module comes as text inside a script.

import { initSync } from "../core.js";
import base64 from "../core_base64.js";

initSync({ module: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) });

export * from "../index.js";
