// @ts-check
/**
 * The size of a Worker that serves queries and removals on D1: all its code, the core's module
 * included, bundled as wrangler does. Then how much more it is with the admin API.
 *
 * @module
 */

/** @import { Finding } from "../findings.mjs" */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { gzippedSize } from "../gzip.mjs";

/** Kilobytes of 1,000 bytes. */
const BUDGET = 175;
const ADMIN_API_BUDGET = 30;

/** @returns {Promise<Finding[]>} */
export async function measure() {
  const services = await sizeOf("worker.mjs");
  const adminApi = await sizeOf("admin-worker.mjs");
  return [
    {
      what: "a Worker that queries and removes on D1, all its code, gzip -9",
      amount: services,
      unit: "KB",
      budget: BUDGET,
    },
    {
      what: "a Worker that serves the admin API on D1: how much more, gzip -9",
      amount: adminApi - services,
      unit: "KB",
      budget: ADMIN_API_BUDGET,
    },
  ];
}

/**
 * All its code. The OpenAPI document is in it, because one file holds all.
 *
 * @param {string} worker
 */
async function sizeOf(worker) {
  const path = (/** @type {string} */ relative) =>
    fileURLToPath(new URL(relative, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [path(`worker-size/${worker}`)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    outdir: "worker",
    conditions: ["workerd", "worker", "browser"],
    alias: {
      rollcall: path("../../pkg/entry/workerd.js"),
      "rollcall/http": path("../../pkg/http.js"),
      "rollcall/sql": path("../../pkg/sql.js"),
    },
    loader: { ".wasm": "copy" },
    logLevel: "warning",
  });
  return outputFiles.reduce((total, { contents }) => total + gzippedSize(contents), 0);
}
