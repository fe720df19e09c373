// @ts-check
/**
 * The size of code after compression.
 *
 * @module
 */

import { execFileSync } from "node:child_process";

/**
 * The size after `gzip -9`, in kilobytes of 1,000 bytes. Don't use `node:zlib`: Node's variant of
 * zlib is optimized for speed, and its results are 3 % larger.
 *
 * @param {Uint8Array} contents
 */
export function gzippedSize(contents) {
  return (
    execFileSync("gzip", ["-9", "--stdout"], {
      input: contents,
      maxBuffer: Number.POSITIVE_INFINITY,
    }).length / 1_000
  );
}
