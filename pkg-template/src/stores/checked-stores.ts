/**
 * Checks the arguments of every store function, for all adapters. Without the check, a string would
 * be read as a list of characters, and a `Map` as an empty filter.
 *
 * @module
 */

import type {
  AtomicEnding,
  Delivery,
  EndedSessions,
  GrantCounts,
  GrantFilter,
  GrantStore,
  LogoutNotification,
  LogoutOutbox,
  OutboxFilter,
  PersistedGrant,
  RemovedSession,
  SessionCondition,
  SessionStore,
  SettledBefore,
  StoredSession,
  StoreFilter,
  StorePage,
} from "../types.js";
import { type CheckedPick, type CheckedStep, checkedPick, checkedStep } from "./ending.js";
import { type CheckedGrant, checkedGrant } from "./grant.js";
import { checkedGrantFilter } from "./grant-filter.js";
import {
  checkedCount,
  checkedList,
  checkedString,
  checkedTime,
  isStorable,
} from "./member-reader.js";
import {
  type CheckedClaim,
  type CheckedNotification,
  type CheckedResult,
  checkedClaim,
  checkedNotification,
  checkedResult,
  checkedSettledBefore,
} from "./notification.js";
import { checkedOutboxFilter } from "./outbox-filter.js";
import {
  type CheckedClient,
  type CheckedSession,
  checkedClient,
  checkedSession,
} from "./session.js";
import { type CheckedChange, checkedChange } from "./session-change.js";
import { checkedCondition } from "./session-condition.js";
import {
  type CheckedListRequest,
  checkedListRequest,
  checkedSessionFilter,
} from "./session-filter.js";
import { checkedKey } from "./session-key.js";

/** A session store that only receives checked arguments. */
export interface SessionAdapter {
  create(session: CheckedSession): Promise<void>;
  get(key: string): Promise<StoredSession | undefined>;
  update(key: string, change: CheckedChange, condition: SessionCondition): Promise<boolean>;
  /** Only for a store with several partitions. */
  sharePartition?(key: string, other: string): Promise<boolean>;
  addClient(key: string, client: CheckedClient, now: number): Promise<boolean>;
  list(request: CheckedListRequest): Promise<StorePage>;
  count(filter: StoreFilter, upTo: number | undefined): Promise<number>;
  remove(keys: readonly string[], condition: SessionCondition): Promise<RemovedSession[]>;
  forgetDevices(createdBefore: number, limit: number): Promise<number>;
}

/** A grant store that only receives checked arguments. */
export interface GrantAdapter {
  store(grant: CheckedGrant): Promise<void>;
  get(key: string): Promise<PersistedGrant | undefined>;
  list(filter: GrantFilter): Promise<PersistedGrant[]>;
  count(filter: GrantFilter): Promise<GrantCounts>;
  remove(filter: GrantFilter): Promise<GrantCounts>;
  removeExpired(now: number, limit: number): Promise<number>;
}

/** An outbox that only receives checked arguments. */
export interface OutboxAdapter {
  add(entries: readonly CheckedNotification[]): Promise<void>;
  claim(request: CheckedClaim): Promise<LogoutNotification[]>;
  settle(id: string, result: CheckedResult, now: number): Promise<void>;
  list(
    filter: OutboxFilter,
    after: string | undefined,
    limit: number | undefined,
  ): Promise<Delivery[]>;
  retry(id: string, now: number): Promise<boolean>;
  prune(settledBefore: SettledBefore, limit: number): Promise<number>;
}

/** An atomic ending that only receives checked arguments. */
export interface EndingAdapter {
  clientsOf(pick: CheckedPick): Promise<string[]>;
  endSessions(step: CheckedStep): Promise<EndedSessions>;
  admit(
    session: CheckedSession,
    limit: number,
    now: number,
    issuer: string | undefined,
  ): Promise<boolean>;
}

type Optional = "capabilities" | "sharePartition";

/** A session store with all optional functions, except those for partitions. */
export type CheckedSessionStore = Required<Omit<SessionStore, Optional>> &
  Pick<SessionStore, "sharePartition">;

/** Adds the checks: a bad argument rejects with `invalid_argument` before the store is called. */
export function checkedSessions(store: SessionAdapter): CheckedSessionStore {
  const { sharePartition } = store;
  return {
    create: async (session) => store.create(checkedSession(session)),
    get: async (key) => store.get(checkedKey(key, "the key")),
    update: async (key, change, condition) =>
      store.update(checkedKey(key, "the key"), checkedChange(change), checkedCondition(condition)),
    addClient: async (key, client, now) =>
      store.addClient(
        checkedKey(key, "the key"),
        checkedClient(client, "the client"),
        checkedTime(now, "`now`"),
      ),
    list: async (request) => store.list(checkedListRequest(request)),
    count: async (filter, upTo) =>
      store.count(checkedSessionFilter(filter), checkedLimit(upTo, "`upTo`")),
    remove: async (keys, condition) =>
      store.remove(checkedList(keys, "the keys", checkedKey), checkedCondition(condition)),
    forgetDevices: async (createdBefore, limit) =>
      store.forgetDevices(
        checkedTime(createdBefore, "`createdBefore`"),
        checkedCount(limit, "`limit`"),
      ),
    ...(sharePartition !== undefined && {
      sharePartition: async (key, other) =>
        sharePartition(checkedKey(key, "the key"), checkedKey(other, "the other key")),
    }),
  };
}

/** Adds the checks: a bad argument rejects with `invalid_argument` before the store is called. */
export function checkedGrants(store: GrantAdapter): Required<GrantStore> {
  return {
    store: async (grant) => store.store(checkedGrant(grant)),
    get: async (key) =>
      // Tokens are untrusted input: a key that no grant can have is unknown, not an error.
      typeof key === "string" && !isStorable(key)
        ? undefined
        : store.get(checkedString(key, "the key")),
    list: async (filter) => store.list(checkedGrantFilter(filter)),
    count: async (filter) => store.count(checkedGrantFilter(filter)),
    remove: async (filter) => store.remove(checkedGrantFilter(filter)),
    removeExpired: async (now, limit) =>
      store.removeExpired(checkedTime(now, "`now`"), checkedCount(limit, "`limit`")),
  };
}

/** Adds the checks: a bad argument rejects with `invalid_argument` before the store is called. */
export function checkedOutbox(store: OutboxAdapter): Required<LogoutOutbox> {
  return {
    add: async (entries) => store.add(checkedList(entries, "the entries", checkedNotification)),
    claim: async (request) => store.claim(checkedClaim(request)),
    settle: async (id, result, now) =>
      store.settle(checkedString(id, "the id"), checkedResult(result), checkedTime(now, "`now`")),
    list: async (filter, after, limit) =>
      store.list(
        checkedOutboxFilter(filter),
        after == null ? undefined : checkedString(after, "`after`"),
        checkedLimit(limit, "`limit`"),
      ),
    retry: async (id, now) => store.retry(checkedString(id, "the id"), checkedTime(now, "`now`")),
    prune: async (settledBefore, limit) =>
      store.prune(checkedSettledBefore(settledBefore), checkedCount(limit, "`limit`")),
  };
}

/** Adds the checks: a bad argument rejects with `invalid_argument` before anything is changed. */
export function checkedEnding(ending: EndingAdapter, covers: AtomicEnding["covers"]): AtomicEnding {
  return {
    covers,
    clientsOf: async (pick) => ending.clientsOf(checkedPick(pick)),
    endSessions: async (step) => ending.endSessions(checkedStep(step)),
    admit: async (session, limit, now, issuer) =>
      ending.admit(
        checkedSession(session),
        checkedCount(limit, "`limit`", 1),
        checkedTime(now, "`now`"),
        issuer == null ? undefined : checkedString(issuer, "`issuer`"),
      ),
  };
}

function checkedLimit(limit: unknown, what: string): number | undefined {
  return limit == null ? undefined : checkedCount(limit, what);
}
