/**
 * The lifetime of sessions and of their tokens.
 *
 * @module
 */

import type { CallOptions } from "./call-options.js";
import type { ClientSession } from "./session-store.js";

/**
 * The settings of coordination. A client coordinates if its own `coordinateLifetimeWithUserSession`
 * is true, or if the host's setting is true and the client's isn't false. Times are in
 * milliseconds.
 *
 * @example
 * const options: CoordinationOptions = {
 *   coordinateClientLifetimesWithUserSession: true,
 *   renewAtMostEvery: 300_000,
 *   maxSessionsPerSubject: { limit: 5, policy: "removeLeastRecent" },
 * };
 */
export interface CoordinationOptions {
  /** The default for clients that don't set it. Default false. */
  coordinateClientLifetimesWithUserSession?: boolean | undefined;
  /**
   * Whether all clients of an expired session are notified, or only coordinating ones. Default
   * false.
   */
  expiredSessionsTriggerBackchannelLogout?: boolean | undefined;
  /**
   * `validateSession` doesn't write a session again if it was renewed less than this long ago.
   * Default 60 s.
   */
  renewAtMostEvery?: number | undefined;
  /** The maximum number of active sessions per subject. */
  maxSessionsPerSubject?: SessionLimit | undefined;
}

/**
 * The maximum number of active sessions per subject, and what happens if there are more.
 *
 * @example
 * const maxSessionsPerSubject: SessionLimit = { limit: 5, policy: "removeLeastRecent" };
 * const limited = new TicketStore(host, { keys, maxSessionsPerSubject });
 */
export interface SessionLimit {
  /** 1 or more. */
  limit: number;
  /**
   * `deny`: the new session doesn't begin (`session_limit_reached`). `removeOldest`: the session
   * that began first ends. `removeLeastRecent`: the session that was renewed longest ago ends.
   */
  policy: "deny" | "removeOldest" | "removeLeastRecent";
}

/** A session that its user is signing out of. A `UserSession` is one. */
export interface SignedOutSession {
  subjectId: string;
  sessionId: string;
  /** See `NewSession.issuer`. */
  issuer?: string | undefined;
  clientIds?: readonly string[] | undefined;
  /** Clients that have their own `sid`. */
  clients?: readonly (string | ClientSession)[] | undefined;
}

/** The session of a token, and the client that uses it. */
export interface SessionValidation {
  subjectId: string;
  /** Absent: any session of the subject counts. A blank string is an error. */
  sessionId?: string | undefined;
  /** The issuer of the token; absent: any. See `NewSession.issuer`. */
  issuer?: string | undefined;
  clientId: string;
}

/** The result of one pass over expired sessions. */
export interface ExpiryPass {
  /** The number of sessions that this call ended. */
  processed: number;
  /**
   * Whether another pass may find more expired sessions to end, or more grants or devices to
   * remove.
   */
  more: boolean;
  /**
   * The number of sessions that could not be ended. The next pass tries again; the event
   * `session_removal_failed` has the reason.
   */
  failed: number;
  /** The number of expired grants that were removed, whether or not their sessions have ended. */
  grantsRemoved: number;
  /**
   * The number of sessions whose `ipAddress` and `userAgent` were cleared, after
   * `Host.forgetDevicesAfter`.
   */
  devicesForgotten: number;
  /**
   * Whether a store failed to remove grants or to clear devices. The next pass tries again; the
   * event `pruning_failed` has the reason.
   */
  pruningFailed: boolean;
}

/** Options of one pass over expired sessions. */
export interface ExpiryPassOptions extends CallOptions {
  /** The maximum number of sessions that the pass ends. Default 100. */
  batchSize?: number | undefined;
}
