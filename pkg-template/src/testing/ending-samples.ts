/**
 * Steps for the cases of `atomic`, and functions that read the stores and the results.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type {
  AtomicEnding,
  EndedSessions,
  EndingNotices,
  EndingPick,
  EndingStep,
  LogoutNotification,
  LogoutOutbox,
  Position,
  SessionStore,
  StoredSession,
} from "../types.js";
import { at, keysOf, notification, rowIdsIn, session } from "./samples.js";

/** The default time at which notifications are recorded. */
export const RECORDED = 7_000;

/** All sessions of one subject. */
export const OF_ALICE = { subjectId: { equals: "alice" } } as const;

/** A session whose session id is its key, to recognize it in results. */
export function row(key: string, members: Partial<StoredSession> = {}): StoredSession {
  return session(key, { sessionId: key, ...members });
}

/** All sessions, unless the members say otherwise. */
export function pick(members: Partial<EndingPick> = {}): EndingPick {
  return { filter: {}, order: "oldest", limit: 100, ...members };
}

/** A step that ends all sessions, unless the members say otherwise. */
export function step(members: Partial<EndingStep> = {}): EndingStep {
  return { ...pick(), details: true, ...members };
}

/** Notifications for all clients by session, unless the members say otherwise. */
export function notices(members: Partial<EndingNotices> = {}): EndingNotices {
  return {
    clients: [],
    others: true,
    reason: "terminated",
    created: RECORDED,
    returned: 1_000,
    ...members,
  };
}

/** The result of a step that ended no session, recorded nothing and removed no grant. */
export const NOTHING_ENDED: EndedSessions = {
  ended: 0,
  sessions: [],
  recorded: 0,
  notifications: [],
  tokens: 0,
  consents: 0,
  other: 0,
  more: false,
};

/** The session ids in a result, sorted. */
export function endedIn({ sessions }: EndedSessions): string[] {
  assert.ok(sessions !== undefined, "the result must list the sessions: `details` is true");
  return sessions.map(({ sessionId }) => sessionId).sort();
}

/**
 * Stops steps that never end. A store that ends few sessions at a time needs more steps than
 * others.
 */
const MAX_STEPS = 1_000;

/** Runs a step until no more sessions match. */
export async function endAll(
  atomic: Pick<AtomicEnding, "endSessions">,
  step: EndingStep,
): Promise<EndedSessions[]> {
  const results: EndedSessions[] = [];
  let isMore = true;
  while (isMore) {
    const result = await atomic.endSessions(step);
    assert.ok(result.ended <= step.limit, "a step ends at most `limit` sessions");
    assert.ok(results.push(result) <= MAX_STEPS, "the steps do not end");
    isMore = result.more;
  }
  return results;
}

type Order = EndingPick["order"];

/** The order of the rows, which depends on the store: the keys and the positions, first to last. */
export type Places = {
  readonly [Name in Order]: { keys: readonly string[]; positions: readonly Position[] };
};

/** Reads the order of the rows from the store. */
export async function placesIn(sessions: Pick<SessionStore, "list">): Promise<Places> {
  const placesBy = async (order: Order) => {
    const page = await sessions.list({ filter: {}, order, limit: 1_000 });
    return { keys: keysOf(page.sessions), positions: page.positions };
  };
  return { oldest: await placesBy("oldest"), expiry: await placesBy("expiry") };
}

/** The position of the row with this key. */
export function positionOf(places: Places, order: Order, key: string): Position {
  const { keys, positions } = places[order];
  return at(positions, indexOf(keys, key));
}

function indexOf(keys: readonly string[], key: string): number {
  const index = keys.indexOf(key);
  assert.ok(index >= 0, `the store doesn't list the session ${key}`);
  return index;
}

/** The row ids by key. */
export async function rowIdsOf(
  sessions: Pick<SessionStore, "list">,
  order: Order = "oldest",
): Promise<(key: string) => string> {
  const page = await sessions.list({ filter: {}, order, limit: 1_000 });
  const keys = keysOf(page.sessions);
  return (key) => at(rowIdsIn(page), indexOf(keys, key));
}

/**
 * The notification in the form that the cases compare: a store may include the kind `logout` or
 * omit it, and may omit `notBefore`, which the outbox shows as the time of the next attempt.
 */
export function noticeForm({ notBefore: _, ...entry }: LogoutNotification): LogoutNotification {
  return { kind: "logout", ...entry };
}

/** A recorded notification with its required members and the given ones. */
export function notice(id: string, members: Partial<LogoutNotification> = {}): LogoutNotification {
  return noticeForm(notification(id, { created: RECORDED, subjectId: "alice", ...members }));
}

/** Compares by id, for `sort`. */
export function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : 1;
}

/** The notifications in a result, in the order of their ids. */
export function noticesIn({ notifications }: EndedSessions): LogoutNotification[] {
  return notifications.map(noticeForm).sort(byId);
}

/** Later than all times in the cases. */
const LATER = 1_000_000;

/** Everything in the outbox that isn't settled, in the order of the ids. Leases it. */
export async function claimedFrom(outbox: LogoutOutbox): Promise<LogoutNotification[]> {
  const claimed = await outbox.claim({ now: LATER, limit: 10_000, leaseFor: 1 });
  return claimed.map(noticeForm).sort(byId);
}

/** The ids in the outbox. */
export async function idsIn(outbox: LogoutOutbox): Promise<string[]> {
  return (await outbox.list({})).map(({ id }) => id);
}
