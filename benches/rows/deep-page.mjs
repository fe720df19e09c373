// @ts-check
/**
 * A page far down the list over the first one: what must not depend on how far down it is.
 *
 * Without a count, which would hide the rest: it takes the same time for both. The page far down takes one more look into the store
 * than the first one, to tell whether there are sessions ahead of it; the second page takes it too.
 *
 * @module
 */

/** @import { SessionStore } from "../../pkg/index.js" */
/** @import { Finding, Scale } from "../findings.mjs" */

import { SessionManagement } from "../../pkg/entry/node.js";
import { pairedRatio } from "../paired.mjs";
import { filledMemory, filledSqlite } from "../stores.mjs";

const BUDGET = 1.2;
const PAGE_SIZE = 25;

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  const sqlite = await filledSqlite(total);
  const findings = await compare("SQLite", sqlite.stores.sessions, total);
  await sqlite.close();
  const memory = await filledMemory(total);
  return [...findings, ...(await compare("memory", memory.sessions, total))];
}

/**
 * @param {string} name
 * @param {SessionStore} store
 * @param {number} total
 * @returns {Promise<Finding[]>}
 */
async function compare(name, store, total) {
  const management = new SessionManagement({ sessions: store });
  const last = Math.ceil(total / PAGE_SIZE);
  const first = await management.querySessions({ count: "none" });
  const token = await tokenOfLastPageButOne(store, total);
  const firstPage = () => management.querySessions({ count: "none" });
  const secondPage = () => management.querySessions({ count: "none", resultsToken: first.resultsToken ?? "" });
  const lastPage = () => management.querySessions({ count: "none", resultsToken: token });
  await checkLastPage(store, await lastPage());

  const what = `page ${last.toLocaleString("en")} of ${total.toLocaleString("en")} sessions, ${name}`;
  return [
    { what: `${what}: over page 1`, ratio: await pairedRatio(lastPage, firstPage), budget: BUDGET },
    { what: `${what}: over page 2`, ratio: await pairedRatio(lastPage, secondPage) },
  ];
}

/**
 * The token that leads to the last page. Paging there would take 40,000 calls; a store that begins one page before the end is the
 * same to the core.
 *
 * @param {SessionStore} store
 * @param {number} total
 */
async function tokenOfLastPageButOne(store, total) {
  const left = PAGE_SIZE + (total % PAGE_SIZE || PAGE_SIZE);
  const { positions } = await store.list({ filter: {}, order: "newest", fromEnd: true, limit: left + 1 });
  const after = positions[0] ?? "";
  const beginsThere = {
    ...store,
    list: (/** @type {Parameters<SessionStore["list"]>[0]} */ request) => store.list({ after, ...request }),
  };
  const page = await new SessionManagement({ sessions: beginsThere }).querySessions({ count: "none" });
  return page.resultsToken ?? "";
}

/**
 * @param {SessionStore} store
 * @param {import("../../pkg/index.js").QueryResult} page
 */
async function checkLastPage(store, { results, hasPrevResults, hasNextResults }) {
  const { sessions } = await store.list({ filter: {}, order: "newest", fromEnd: true, limit: PAGE_SIZE });
  const isLast = results.every(({ sessionId }, index) => sessionId === sessions[index]?.sessionId);
  if (results.length !== sessions.length || !isLast || !hasPrevResults || hasNextResults) {
    throw new Error("what was to be the last page is another one");
  }
}
