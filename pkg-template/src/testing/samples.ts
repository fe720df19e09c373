/**
 * Samples for the cases, and functions that page through a store.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type {
  LogoutNotification,
  MaybePromise,
  PersistedGrant,
  Position,
  RemovedSession,
  SessionStore,
  StoredSession,
  StoreListRequest,
  StorePage,
} from "../types.js";

/**
 * A string with more bytes than some databases allow in a pattern (50 on D1), and in lower case
 * like a folded name.
 */
export const LONG_TEXT = "łódź, 日本語 ☎ 😀 und noch vieles mehr, größer als manches muster";

/** A session with its required members and the given ones. */
export function session(key: string, members: Partial<StoredSession> = {}): StoredSession {
  return {
    key,
    scheme: "default",
    subjectId: "alice",
    sessionId: `sid of ${key}`,
    created: 1_000,
    renewed: 1_000,
    clients: [],
    ...members,
  };
}

/** A session with all members. */
export function fullSession(key: string): StoredSession {
  return session(key, {
    displayName: "Älice Ünäl",
    displayNameFolded: "älice ünäl",
    issuer: "https://id.example.com",
    renewed: 2_000,
    expires: 3_000,
    clients: [{ clientId: "shop" }, { clientId: "forum", sessionId: "sid at the forum" }],
    ipAddress: "2001:db8::1",
    userAgent: 'Browser/1.0 ("quoted"; it\'s %_\\)',
    attributes: { device: "phone", "odd name": "☎ 'quoted'" },
    ticket: `v1.${"sealed".repeat(500)}`,
  });
}

/** A grant with its required members and the given ones. */
export function grant(key: string, members: Partial<PersistedGrant> = {}): PersistedGrant {
  return {
    key,
    type: "refresh_token",
    clientId: "shop",
    created: new Date(1_000),
    data: "opaque",
    ...members,
  };
}

/** A notification with its required members and the given ones. */
export function notification(
  id: string,
  members: Partial<LogoutNotification> = {},
): LogoutNotification {
  return { id, clientId: "shop", reason: "terminated", attempt: 0, created: 1_000, ...members };
}

/** Stores sessions, one after the other. */
export async function createAll(
  sessions: Pick<SessionStore, "create">,
  rows: readonly StoredSession[],
): Promise<void> {
  for (const row of rows) {
    await sessions.create(row);
  }
}

/** All sessions in the store, up to 1,000, in the order of their keys. */
export async function sessionsIn(sessions: Pick<SessionStore, "list">): Promise<StoredSession[]> {
  const page = await sessions.list({ filter: {}, order: "oldest", limit: 1_000 });
  return [...page.sessions].sort(byKey);
}

/** The id of each row, as notifications use it. */
export function rowIdsIn({ ids, positions }: StorePage): readonly string[] {
  return ids ?? positions;
}

/** The members that `remove` promises; it may return more. */
export function removedForm({
  key,
  subjectId,
  sessionId,
  issuer,
  clients,
}: RemovedSession): RemovedSession {
  return { key, subjectId, sessionId, ...(issuer !== undefined && { issuer }), clients };
}

/** Starts two calls at once, in this order if `n` is even, and in the other order if it is odd. */
export async function together<One, Other>(
  n: number,
  one: () => MaybePromise<One>,
  other: () => MaybePromise<Other>,
): Promise<[Awaited<One>, Awaited<Other>]> {
  const start = async <Result>(call: () => MaybePromise<Result>) => call();
  const early = n % 2 === 1 ? start(other) : undefined;
  return Promise.all([start(one), early ?? start(other)]);
}

/** The result of a call, or `undefined` if it rejects, because some stores reject its arguments. */
export async function settled<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
  return call().catch(() => undefined);
}

/** Compares by key, for `sort`. */
export function byKey(one: { key: string }, other: { key: string }): number {
  return one.key < other.key ? -1 : 1;
}

export function keysOf(rows: readonly { key: string }[]): string[] {
  return rows.map(({ key }) => key);
}

/** Items of a list, `total` of them, each made from its number. */
export function times<T>(total: number, make: (n: number) => T): T[] {
  return Array.from({ length: total }, (_, n) => make(n));
}

/** The item at an index, from the end if it is negative. Fails if there is none. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list.at(index);
  assert.ok(item !== undefined, `there is no item ${index} in a list of ${list.length}`);
  return item;
}

// Stops a store whose pages never end, so that it fails instead of hanging.
const MAX_PAGES = 1_000;

type Request = Pick<StoreListRequest, "filter" | "order" | "limit">;

/** All pages from one end to the other, as lists of keys; `onPage` is awaited between two pages. */
export function pagesOf(
  sessions: SessionStore,
  request: Request,
  onPage?: OnPage,
): Promise<string[][]> {
  return walk(sessions, request, {}, ({ positions }) => ({ after: at(positions, -1) }), onPage);
}

/** All pages from the last one to the first, as lists of keys. */
export function pagesFromEnd(
  sessions: SessionStore,
  request: Request,
  onPage?: OnPage,
): Promise<string[][]> {
  return walk(
    sessions,
    request,
    { fromEnd: true },
    ({ positions }) => ({ before: at(positions, 0) }),
    onPage,
  );
}

type OnPage = (page: StorePage) => Promise<void>;

async function walk(
  sessions: SessionStore,
  request: Request,
  start: { fromEnd?: boolean },
  next: (page: StorePage) => { after?: Position; before?: Position },
  onPage: OnPage = async () => {},
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let page = await sessions.list({ ...request, ...start }); page.sessions.length > 0; ) {
    assert.equal(page.positions.length, page.sessions.length, "one position a row");
    assert.equal(rowIdsIn(page).length, page.sessions.length, "one id for each row");
    assert.ok(pages.push(keysOf(page.sessions)) <= MAX_PAGES, "the pages do not end");
    await onPage(page);
    page = await sessions.list({ ...request, ...next(page) });
  }
  return pages;
}
