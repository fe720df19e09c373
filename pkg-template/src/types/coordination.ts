/**
 * The lifetime of sessions, and of the tokens that go with them.
 *
 * @module
 */

import type { CallOptions } from "./call-options.js";
import type { ClientSession } from "./session-store.js";

/**
 * The settings of coordination. A client coordinates when its own
 * `coordinateLifetimeWithUserSession` is true, or when the host's setting is and the client's is
 * not false. Times are in milliseconds.
 */
export interface CoordinationOptions {
  /** Whether clients coordinate that do not say. Default false. */
  coordinateClientLifetimesWithUserSession?: boolean | undefined;
  /**
   * Whether all clients of a session that expires are told, and not only those that coordinate.
   * Default false.
   */
  expiredSessionsTriggerBackchannelLogout?: boolean | undefined;
  /**
   * A session that was renewed less than this ago is not written again by `validateSession`.
   * Default 60 s.
   */
  renewAtMostEvery?: number | undefined;
  /** How many live sessions a subject may have. */
  maxSessionsPerSubject?: SessionLimit | undefined;
}

/** How many live sessions a subject may have, and what happens when there are more. */
export interface SessionLimit {
  /** 1 or more. */
  limit: number;
  /**
   * `deny`: the new session does not begin (`session_limit_reached`). `removeOldest`: the one that
   * began first ends. `removeLeastRecent`: the one that was renewed longest ago ends.
   */
  policy: "deny" | "removeOldest" | "removeLeastRecent";
}

/** A session that its user has signed out of. A `UserSession` is one. */
export interface SignedOutSession {
  subjectId: string;
  sessionId: string;
  /** See `NewSession.issuer`. */
  issuer?: string | undefined;
  clientIds?: readonly string[] | undefined;
  /** Clients with a `sid` of their own. */
  clients?: readonly (string | ClientSession)[] | undefined;
}

/** Which session stands behind a token, and which client uses it. */
export interface SessionValidation {
  subjectId: string;
  /** Absent: any session of the subject counts. A blank string is an error. */
  sessionId?: string | undefined;
  /** The issuer of the token; absent: any. See `NewSession.issuer`. */
  issuer?: string | undefined;
  clientId: string;
}

/** What one pass over what has expired did. */
export interface ExpiryPass {
  /** Sessions that this call ended. */
  processed: number;
  /**
   * Whether there may be more that have expired, and that another pass could end, or more grants or
   * devices for it to remove.
   */
  more: boolean;
  /**
   * Sessions that could not be ended. The next pass tries them again; the event
   * `session_removal_failed` says why.
   */
  failed: number;
  /** Expired grants that were removed, of ended sessions or not. */
  grantsRemoved: number;
  /** Sessions whose `ipAddress` and `userAgent` were cleared, after `Host.forgetDevicesAfter`. */
  devicesForgotten: number;
  /**
   * Whether a store failed to remove grants or to forget devices. The next pass tries again; the
   * event `pruning_failed` says why.
   */
  pruningFailed: boolean;
}

/** For one pass over what has expired. */
export interface ExpiryPassOptions extends CallOptions {
  /** How many sessions the pass ends at the most. Default 100. */
  batchSize?: number | undefined;
}
