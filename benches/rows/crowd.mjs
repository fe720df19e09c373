// @ts-check
/**
 * Four processes that remove, renew, expire and page the same sessions on one PostgreSQL at once:
 * nothing is lost or done twice, and nobody waits in a circle, or this row fails. The test of the
 * same (`tests/stores/postgres-crowd.test.mjs`) has fewer sessions.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */

import { startPostgres } from "../../tests/servers/postgres.mjs";

/** How many subjects leave, and how many have expired. */
const LEAVING = 1_000;
const EXPIRED = 1_000;
/** By each process. */
const RENEWALS = 20_000;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  // By a name that the compiler does not follow: the tests are not written for it.
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
      what: `${what}: pages of 500, with nobody missing or twice`,
      amount: sum("pages"),
      unit: "pages",
    },
  ];
}
