/**
 * The port for sessions. Times are epoch milliseconds.
 *
 * @module
 */

import type { MaybePromise } from "./maybe-promise.js";

/**
 * Stores sessions. Rows have epoch milliseconds. If a method throws or rejects, the call fails with
 * `store_failed` and the thrown value as its `cause`. Arguments and results belong to the caller:
 * if it changes those objects later, the store doesn't change.
 *
 * `rollcall/testing` tests everything that is required here.
 */
export interface SessionStore {
  /** The limits of this store. Without it the store must support everything. */
  capabilities?: StoreCapabilities;
  /** Adds a session. A duplicate key is an error, and the stored row doesn't change. */
  create(session: StoredSession): MaybePromise<void>;
  /**
   * The session with exactly this key, expired or not. `undefined` for any other string. The core
   * treats a row with another key as "not signed in".
   */
  get(key: string): MaybePromise<StoredSession | undefined>;
  /**
   * Sets the members that are present in `change` and keeps the others; `null` clears a member.
   * Never creates a row: returns `false` if there is none with this key. `created` and `clients`
   * are never in a change.
   *
   * A `key` in the change becomes the row's key: from then on no call finds the row by its old key.
   * The row keeps its clients and its positions. A key of another row is an error, and nothing
   * changes.
   *
   * With a condition, nothing changes and the result is `false` if the row doesn't meet it.
   *
   * All of this is one step, including the condition: concurrent changes are not lost, and a row
   * that is removed meanwhile is not restored.
   */
  update(
    key: string,
    change: StoredSessionChange,
    condition?: SessionCondition,
  ): MaybePromise<boolean>;
  /**
   * Whether `update` can change the first key into the second. Only for a store with several
   * partitions, which can if both keys belong to the same one: the core generates new keys until it
   * returns `true`.
   */
  sharePartition?(key: string, other: string): MaybePromise<boolean>;
  /**
   * Adds a client, once per `clientId`. An existing client keeps its place; a `sessionId` replaces
   * the previous one, and without a `sessionId` the previous one is kept.
   *
   * Returns `false` and adds nothing if no session has this key, or if the session has expired at
   * `now` (epoch milliseconds): `expires` <= `now`. A session without `expires` never expires.
   *
   * Checking and adding is one step: concurrently added clients and concurrent changes are not
   * lost, and a row that is removed meanwhile is not restored.
   */
  addClient(key: string, client: ClientSession, now: number): MaybePromise<boolean>;
  /**
   * One page of the sessions that match, in the requested order, by position and not by offset. It
   * is shorter than `limit` only if no more rows match.
   */
  list(request: StoreListRequest, options?: ReadOptions): MaybePromise<StorePage>;
  /**
   * The exact number of sessions that match. With `upTo` it may stop counting there and return
   * `upTo`.
   */
  count?(filter: StoreFilter, upTo?: number, options?: ReadOptions): MaybePromise<number>;
  /**
   * Removes these sessions and returns those that this call removed, each once, as they were at
   * that moment: if two calls remove a session at once, only one of them returns it. Unknown keys
   * are ignored, and so are sessions that don't meet the condition at that moment. The list may
   * have any length.
   */
  remove(keys: string[], condition?: SessionCondition): MaybePromise<RemovedSession[]>;
  /**
   * Clears `ipAddress` and `userAgent` of up to `limit` sessions that were created before this
   * instant (`created` < `createdBefore`) and have one of them. Nothing else of a session changes,
   * and a row that is removed meanwhile is not restored.
   *
   * Returns how many it cleared. That is fewer than `limit` only if there are no more, or if other
   * calls change some at the same time. Only needed for `Host.forgetDevicesAfter`.
   */
  forgetDevices?(createdBefore: number, limit: number): MaybePromise<number>;
}

/** Options of a read that may take long. */
export interface ReadOptions {
  /**
   * The signal of the call. Once it has aborted, the call has ended with `aborted` and the result
   * of the read is ignored, so a store may stop reading. Absent if the call has none.
   */
  signal?: AbortSignal;
}

/**
 * The condition that a row must meet to be changed or removed, checked in the same step. Members
 * are ANDed.
 */
export interface SessionCondition {
  /** Its subject id is still this one. */
  subjectId?: string;
  /** Its session id is still this one. */
  sessionId?: string;
  /** Its `expires` is still this one; `null`: it still has none. */
  expires?: number | null;
  /** Its `renewed` is still this one. */
  renewed?: number;
  /** It has expired at this instant: `expires` <= the value. */
  expiredAt?: number;
}

/**
 * The members of a session that `remove` returns; it may return all members of a `StoredSession`.
 */
export type RemovedSession = Pick<
  StoredSession,
  "key" | "subjectId" | "sessionId" | "issuer" | "clients"
>;

/** A session as it is stored. Times are epoch milliseconds. */
export interface StoredSession {
  /**
   * An opaque string. The core computes it from the cookie value, which is never stored: the
   * SHA-256 of its 32 bytes, as 64 lower-case hex digits. It appears in no result, token, log line,
   * event or error.
   */
  key: string;
  /**
   * The authentication scheme, as in Duende IdentityServer: the name of the cookie or method of
   * this session.
   */
  scheme: string;
  subjectId: string;
  sessionId: string;
  displayName?: string;
  /**
   * `displayName` in Unicode lower case, computed by the core. A store compares names with this,
   * and never changes case itself.
   */
  displayNameFolded?: string;
  /** The issuer of this provider under which the session began. */
  issuer?: string;
  created: number;
  renewed: number;
  /** Absent: the session never expires. */
  expires?: number;
  /** The clients that took part in this session, in the order in which they were added. */
  clients: ClientSession[];
  ipAddress?: string;
  userAgent?: string;
  attributes?: Record<string, string>;
  /** A string, sealed by the core. */
  ticket?: string;
}

/** A change of a stored session: absent members are kept, `null` clears. */
export type StoredSessionChange = {
  [Name in Exclude<keyof StoredSession, "key" | "created" | "clients">]?:
    | StoredSession[Name]
    | null;
} & {
  /** The new key of the row. */
  key?: string;
};

/** A client that took part in a session. */
export interface ClientSession {
  clientId: string;
  /** The `sid` that this client knows the session by, if the provider gives each client its own. */
  sessionId?: string | undefined;
}

/** The capabilities of a store, if they are limited. */
export interface StoreCapabilities {
  /** The filters that it supports. A query with another filter fails with `unsupported_filter`. */
  filters?: readonly StoreFilterName[];
}

/**
 * A filter by name. A string filter without a suffix is `equals`; a plain `displayName` in a query
 * is `displayName.contains`.
 */
export type StoreFilterName =
  | "subjectId"
  | "subjectId.startsWith"
  | "subjectId.contains"
  | "sessionId"
  | "sessionId.startsWith"
  | "sessionId.contains"
  | "displayName"
  | "displayName.startsWith"
  | "displayName.contains"
  | "search"
  | "clientId"
  | "issuer"
  | "issuers"
  | "ipAddress"
  | "created"
  | "renewed"
  | "expires"
  | "state";

/**
 * The normalized filter that a store receives. All members are ANDed; without members it matches
 * every session.
 */
export interface StoreFilter {
  /** Compared by code unit, case-sensitive. */
  subjectId?: StoreText;
  /** Compared by code unit, case-sensitive. */
  sessionId?: StoreText;
  /**
   * Already in lower case: compare it with `displayNameFolded` by code unit. A session without a
   * name never matches.
   */
  displayName?: StoreText;
  /**
   * Subject id equals `id`, or session id equals `id`, or the folded display name contains `name`.
   */
  search?: { id: string; name: string };
  /** Sessions that this client took part in. */
  clientId?: string;
  issuer?: string;
  /**
   * One of these: two or more, sorted and without duplicates. A session without an issuer never
   * matches. Never together with `issuer`.
   */
  issuers?: string[];
  ipAddress?: string;
  created?: StoreTimeRange;
  renewed?: StoreTimeRange;
  /** A session that never expires matches no range. */
  expires?: StoreTimeRange;
  /** Active at this instant: no `expires`, or `expires` > the value. */
  activeAt?: number;
  /** Expired at this instant: `expires` <= the value. Never together with `activeAt`. */
  expiredAt?: number;
}

/** How a string must match. `%`, `_` and the like are ordinary characters. */
export type StoreText = { equals: string } | { startsWith: string } | { contains: string };

/** A half-open range of epoch milliseconds: `after` <= time < `before`. */
export interface StoreTimeRange {
  after?: number;
  before?: number;
}

/** A request for one page. */
export interface StoreListRequest {
  filter: StoreFilter;
  /** Only rows strictly after this position in the requested order. */
  after?: Position;
  /**
   * Only rows strictly before this position: the `limit` rows nearest to it, still in the requested
   * order.
   */
  before?: Position;
  /**
   * `newest` and `oldest` sort by creation time; `expiry` sorts by expiry time, soonest first, and
   * excludes sessions that never expire.
   *
   * Rows of the same time are ordered by a tie-break of the store that is not the key. It need not
   * be the order of arrival, nor the same for `expiry`, but it must not change while the row and
   * its time don't, and `newest` is the reverse of `oldest`.
   */
  order: "newest" | "oldest" | "expiry";
  /**
   * 1 or more; the core requests at most 1,002. Without `after` and `before` the first `limit`
   * rows; with `fromEnd` the last ones, in the requested order.
   */
  limit: number;
  /** The last `limit` rows instead of the first. Never together with `after` or `before`. */
  fromEnd?: boolean;
}

/** One page of rows, with one position for each row. */
export interface StorePage {
  sessions: StoredSession[];
  positions: Position[];
  /**
   * The id of each row: a string that is the same in every order and is never reused for another
   * row. Ids of notifications are made from it. Absent: the positions are the ids.
   */
  ids?: string[];
}

/**
 * The place of a row in the order, in a format of the store: at most 100 characters, not secret,
 * never the key. It must stay valid after its row is removed and for other filters, and must not
 * change while the row exists (except in the order `expiry`). A store only receives its own
 * positions, unless somebody forges a results token: then it may throw `invalid_results_token`.
 */
export type Position = string;
