// @ts-check
/**
 * Four processes that remove, renew, expire and page the same sessions on one PostgreSQL server at
 * the same time. The row fails if an action is lost or repeated, or if there is a deadlock.
 * `tests/stores/postgres-crowd.test.mjs` tests the same with fewer sessions.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

import { startPostgres } from "../../tests/servers/postgres.mjs";

/** The numbers of subjects that are removed and that have expired. */
const LEAVING = 1_000;
const EXPIRED = 1_000;
/** For each process. */
const RENEWALS = 20_000;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  // A computed path keeps the compiler from checking the test, which isn't typed.
  const crowd = new URL("../../tests/stores/crowd.mjs", import.meta.url).href;
  const { runCrowd, SESSIONS_A_SUBJECT } = await import(crowd);
  const server = await startPostgres({ settings: { shared_buffers: "1GB" } });
  /** @type {{ removed: number, renewed: number, pages: number }[]} */
  const reports = await runCrowd(server.url, {
    subjects: total / SESSIONS_A_SUBJECT,
    leaving: LEAVING,
    expired: EXPIRED,
    renewals: RENEWALS,
  });
  await server.stop();
  const what = `four processes at once among ${total.toLocaleString("en")} sessions, PostgreSQL`;
  const sum = (/** @type {"removed" | "renewed" | "pages"} */ name) =>
    reports.reduce((total, report) => total + report[name], 0);
  return [
    { what: `${what}: removed, each once`, amount: sum("removed"), unit: "sessions" },
    { what: `${what}: renewed`, amount: sum("renewed"), unit: "sessions" },
    {
      what: `${what}: pages of 500, no session missing or twice`,
      amount: sum("pages"),
      unit: "pages",
    },
  ];
}
