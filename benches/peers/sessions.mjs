// @ts-check
/**
 * The sessions that every peer is filled with and asked for.
 *
 * @module
 */

/** @import { StoredSession } from "../../pkg/index.js" */

import { CLIENT_IDS, makeSession, subjectsOf } from "../sessions.mjs";

/** How many sessions a peer is asked for in turn. */
const CHECKED = 500;
/** How many subjects a peer is asked for in turn. */
const SUBJECTS = 500;
/** A prime that divides no number of ours: in its steps, turns visit everything, far apart. */
const STRIDE = 7_919;

/** Milliseconds. */
const DAY = 24 * 3_600 * 1_000;
const TEN_YEARS = 3_652 * DAY;

/** How many sessions the subjects of a page have. */
export const PAGE_SUBJECT_SIZE = 50;
/** How long the sessions last that a peer stores during a run, in milliseconds. */
export const LIFETIME = 14 * DAY;
export const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/**
 * A made-up session with two clients that ends in years: some peers don't list expired sessions,
 * and some have no session that lasts forever.
 *
 * @param {number} number from 0
 * @param {number} total how many there are
 * @returns {StoredSession & { expires: number }}
 */
export function peerSession(number, total) {
  const session = makeSession(number, total);
  // 7 has no divisor in common with the number of clients.
  const clients = [number, number + 7].map((client) => ({
    clientId: CLIENT_IDS[client % CLIENT_IDS.length] ?? "",
  }));
  return { ...session, clients, expires: (session.expires ?? session.renewed) + TEN_YEARS };
}

/**
 * The subjects, names, addresses and clients of the sessions that are stored again by a peer
 * itself, to be checked.
 *
 * @param {number} total
 */
export function checkedSessions(total) {
  return Array.from({ length: CHECKED }, (_, index) =>
    peerSession((index * STRIDE) % total, total),
  );
}

/**
 * The ids of subjects that have as many sessions as a page needs.
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
 * Returns one item after the other, forever.
 *
 * @template Item
 * @param {Item[]} items
 * @returns {() => Item}
 */
export function turns(items) {
  let turn = 0;
  return () => {
    const item = items[(turn * STRIDE) % items.length];
    if (item === undefined) throw new Error("there is nothing to take turns in");
    turn += 1;
    return item;
  };
}
