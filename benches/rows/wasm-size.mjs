// @ts-check
/**
 * The WebAssembly module as a server would send it.
 *
 * @module
 */

/** @import { Finding } from "../findings.mjs" */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Kilobytes, of 1,000 bytes. */
const BUDGET = 75;

const MODULE = fileURLToPath(new URL("../../pkg/core_bg.wasm", import.meta.url));

/** @returns {Promise<Finding[]>} */
export async function measure() {
  // Not by `node:zlib`: Node's own variant of zlib is made for speed, and its results are 3 % longer.
  const compressed = execFileSync("gzip", ["-9", "--stdout", MODULE], { maxBuffer: Number.POSITIVE_INFINITY });
  return [{ what: "the wasm, gzip -9", amount: compressed.length / 1_000, unit: "KB", budget: BUDGET }];
}
