// @ts-check
/**
 * The sessions with which every peer is filled and queried.
 *
 * @module
 */

/** @import { StoredSession } from "../../pkg/index.js" */

import { CLIENT_IDS, makeSession, subjectsOf } from "../sessions.mjs";

/** The number of sessions that a peer is asked for in turn. */
const CHECKED = 500;
/** The number of subjects that a peer is asked for in turn. */
const SUBJECTS = 500;
/** A prime that doesn't divide the totals. Steps of this length visit all items, far apart. */
const STRIDE = 7_919;

/** Milliseconds. */
const DAY = 24 * 3_600 * 1_000;
const TEN_YEARS = 3_652 * DAY;

/** The number of sessions of a subject whose page is requested. */
export const PAGE_SUBJECT_SIZE = 50;
/** The lifetime of sessions that a peer stores during a run, in milliseconds. */
export const LIFETIME = 14 * DAY;
export const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/**
 * A made-up session with two clients. It expires in some years, because some peers don't list
 * expired sessions, and some have no sessions without an expiry.
 *
 * @param {number} number from 0
 * @param {number} total the number of sessions
 * @returns {StoredSession & { expires: number }}
 */
export function peerSession(number, total) {
  const session = makeSession(number, total);
  // 7 has no common factor with the number of clients, so no client comes twice.
  const clients = [number, number + 7].map((client) => ({
    clientId: CLIENT_IDS[client % CLIENT_IDS.length] ?? "",
  }));
  return { ...session, clients, expires: (session.expires ?? session.renewed) + TEN_YEARS };
}

/**
 * Sessions whose subjects, names, addresses and clients a peer stores itself, for the checks.
 *
 * @param {number} total
 */
export function checkedSessions(total) {
  return Array.from({ length: CHECKED }, (_, index) =>
    peerSession((index * STRIDE) % total, total),
  );
}

/**
 * The ids of subjects with enough sessions for a page.
 *
 * @param {number} total
 */
export function pageSubjects(total) {
  const all = subjectsOf(PAGE_SUBJECT_SIZE, total).filter(
    ({ sessions }) => sessions === PAGE_SUBJECT_SIZE,
  );
  const step = Math.max(1, Math.floor(all.length / SUBJECTS));
  return all.filter((_, index) => index % step === 0).map(({ subjectId }) => subjectId);
}

/**
 * Returns one item after another, forever.
 *
 * @template Item
 * @param {Item[]} items
 * @returns {() => Item}
 */
export function turns(items) {
  let turn = 0;
  return () => {
    const item = items[(turn * STRIDE) % items.length];
    if (item === undefined) throw new Error("there are no items");
    turn += 1;
    return item;
  };
}
