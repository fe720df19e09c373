// @ts-check
// `rollcall/slim` on Node.js.

import "./node-cipher.js";

export * from "../slim.js";
