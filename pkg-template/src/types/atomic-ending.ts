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
 * notifications that follow from their clients, and removes their grants.
 *
 * Each function does all of its work or none of it: if a part fails, it throws, and everything is
 * as before. Times are epoch milliseconds.
 */
export interface AtomicEnding {
  /**
   * The stores that share the transaction: the very objects that the host has. If a host uses
   * another object in the place of one of these, a removal that changes it is done in steps, and
   * its report says so.
   */
  covers: {
    sessions: SessionStore;
    grants?: GrantStore | undefined;
    outbox?: LogoutOutbox | undefined;
  };
  /**
   * The ids of the clients that took part in the sessions that a step with this pick would end,
   * each once, in any order.
   */
  clientsOf(pick: EndingPick): MaybePromise<string[]>;
  /** Ends up to `limit` sessions, and what goes with them. */
  endSessions(step: EndingStep): MaybePromise<EndedSessions>;
  /**
   * Adds a session, as `SessionStore.create` does, unless its subject already has `limit` or more
   * sessions that are active at `now`; with `issuer`, only those with this issuer count. `false`:
   * not added. Counts and adds in one step: if several sessions of one subject are added at once,
   * no more than `limit` are active afterwards.
   */
  admit(session: StoredSession, limit: number, now: number, issuer?: string): MaybePromise<boolean>;
}

/** Which sessions a step ends. */
export interface EndingPick {
  /** The sessions that match. The rest of the members narrow this down. */
  filter: StoreFilter;
  /** Only sessions with one of these keys; none if the list is empty. */
  keys?: string[];
  /** No sessions with one of these session ids. */
  exceptSessionIds?: string[];
  /**
   * Only the surplus: among the sessions that match `filter` and are active at `activeAt`, all
   * except the `keep` that come last by `created` or `renewed`, and then by the store's own order.
   * Sessions that the other members exclude count among these all the same.
   */
  surplus?: { keep: number; by: "created" | "renewed"; activeAt: number };
  /**
   * Which come first: see `StoreListRequest.order`. `expiry` leaves out sessions that never expire,
   * and may pass over those that another call is changing.
   */
  order: "oldest" | "expiry";
  /** Only sessions strictly behind this position in that order. */
  after?: Position;
  /**
   * How many sessions at most; 1 or more. The core asks for at most 1,000. A store may end fewer,
   * and then says that there are `more`.
   */
  limit: number;
}

/** One step: which sessions end, and what goes with them. */
export interface EndingStep extends EndingPick {
  /** The grants to remove; absent: none. */
  revoke?: EndingGrants;
  /** The notifications to record; absent: none. */
  notify?: EndingNotices;
  /** Whether `sessions` must be in the result. Default `false`. */
  details?: boolean;
}

/** The grants that a step removes: those that any of the members means, each counted once. */
export interface EndingGrants {
  /** All that match any of these, whether or not a session ends. */
  matching?: GrantFilter[];
  /** Grants with the subject id and the session id of a session that this step ends. */
  ofSessions?: {
    /** Of these types; an empty list means every type. */
    types: string[];
    /** Only of these clients; of none if the list is empty. */
    clientIds?: string[];
    /** Of no client in this list. */
    exceptClientIds?: string[];
    /** Only of clients that took part in the session: those in its `clients`. */
    ofParticipants?: boolean;
  };
}

/**
 * The notifications that a step records. They follow from the clients of the sessions that it ends,
 * as they are at that moment: a client that was added just before is notified too.
 *
 * The id of a notification is made of a prefix, the id of a session's row (`StorePage.ids`) and the
 * client id:
 *
 * - by session: `session:<row id>:<client id>`, one for each session and client, with the subject
 *   and, as `sessionId`, the client's own `sessionId` or else that of the session;
 * - by subject: `subject:<row id>:<client id>`, one for each subject, issuer and client, without a
 *   `sessionId`; the row is the last in the order `oldest` among the sessions of this subject and
 *   issuer in which the client took part and which this step ends;
 * - with `event:` in front if the kind is `session_revoked`.
 *
 * A notification whose id is there already is left as it is. Each has the issuer of its session.
 */
export interface EndingNotices {
  /** The notifications for these clients; none for one without `ways`. */
  clients: ClientNotices[];
  /**
   * Whether other clients are notified too: by session, by a logout token, without a `logoutUri`.
   */
  others: boolean;
  reason: LogoutReason;
  created: number;
  /** See `LogoutNotification.notBefore`. */
  notBefore?: number;
  /** How many of the recorded notifications must be in the result, at most. */
  returned: number;
}

/** The notifications for one client. */
export interface ClientNotices {
  clientId: string;
  by: "subject" | "session";
  /** One notification is recorded for each; at most one of each kind. */
  ways: { kind: NotificationKind; logoutUri?: string }[];
}

/** The result of a step. */
export interface EndedSessions extends GrantCounts {
  /** How many sessions it removed. */
  ended: number;
  /** These sessions, in any order. Only if `details` were asked for. Events are made of them. */
  sessions?: Pick<StoredSession, "subjectId" | "sessionId" | "issuer">[];
  /** How many notifications it recorded: those whose id was not there yet. */
  recorded: number;
  /** Some of them, as many as were asked for, in any order. */
  notifications: LogoutNotification[];
  /**
   * Whether there may be more sessions that match. Then the core asks again: for those behind
   * `last`, or for the same ones if the step ended none because other calls did meanwhile.
   */
  more: boolean;
  /** The position of the last of the sessions, in the order of the step. Absent: it ended none. */
  last?: Position;
}
