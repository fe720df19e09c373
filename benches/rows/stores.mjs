// @ts-check
/**
 * The operations of administrators on every store, with many sessions over the same with few. Some
 * must not depend on the number of sessions, others do. Also a page far down the list over the
 * first one.
 *
 * If the store is in another process, wall time is measured, which includes the store and the
 * connection. Otherwise it's the processor time of this process.
 *
 * @module
 */

/** @import { Host, SessionQuery, StoredSession, QueryResult } from "../../pkg/index.js" */
/** @import { Finding, Scale } from "../findings.mjs" */
/** @import { Side } from "../paired.mjs" */

import { randomBytes } from "node:crypto";
import { SessionManagement } from "../../pkg/entry/node.js";
import { filledMariadb } from "../engines/mariadb.mjs";
import { filledMemory } from "../engines/memory.mjs";
import { filledPostgres } from "../engines/postgres.mjs";
import { filledRedis } from "../engines/redis.mjs";
import { filledSqlite } from "../engines/sqlite.mjs";
import { pairedRatio } from "../paired.mjs";
import { CLIENT_IDS, makeSession, subjectsOf } from "../sessions.mjs";

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {"processor" | "wall"} clock
 * @property {(total: number) => Promise<{ stores: Stores, close: () => Promise<unknown> }>} filled
 * @property {boolean} [pagesOnly] whether only the first page, the last page and pages by subject
 * are measured
 */

/**
 * @typedef {Required<Pick<Host, "sessions" | "grants" | "outbox">> & Pick<Host, "atomic">} Stores
 */

/** @type {Engine[]} */
const ENGINES = [
  { name: "memory", clock: "processor", filled: filledMemory },
  { name: "SQLite", clock: "processor", filled: filledSqlite },
  { name: "PostgreSQL", clock: "wall", filled: filledPostgres },
  { name: "MariaDB", clock: "wall", filled: filledMariadb },
  { name: "Redis", clock: "wall", filled: (total) => filledRedis(total) },
  {
    name: "Redis in 16 partitions",
    clock: "wall",
    filled: (total) => filledRedis(total, 16),
    pagesOnly: true,
  },
];

const DEEP_PAGE_BUDGET = 1.2;
const SUBJECT_PAGE_BUDGET = 1.5;
const PAGE_SIZE = 25;
/** Enough sessions for a full page. */
const SUBJECT_SIZE = 50;
/** The number of sessions of a subject that is removed. */
const REMOVED_SIZE = 100;
/** A prime. Steps of this length visit every subject, and consecutive ones differ in size. */
const STRIDE = 7_919;
/** The warm-up time before measuring subjects, in ms. */
const CACHE_TIME = 12_000;
/** A part of the usual time, because there are many rows and most ratios are clear. */
const EFFORT = 0.3;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: many, fewSessions: few }) {
  const findings = [];
  for (const engine of ENGINES) {
    console.error(`  on ${engine.name}`);
    const large = await engine.filled(many);
    const small = await engine.filled(few);
    findings.push(...(await measureEngine(engine, large.stores, many, small.stores, few)));
    await large.close();
    await small.close();
  }
  return findings;
}

/**
 * @param {Engine} engine
 * @param {Stores} large
 * @param {number} many
 * @param {Stores} small
 * @param {number} few
 * @returns {Promise<Finding[]>}
 */
async function measureEngine({ name, clock, pagesOnly = false }, large, many, small, few) {
  const manner = { clock, effort: EFFORT };
  /** @type {Finding[]} */
  const findings = [];
  const overFew = async (
    /** @type {string} */ what,
    /** @type {(stores: Stores, total: number) => Side | Promise<Side>} */ side,
    /** @type {number} */ budget = Number.NaN,
  ) => {
    const ratio = await pairedRatio(await side(large, many), await side(small, few), manner);
    const title = `${name}: ${what}, ${many.toLocaleString("en")} over ${few.toLocaleString("en")} sessions`;
    findings.push({ what: title, ratio, ...(!Number.isNaN(budget) && { budget }) });
  };

  await overFew("first page", (stores) => asking(stores, { count: "none" }));
  findings.push({
    what: `${name}: page ${Math.ceil(many / PAGE_SIZE).toLocaleString("en")} over page 1`,
    ratio: await pairedRatio(
      await askingForLastPage(large, many),
      asking(large, { count: "none" }),
      { clock },
    ),
    budget: DEEP_PAGE_BUDGET,
  });
  await warmUp(askingForSubjects(large, many), askingForSubjects(small, few));
  await overFew("page by subject with its exact count", askingForSubjects, SUBJECT_PAGE_BUDGET);
  if (pagesOnly) return findings;

  await overFew("page by client", (stores) =>
    asking(stores, { clientId: CLIENT_IDS[3] ?? "", count: "none" }),
  );
  if (serves(large, "displayName.contains")) {
    await overFew("page by a part of a common name", (stores) =>
      asking(stores, { displayName: "müller", count: "none" }),
    );
    await overFew("page by a part of a name that matches no session", (stores) =>
      asking(stores, { displayName: "qqqq", count: "none" }, 0),
    );
  }
  await overFew("first page with the exact count", (stores) => asking(stores, {}));
  await overFew("first page with a capped count", (stores) => asking(stores, { count: "capped" }));
  await overFew("removal of one session", (stores) => removing(stores, 1));
  await overFew(`removal of a subject with ${REMOVED_SIZE} sessions`, (stores) =>
    removing(stores, REMOVED_SIZE),
  );
  return findings;
}

/**
 * Fills the caches of a server that has just started.
 *
 * @param {(() => Promise<unknown>)[]} calls
 */
async function warmUp(...calls) {
  const end = performance.now() + CACHE_TIME;
  while (performance.now() < end) {
    for (const call of calls) await call();
  }
}

/**
 * @param {Stores} stores
 * @param {string} filter
 */
function serves({ sessions }, filter) {
  const { filters } = sessions.capabilities ?? {};
  return filters === undefined || filters.some((name) => name === filter);
}

/**
 * @param {Stores} stores
 * @param {SessionQuery} query
 * @param {number} expected the number of results
 * @returns {() => Promise<QueryResult>}
 */
function asking(stores, query, expected = PAGE_SIZE) {
  const management = new SessionManagement(stores);
  return async () => {
    const page = await management.querySessions(query);
    if (page.results.length !== expected)
      throw new Error(`a page of ${JSON.stringify(query)} has ${page.results.length} sessions`);
    return page;
  };
}

/**
 * The last page, from the token of the page before. Paging there would take 40,000 calls. Instead,
 * the core gets a store that begins one page before the end.
 *
 * @param {Stores} stores
 * @param {number} total
 */
async function askingForLastPage(stores, total) {
  const { sessions } = stores;
  const left = PAGE_SIZE + (total % PAGE_SIZE || PAGE_SIZE);
  const { positions } = await sessions.list({
    filter: {},
    order: "newest",
    fromEnd: true,
    limit: left + 1,
  });
  const after = positions[0] ?? "";
  const beginsThere = {
    ...sessions,
    list: (/** @type {Parameters<typeof sessions.list>[0]} */ request) =>
      sessions.list({ after, ...request }),
  };
  const { resultsToken = "" } = await new SessionManagement({
    sessions: beginsThere,
  }).querySessions({ count: "none" });
  const ask = asking(stores, { count: "none", resultsToken });

  const { results, hasPrevResults, hasNextResults } = await ask();
  const end = await sessions.list({ filter: {}, order: "newest", fromEnd: true, limit: PAGE_SIZE });
  const isLast = results.every(
    ({ sessionId }, index) => sessionId === end.sessions[index]?.sessionId,
  );
  if (!isLast || !hasPrevResults || hasNextResults) throw new Error("the page is not the last one");
  return ask;
}

/**
 * Queries one subject after another, too many for the caches.
 *
 * @param {Stores} stores
 * @param {number} total
 */
function askingForSubjects(stores, total) {
  const subjects = subjectsOf(SUBJECT_SIZE, total);
  const management = new SessionManagement(stores);
  let turn = 0;
  return async () => {
    const { subjectId = "", sessions } = subjects[(turn * STRIDE) % subjects.length] ?? {};
    turn += 1;
    const { results, totalCount } = await management.querySessions({ subjectId });
    if (results.length !== PAGE_SIZE || totalCount !== sessions)
      throw new Error(`the page of \`${subjectId}\` is wrong`);
  };
}

/**
 * Removes a subject that has just signed in this many times. The notifications are recorded, and
 * delivered to a sender that answers at once.
 *
 * @param {Stores} stores
 * @param {number} size
 * @returns {Side}
 */
function removing(stores, size) {
  const management = new SessionManagement({
    ...stores,
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example.com/logout`,
    }),
    sendLogout: () => ({ delivered: true, status: 200 }),
  });
  /** @type {string[]} */
  const subjects = [];
  return {
    prepare: async (calls) => {
      for (let made = 0; made < calls; made += 1) {
        const subjectId = `leaving ${randomBytes(8).toString("hex")}`;
        await Promise.all(
          Array.from({ length: size }, (_, index) =>
            stores.sessions.create(newSession(subjectId, index)),
          ),
        );
        subjects.push(subjectId);
      }
    },
    call: async () => {
      const { sessionsRemoved, notifications } = await management.removeSessions({
        subjectId: subjects.pop() ?? "",
      });
      if (sessionsRemoved !== size || notifications.delivered === 0)
        throw new Error(`the removal ended ${sessionsRemoved} sessions`);
    },
  };
}

/**
 * @param {string} subjectId
 * @param {number} index
 * @returns {StoredSession}
 */
function newSession(subjectId, index) {
  const id = randomBytes(48).toString("hex");
  return {
    ...makeSession(index, 10_000),
    key: id.slice(0, 64),
    sessionId: id.slice(64),
    subjectId,
    created: Date.now(),
    renewed: Date.now(),
  };
}
