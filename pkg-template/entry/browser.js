// @ts-check
// Browsers, and bundlers that resolve `new URL(…, import.meta.url)`.

import load from "../core.js";

await load({ module_or_path: new URL("../core_bg.wasm", import.meta.url) });

export * from "../index.js";
