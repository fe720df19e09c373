// Bun. Imported as a file, the module is also part of what `bun build --compile` makes.

import { readFileSync } from "node:fs";
import { initSync } from "../core.js";
import path from "../core_bg.wasm" with { type: "file" };

initSync({ module: readFileSync(path) });

export * from "../index.js";
