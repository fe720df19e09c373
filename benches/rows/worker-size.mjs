// @ts-check
/**
 * The size of a Worker that serves queries and removals on D1: all its code, including the core's
 * module, bundled like wrangler does. A second row is the additional size with the admin API.
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
      what: "a Worker that serves the admin API on D1: additional size, gzip -9",
      amount: adminApi - services,
      unit: "KB",
      budget: ADMIN_API_BUDGET,
    },
  ];
}

/**
 * The size of all its code. It includes the OpenAPI document, because there is only one file.
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
