/**
 * Computes the results of a session store over a plain array: the slow and obvious way.
 *
 * The order of two sessions with the same time depends on the store. So it is read from the store,
 * once for all sessions, and everything else must be consistent with it.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type {
  SessionCondition,
  SessionStore,
  StoredSession,
  StoreFilter,
  StoreText,
  StoreTimeRange,
} from "../types.js";
import { ORDERS, type Order } from "./case.js";
import { keysOf } from "./samples.js";

/** Whether a session matches a filter. Strings are compared by code unit. */
export function matches(filter: StoreFilter, session: StoredSession): boolean {
  const { subjectId, sessionId, displayName, search, clientId, issuer, issuers, ipAddress } =
    filter;
  const name = session.displayNameFolded;
  return (
    matchesText(subjectId, session.subjectId) &&
    matchesText(sessionId, session.sessionId) &&
    (displayName === undefined || (name !== undefined && matchesText(displayName, name))) &&
    (search === undefined ||
      session.subjectId === search.id ||
      session.sessionId === search.id ||
      (name?.includes(search.name) ?? false)) &&
    (clientId === undefined || session.clients.some((client) => client.clientId === clientId)) &&
    (issuer === undefined || session.issuer === issuer) &&
    (issuers === undefined || (session.issuer !== undefined && issuers.includes(session.issuer))) &&
    (ipAddress === undefined || session.ipAddress === ipAddress) &&
    isWithin(filter.created, session.created) &&
    isWithin(filter.renewed, session.renewed) &&
    isWithin(filter.expires, session.expires) &&
    (filter.activeAt === undefined ||
      session.expires === undefined ||
      session.expires > filter.activeAt) &&
    (filter.expiredAt === undefined ||
      (session.expires !== undefined && session.expires <= filter.expiredAt))
  );
}

/** Whether a session meets a condition. */
export function meets(condition: SessionCondition, session: StoredSession): boolean {
  const { subjectId, sessionId, expires, renewed, expiredAt } = condition;
  return (
    (subjectId === undefined || session.subjectId === subjectId) &&
    (sessionId === undefined || session.sessionId === sessionId) &&
    (expires === undefined || session.expires === (expires ?? undefined)) &&
    (renewed === undefined || session.renewed === renewed) &&
    (expiredAt === undefined || matches({ expiredAt }, session))
  );
}

function matchesText(wanted: StoreText | undefined, text: string): boolean {
  if (wanted === undefined) return true;
  if ("equals" in wanted) return text === wanted.equals;
  return "startsWith" in wanted
    ? text.startsWith(wanted.startsWith)
    : text.includes(wanted.contains);
}

function isWithin(range: StoreTimeRange | undefined, time: number | undefined): boolean {
  if (range === undefined) return true;
  return (
    time !== undefined &&
    (range.after === undefined || range.after <= time) &&
    (range.before === undefined || time < range.before)
  );
}

/** The keys of all sessions in each order. */
export type Arrangement = { readonly [Name in Order]: readonly string[] };

/**
 * Reads the order of these sessions, which are all that the store has, and checks it except for the
 * tie-break.
 */
export async function arrangementOf(
  sessions: SessionStore,
  rows: readonly StoredSession[],
): Promise<Arrangement> {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const keys: { [Name in Order]: string[] } = { newest: [], oldest: [], expiry: [] };
  for (const order of ORDERS) {
    keys[order] = keysOf(
      (await sessions.list({ filter: {}, order, limit: rows.length + 1 })).sessions,
    );
    const expected = rows.filter(({ expires }) => order !== "expiry" || expires !== undefined);
    assert.deepEqual(
      [...keys[order]].sort(),
      keysOf(expected).sort(),
      `everybody is listed once, ${order}`,
    );
    const time = (key: string) => timeOf(byKey.get(key), order);
    const sorted = [...keys[order]].sort((one, other) =>
      order === "newest" ? time(other) - time(one) : time(one) - time(other),
    );
    assert.deepEqual(keys[order], sorted, `sorted by time, ${order}`);
  }
  assert.deepEqual(
    keys.newest,
    [...keys.oldest].reverse(),
    "`newest` is `oldest` turned round, also among those of one instant",
  );
  return keys;
}

function timeOf(row: StoredSession | undefined, order: Order): number {
  return (order === "expiry" ? row?.expires : row?.created) ?? Number.NaN;
}

/** The sessions that match, in this order. */
export function listed(
  rows: readonly StoredSession[],
  filter: StoreFilter,
  order: Order,
  arrangement: Arrangement,
): StoredSession[] {
  const places = new Map(arrangement[order].map((key, place) => [key, place]));
  const place = ({ key }: StoredSession) => places.get(key) ?? Number.NaN;
  return rows
    .filter((row) => matches(filter, row) && (order !== "expiry" || row.expires !== undefined))
    .sort((one, other) => place(one) - place(other));
}
