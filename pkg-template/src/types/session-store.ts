/**
 * The port to where sessions are kept. Times are epoch milliseconds.
 *
 * @module
 */

import type { MaybePromise } from "./maybe-promise.js";

/**
 * Where sessions are kept. Rows carry epoch milliseconds. A method that fails throws or rejects;
 * the call then fails with `store_failed` and the thrown value as its `cause`. What it is given and
 * what it returns are its caller's: when those objects change later, the store does not.
 *
 * `rollcall/testing` tries all that is promised here.
 */
export interface SessionStore {
  /** What this store cannot do. Without it the store is taken to do everything. */
  capabilities?: StoreCapabilities;
  /** Adds a session. A key that is there already is an error, and the stored row stays as it is. */
  create(session: StoredSession): MaybePromise<void>;
  /**
   * The session with exactly this key, expired or not. `undefined` for any other string. A row with
   * another key counts as "not signed in".
   */
  get(key: string): MaybePromise<StoredSession | undefined>;
  /**
   * Changes the members that are present in `change` and leaves the others; a member that is `null`
   * is cleared. Never creates a row: `false` means that there is none with this key. `created` and
   * `clients` are never in a change.
   *
   * A `key` in the change is the row's key from now on: no call finds the row by the former key any
   * more. The row keeps its clients and its positions. A key that another row has is an error, and
   * nothing changes then.
   *
   * With a condition, nothing changes and `false` is returned if the row doesn't meet it.
   *
   * In one step, the condition included: what other calls change at the same time stays changed,
   * and a row that is removed meanwhile stays away.
   */
  update(
    key: string,
    change: StoredSessionChange,
    condition?: SessionCondition,
  ): MaybePromise<boolean>;
  /**
   * Whether `update` can change the one key into the other. Only for a store in several partitions,
   * which can where both keys belong to the same one: a new key is made until it is `true`.
   */
  sharePartition?(key: string, other: string): MaybePromise<boolean>;
  /**
   * Adds a client, once for each `clientId`: one that is there already keeps its place and takes
   * over a `sessionId` that differs; without a `sessionId` it keeps the one that it has.
   *
   * Returns `false` and adds nothing if no session has this key, or if the session has expired at
   * `now` (epoch milliseconds): `expires` <= `now`. A session without `expires` never expires.
   *
   * Checks and adds in one step: if several clients come at the same time, none is lost; a change
   * that comes at the same time stays, and a row that is removed meanwhile stays away.
   */
  addClient(key: string, client: ClientSession, now: number): MaybePromise<boolean>;
  /**
   * One page of the sessions that match, in the order asked for, by position and not by offset. It
   * is shorter than `limit` only where no more rows match.
   */
  list(request: StoreListRequest, options?: ReadOptions): MaybePromise<StorePage>;
  /** How many sessions match, exactly. With `upTo` it may stop counting there and return `upTo`. */
  count?(filter: StoreFilter, upTo?: number, options?: ReadOptions): MaybePromise<number>;
  /**
   * Removes these sessions and returns those that this very call removed, each once, as they were
   * when they were removed: if two calls remove one session at once, only one of them returns it.
   * Keys that are not there are passed over, and so are sessions that don't meet the condition at
   * that moment. The list may be of any length.
   */
  remove(keys: string[], condition?: SessionCondition): MaybePromise<RemovedSession[]>;
  /**
   * Clears `ipAddress` and `userAgent` of up to `limit` sessions that were created before this
   * instant (`created` < `createdBefore`) and have one of them. Nothing else of a session changes,
   * and a row that is removed meanwhile stays away.
   *
   * Returns how many it cleared. That is fewer than `limit` only if there are no more, or if other
   * calls change them at the same moment. Needed for `Host.forgetDevicesAfter` only.
   */
  forgetDevices?(createdBefore: number, limit: number): MaybePromise<number>;
}

/** For a read that may take long. */
export interface ReadOptions {
  /**
   * The signal of the call. When it aborts, the call has ended with `aborted`, and nothing is done
   * with what the read returns: a store may stop reading. Absent if the call has none.
   */
  signal?: AbortSignal;
}

/**
 * What a row must meet so that it is changed or removed, checked in the same step. Members are
 * ANDed.
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

/** What `remove` returns of a session; it may have all members of a `StoredSession`. */
export type RemovedSession = Pick<
  StoredSession,
  "key" | "subjectId" | "sessionId" | "issuer" | "clients"
>;

/** A session as it is stored. Times are epoch milliseconds. */
export interface StoredSession {
  /**
   * An opaque string. The core makes it from the cookie value, which is never stored: the SHA-256
   * of its 32 bytes, as 64 lower-case hex digits. It is in no result, token, log line, event or
   * error.
   */
  key: string;
  /**
   * The authentication scheme, as in the reference: the name of the cookie or method that this
   * session belongs to.
   */
  scheme: string;
  subjectId: string;
  sessionId: string;
  displayName?: string;
  /**
   * `displayName` in Unicode lower case, made by the core. A store matches names against this and
   * never folds itself.
   */
  displayNameFolded?: string;
  /** The issuer of this provider under which the session began. */
  issuer?: string;
  created: number;
  renewed: number;
  /** Without it the session never expires. */
  expires?: number;
  /** The clients that took part in this session, in the order in which they came. */
  clients: ClientSession[];
  ipAddress?: string;
  userAgent?: string;
  attributes?: Record<string, string>;
  /** Sealed by the core; text. */
  ticket?: string;
}

/** A change of a stored session: what is absent stays, `null` clears. */
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
  /**
   * The `sid` that this client knows the session by, where the provider gives each client its own.
   */
  sessionId?: string | undefined;
}

/** What a store can do, where that is less than everything. */
export interface StoreCapabilities {
  /** The filters that it serves. A query with another one fails with `unsupported_filter`. */
  filters?: readonly StoreFilterName[];
}

/**
 * A filter by name. A text filter without a suffix is `equals`; a plain `displayName` in a query is
 * `displayName.contains`.
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

/** The normalized filter that a store gets. All members are ANDed; none means every session. */
export interface StoreFilter {
  /** Compared by code unit, with regard to case. */
  subjectId?: StoreText;
  /** Compared by code unit, with regard to case. */
  sessionId?: StoreText;
  /**
   * Folded already: compared with `displayNameFolded` by code unit. A session without a name never
   * matches.
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
   * One of these: two or more, sorted and each once. A session without an issuer never matches.
   * Never together with `issuer`.
   */
  issuers?: string[];
  ipAddress?: string;
  created?: StoreTimeRange;
  renewed?: StoreTimeRange;
  /** A session that never expires matches no range. */
  expires?: StoreTimeRange;
  /** Not expired at this instant: no `expires`, or `expires` > the value. */
  activeAt?: number;
  /** Expired at this instant: `expires` <= the value. Never together with `activeAt`. */
  expiredAt?: number;
}

/** How a text must match. `%`, `_` and the like are ordinary characters. */
export type StoreText = { equals: string } | { startsWith: string } | { contains: string };

/** A half-open range of epoch milliseconds: `after` <= time < `before`. */
export interface StoreTimeRange {
  after?: number;
  before?: number;
}

/** A request for one page. */
export interface StoreListRequest {
  filter: StoreFilter;
  /** Only rows strictly behind this position in the order asked for. */
  after?: Position;
  /**
   * Only rows strictly ahead of this position: the `limit` rows nearest to it, still in the order
   * asked for.
   */
  before?: Position;
  /**
   * `newest` and `oldest` go by creation time; `expiry` goes by expiry time, soonest first, and
   * leaves out what never expires.
   *
   * Rows of the same time are ordered by a tie-break of the store's own that is not the key. It
   * need not be the order of arrival, nor the same for `expiry`, but it stays while the row and its
   * time do, and `newest` is `oldest` turned round.
   */
  order: "newest" | "oldest" | "expiry";
  /**
   * 1 or more; the core asks for at most 1,002. Without `after` and `before` the first `limit`
   * rows; with `fromEnd` the last ones, in the order asked for.
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
   * The id of each row: a string that is the same in every order and is never used again for
   * another row. Ids of notifications are made of it. Absent: the positions are the ids.
   */
  ids?: string[];
}

/**
 * The place of a row in the order, in the store's own words: at most 100 characters, not secret,
 * never the key. It must keep its meaning when its row is removed and for other filters, and must
 * not change while the row lives (but for the order `expiry`). A store gets only its own positions,
 * unless somebody forges a results token: then it may refuse with `invalid_results_token`.
 */
export type Position = string;
