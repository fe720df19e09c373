// @ts-check
/**
 * The WebAssembly module as a server would send it.
 *
 * @module
 */

/** @import { Finding } from "../findings.mjs" */

import { readFileSync } from "node:fs";
import { gzippedSize } from "../gzip.mjs";

/** Kilobytes, of 1,000 bytes. */
const BUDGET = 75;

const MODULE = new URL("../../pkg/core_bg.wasm", import.meta.url);

/** @returns {Promise<Finding[]>} */
export async function measure() {
  return [
    {
      what: "the wasm, gzip -9",
      amount: gzippedSize(readFileSync(MODULE)),
      unit: "KB",
      budget: BUDGET,
    },
  ];
}
