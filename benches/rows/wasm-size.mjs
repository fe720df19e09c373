// @ts-check
/**
 * The compressed sizes of the WebAssembly modules.
 *
 * @module
 */

/** @import { Finding } from "../findings.mjs" */

import { readFileSync } from "node:fs";
import { gzippedSize } from "../gzip.mjs";

/** For the main module, in kilobytes of 1,000 bytes. */
const BUDGET = 130;

/** @returns {Promise<Finding[]>} */
export async function measure() {
  return [
    { what: "the main wasm, gzip -9", amount: size("core"), unit: "KB", budget: BUDGET },
    { what: "the wasm of the memory stores, gzip -9", amount: size("memory_core"), unit: "KB" },
  ];
}

/** @param {string} module its file name without the ending */
function size(module) {
  return gzippedSize(readFileSync(new URL(`../../pkg/${module}_bg.wasm`, import.meta.url)));
}
