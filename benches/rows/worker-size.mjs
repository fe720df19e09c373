// @ts-check
/**
 * The size of a Worker that serves queries and removals on D1: all its code, the core's module
 * included, bundled as wrangler does.
 *
 * @module
 */

/** @import { Finding } from "../findings.mjs" */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { gzippedSize } from "../gzip.mjs";

/** Kilobytes of 1,000 bytes. */
const BUDGET = 175;

/** @returns {Promise<Finding[]>} */
export async function measure() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("worker-size/worker.mjs", import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    outdir: "worker",
    conditions: ["workerd", "worker", "browser"],
    alias: {
      rollcall: fileURLToPath(new URL("../../pkg/entry/workerd.js", import.meta.url)),
      "rollcall/sql": fileURLToPath(new URL("../../pkg/sql.js", import.meta.url)),
    },
    loader: { ".wasm": "copy" },
    logLevel: "warning",
  });
  const amount = outputFiles.reduce((total, { contents }) => total + gzippedSize(contents), 0);
  return [
    {
      what: "a Worker that queries and removes on D1, all its code, gzip -9",
      amount,
      unit: "KB",
      budget: BUDGET,
    },
  ];
}
