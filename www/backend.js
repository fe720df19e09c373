// @ts-check
/**
 * Where the sessions come from: a server's admin API, or the package itself in this page.
 *
 * @module
 */

/** @import { QueryResult, RemovalReport, SessionQuery } from "../pkg/index.js" */
/** @import { Removal } from "./removal-form.js" */

import { Problem } from "./problem.js";
import { serverBackend } from "./server.js";

/**
 * The administrator, and the session that the console is used with.
 *
 * @typedef {object} Me
 * @property {string} [subjectId]
 * @property {string} [sessionId]
 * @property {string} [displayName]
 */

/**
 * What the page needs. Everything rejects with a `Problem` or a `RollcallError`.
 *
 * @typedef {object} Backend
 * @property {boolean} isDemo
 * @property {() => Promise<Me>} me
 * @property {(query: SessionQuery, options?: { signal?: AbortSignal }) => Promise<QueryResult>}
 * query
 * @property {(removal: Removal, options?: { signal?: AbortSignal }) =>
 * Promise<RemovalReport>} remove
 */

/**
 * What `me` fails with where no admin API stands beside the page: a static file server, or none at
 * all.
 */
const NO_SERVER = new Set(["no_api", "unreachable"]);

/**
 * Finds out which of the two it is, and who is asking. A page whose address says `?demo`, or that
 * has no admin API beside it, is the demo.
 *
 * @returns {Promise<{ backend: Backend, me: Me }>}
 */
export async function connect() {
  if (!new URLSearchParams(location.search).has("demo")) {
    const backend = serverBackend();
    const me = await backend.me().catch((problem) => {
      if (!NO_SERVER.has(problem.code)) throw problem;
    });
    if (me !== undefined) return { backend, me };
  }
  const backend = await openDemo();
  return { backend, me: await backend.me() };
}

/** @returns {Promise<Backend>} */
async function openDemo() {
  // Loaded only here: with a server behind the page nobody needs the wasm.
  const { demoBackend } = await import("./demo.js").catch((cause) => {
    throw new Problem("package_missing", "the package could not be loaded", { cause });
  });
  return demoBackend();
}
