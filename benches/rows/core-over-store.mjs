// @ts-check
/**
 * A page through the core, over the same store called by hand.
 *
 * The code by hand is the minimum for this one page. It makes the same calls of the store, with the
 * same concurrency, and turns the rows into the same results. The core additionally checks the
 * query and the rows, makes the results token, and limits the time of each call of the store.
 *
 * @module
 */

/** @import { QueryResult, SessionStore, StoredSession } from "../../pkg/index.js" */
/** @import { StoreFilter, UserSession } from "../../pkg/index.js" */
/** @import { Finding, Scale } from "../findings.mjs" */

import { deepStrictEqual } from "node:assert";
import { SessionManagement } from "../../pkg/entry/node.js";
import { filledSqlite } from "../engines/sqlite.mjs";
import { pairedRatio } from "../paired.mjs";
import { subjectsOf } from "../sessions.mjs";

const BUDGET = 1.2;
const PAGE_SIZE = 25;
const SUBJECT_SIZE = 100;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  const { stores, close } = await filledSqlite(total);
  const management = new SessionManagement(stores);
  const first = await management.querySessions({ count: "none" });
  const subject = subjectsOf(SUBJECT_SIZE, total)[0]?.subjectId ?? "";
  const filter = { subjectId: { equals: subject } };
  const { positions } = await stores.sessions.list({
    filter: {},
    order: "newest",
    limit: PAGE_SIZE,
  });
  // Like the core, the query includes the last row of the previous page, which shows that there is
  // one.
  const after = positions.at(-2) ?? "";
  const resultsToken = first.resultsToken ?? "";

  /**
   * @type {[what: string, core: () => Promise<QueryResult>, byHand: () => Promise<PageByHand>][]}
   */
  const cases = [
    [
      "first page, no count",
      () => management.querySessions({ count: "none" }),
      () => pageByHand(stores.sessions, {}),
    ],
    [
      "next page, no count",
      () => management.querySessions({ count: "none", resultsToken }),
      () => pageByHand(stores.sessions, { after }),
    ],
    [
      "first page, exact count",
      () => management.querySessions(),
      () => pageByHand(stores.sessions, { count: true }),
    ],
    [
      `first page of a subject with ${SUBJECT_SIZE} sessions, exact count`,
      () => management.querySessions({ subjectId: subject }),
      () => pageByHand(stores.sessions, { filter, count: true }),
    ],
  ];
  const findings = [];
  for (const [what, core, byHand] of cases) {
    checkAlike(await core(), await byHand());
    findings.push({
      what: `${what}, SQLite: the core, over the store by hand`,
      ratio: await pairedRatio(core, byHand),
      budget: BUDGET,
    });
  }
  await close();
  return findings;
}

/**
 * @typedef {Omit<QueryResult, "resultsToken" | "currentPage"> & { first?: string, last?: string }}
 * PageByHand
 */

/**
 * One page without the core.
 *
 * @param {SessionStore} store
 * @param {{ filter?: StoreFilter, after?: string, count?: boolean }} wanted
 * @returns {Promise<PageByHand>}
 */
async function pageByHand(store, { filter = {}, after, count = false }) {
  const [page, totalCount] = await Promise.all([
    listByHand(store, filter, after),
    count ? store.count?.(filter) : undefined,
  ]);
  const results = page.sessions.slice(0, PAGE_SIZE).map(userSession);
  return {
    results,
    first: page.positions[0] ?? "",
    last: page.positions[results.length - 1] ?? "",
    hasPrevResults: page.hasPrevResults,
    hasNextResults: page.sessions.length > PAGE_SIZE,
    ...(totalCount !== undefined && { totalCount, totalPages: Math.ceil(totalCount / PAGE_SIZE) }),
  };
}

/**
 * @param {SessionStore} store
 * @param {StoreFilter} filter
 * @param {string | undefined} after
 */
async function listByHand(store, filter, after) {
  const order = "newest";
  const limit = PAGE_SIZE + 1;
  if (after === undefined) {
    return { ...(await store.list({ filter, order, limit })), hasPrevResults: false };
  }
  const { sessions, positions } = await store.list({ filter, order, after, limit: limit + 1 });
  return { sessions: sessions.slice(1), positions: positions.slice(1), hasPrevResults: true };
}

/**
 * @param {StoredSession} row
 * @returns {UserSession}
 */
function userSession(row) {
  /** @type {UserSession} */
  const session = {
    subjectId: row.subjectId,
    sessionId: row.sessionId,
    created: new Date(row.created),
    renewed: new Date(row.renewed),
    clientIds: row.clients.map(({ clientId }) => clientId),
  };
  if (row.displayName !== undefined) session.displayName = row.displayName;
  if (row.issuer !== undefined) session.issuer = row.issuer;
  if (row.expires !== undefined) session.expires = new Date(row.expires);
  if (row.ipAddress !== undefined) session.ipAddress = row.ipAddress;
  if (row.userAgent !== undefined) session.userAgent = row.userAgent;
  if (row.attributes !== undefined) session.attributes = row.attributes;
  return session;
}

/**
 * Throws unless both did the same work.
 *
 * @param {QueryResult} core
 * @param {PageByHand} byHand
 */
function checkAlike(
  { resultsToken: _token, currentPage: _number, ...core },
  { first: _first, last: _last, ...byHand },
) {
  deepStrictEqual(byHand, core);
}
