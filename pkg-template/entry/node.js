// @ts-check
// Node.js. Loads synchronously, without top-level await, so that `require()` works too.

import { readFileSync } from "node:fs";
import { initSync } from "../core.js";
import "./node-cipher.js";

initSync({ module: readFileSync(new URL("../core_bg.wasm", import.meta.url)) });

export * from "../index.js";
