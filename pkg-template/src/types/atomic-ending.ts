/**
 * Ending sessions as a set, where the stores share a transaction.
 *
 * @module
 */

import type { GrantCounts, GrantFilter, GrantStore } from "./grant-store.js";
import type { LogoutNotification, LogoutOutbox, LogoutReason, NotificationKind } from "./logout.js";
import type { MaybePromise } from "./maybe-promise.js";
import type { Position, SessionStore, StoredSession, StoreFilter } from "./session-store.js";

/**
 * Ends sessions as a set: one transaction removes the sessions that match a condition, records the
 * notifications for their clients, and removes their grants.
 *
 * Each function does all of its work or none of it: if a part fails, it throws, and nothing has
 * changed. Times are epoch milliseconds.
 */
export interface AtomicEnding {
  /**
   * The stores that share the transaction: the same objects that the host has. If a host replaces
   * one of them by another object, a removal that changes it is done in steps, and its report says
   * so.
   */
  covers: {
    sessions: SessionStore;
    grants?: GrantStore | undefined;
    outbox?: LogoutOutbox | undefined;
  };
  /**
   * The ids of the clients that took part in the sessions that a step with this pick would end,
   * without duplicates, in any order.
   */
  clientsOf(pick: EndingPick): MaybePromise<string[]>;
  /** Ends up to `limit` sessions, with their notifications and grants. */
  endSessions(step: EndingStep): MaybePromise<EndedSessions>;
  /**
   * Adds a session like `SessionStore.create`, unless its subject already has `limit` or more
   * sessions that are active at `now`. With `issuer`, only sessions with this issuer count. Returns
   * `false` if the session was not added. Counting and adding is one step: if several sessions of
   * one subject are added at once, no more than `limit` are active afterwards.
   */
  admit(session: StoredSession, limit: number, now: number, issuer?: string): MaybePromise<boolean>;
}

/** Which sessions a step ends. */
export interface EndingPick {
  /** The sessions that match. The other members narrow this down. */
  filter: StoreFilter;
  /** Only sessions with one of these keys; none if the list is empty. */
  keys?: string[];
  /** No sessions with one of these session ids. */
  exceptSessionIds?: string[];
  /**
   * Only the surplus: among the sessions that match `filter` and are active at `activeAt`, all
   * except the last `keep` by `created` or `renewed`, and then by the store's own order. Sessions
   * that the other members exclude still count here.
   */
  surplus?: { keep: number; by: "created" | "renewed"; activeAt: number };
  /**
   * The order in which sessions end: see `StoreListRequest.order`. `expiry` excludes sessions that
   * never expire, and may skip sessions that another call is changing.
   */
  order: "oldest" | "expiry";
  /** Only sessions strictly after this position in that order. */
  after?: Position;
  /**
   * The maximum number of sessions; 1 or more. The core requests at most 1,000. A store may end
   * fewer if it returns `more: true`.
   */
  limit: number;
}

/** One step: the sessions that end, and their notifications and grants. */
export interface EndingStep extends EndingPick {
  /** The grants to remove; absent: none. */
  revoke?: EndingGrants;
  /** The notifications to record; absent: none. */
  notify?: EndingNotices;
  /** Whether `sessions` must be in the result. Default `false`. */
  details?: boolean;
}

/** The grants that a step removes: those that any of the members selects, each counted once. */
export interface EndingGrants {
  /** All that match any of these, whether or not a session ends. */
  matching?: GrantFilter[];
  /** Grants with the subject id and the session id of a session that this step ends. */
  ofSessions?: {
    /** The types to remove; an empty list means every type. */
    types: string[];
    /** Only for these clients; for none if the list is empty. */
    clientIds?: string[];
    /** Not for clients in this list. */
    exceptClientIds?: string[];
    /** Only for clients that took part in the session: those in its `clients`. */
    ofParticipants?: boolean;
  };
}

/**
 * The notifications that a step records. They are for the clients that the ended sessions have at
 * that moment: a client that was added just before is notified too.
 *
 * The id of a notification consists of a prefix, the id of a session's row (`StorePage.ids`) and
 * the client id:
 *
 * - by session: `session:<row id>:<client id>`, one for each session and client, with the subject
 *   and, as `sessionId`, the client's own `sessionId` or else that of the session;
 * - by subject: `subject:<row id>:<client id>`, one for each subject, issuer and client, without a
 *   `sessionId`; the row is the last one in the order `oldest` among the sessions of this subject
 *   and issuer that this step ends and in which the client took part;
 * - prefixed with `event:` if the kind is `session_revoked`.
 *
 * An existing notification with the same id is kept unchanged. Each notification has the issuer of
 * its session.
 */
export interface EndingNotices {
  /** The clients to notify. A client without `ways` gets no notification. */
  clients: ClientNotices[];
  /**
   * Whether unlisted clients are notified too: by session, with a logout token, without a
   * `logoutUri`.
   */
  others: boolean;
  reason: LogoutReason;
  created: number;
  /** See `LogoutNotification.notBefore`. */
  notBefore?: number;
  /** The maximum number of recorded notifications in the result. */
  returned: number;
}

/** The notifications for one client. */
export interface ClientNotices {
  clientId: string;
  by: "subject" | "session";
  /** One notification is recorded for each; at most one per kind. */
  ways: { kind: NotificationKind; logoutUri?: string }[];
}

/** The result of a step. */
export interface EndedSessions extends GrantCounts {
  /** The number of sessions that it removed. */
  ended: number;
  /**
   * These sessions, in any order. Only if `details` were requested. The core makes events from
   * them.
   */
  sessions?: Pick<StoredSession, "subjectId" | "sessionId" | "issuer">[];
  /** The number of notifications that it recorded: those whose id didn't exist yet. */
  recorded: number;
  /** Some of them, in any order: as many as `returned`, or all if there are fewer. */
  notifications: LogoutNotification[];
  /**
   * Whether more sessions may match. If so, the core runs another step: after `last`, or with the
   * same pick if this step ended none because of concurrent calls.
   */
  more: boolean;
  /** The position of the last ended session, in the order of the step. Absent if it ended none. */
  last?: Position;
}
