// @ts-check
/**
 * The WebAssembly modules as a server would send them.
 *
 * @module
 */

/** @import { Finding } from "../findings.mjs" */

import { readFileSync } from "node:fs";
import { gzippedSize } from "../gzip.mjs";

/** Of the main module. Kilobytes, of 1,000 bytes. */
const BUDGET = 130;

/** @returns {Promise<Finding[]>} */
export async function measure() {
  return [
    { what: "the main wasm, gzip -9", amount: size("core"), unit: "KB", budget: BUDGET },
    { what: "the wasm of the memory stores, gzip -9", amount: size("memory_core"), unit: "KB" },
  ];
}

/** @param {string} module the stem of its file name */
function size(module) {
  return gzippedSize(readFileSync(new URL(`../../pkg/${module}_bg.wasm`, import.meta.url)));
}
