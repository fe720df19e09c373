// @ts-check
// `rollcall/inline` on Node.js.

import "./node-cipher.js";

export * from "./inline.js";
