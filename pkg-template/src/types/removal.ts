/**
 * Ending sessions: requests and reports.
 *
 * @module
 */

import type { Delivery } from "./logout.js";
import type { SessionQuery, UserSession } from "./query.js";

/**
 * Which sessions to end, and whether to revoke their tokens and notify their clients.
 *
 * @example
 * const everywhere: RemoveSessionsContext = { subjectId: "alice" };
 * const oneSession: RemoveSessionsContext = { sessionId: "f81d", revokeTokens: false };
 * const these: RemoveSessionsContext = { sessions: [{ subjectId: "alice", sessionId: "f81d" }] };
 */
export type RemoveSessionsContext = RemovalTarget & RemovalScope;

/**
 * All sessions of a subject, one session, one session if it belongs to that subject, or a list of 1
 * to 500 sessions. A blank string is an error.
 */
export type RemovalTarget =
  | { subjectId: string; sessionId?: string | undefined; sessions?: undefined }
  | { subjectId?: string | undefined; sessionId: string; sessions?: undefined }
  | { subjectId?: undefined; sessionId?: undefined; sessions: readonly NamedSession[] };

/** One session of one subject. */
export interface NamedSession {
  subjectId: string;
  sessionId: string;
}

/** The tokens, consents and notifications that go with the sessions. */
export interface RemovalScope {
  /**
   * Only sessions that began under this issuer, with their tokens; a list means any of these, at
   * most 100. For a provider with several `issuers`, at each of which a subject id can mean another
   * person. Consents, and tokens without a session, have no issuer and are kept.
   */
  issuer?: string | readonly string[] | undefined;
  /** Limits the grants and the notifications, never the sessions. An empty list is an error. */
  clientIds?: string[] | undefined;
  /** Excludes these sessions: "sign out everywhere else". */
  exceptSessionIds?: string[] | undefined;
  /** Default true. */
  removeServerSideSession?: boolean | undefined;
  /** Default true. If it is set explicitly, the service that it needs must be injected. */
  sendBackchannelLogoutNotification?: boolean | undefined;
  /** Default true: refresh tokens, reference tokens, authorization codes, CIBA requests. */
  revokeTokens?: boolean | undefined;
  /** Default true. Consents belong to a subject, so a call that names a session keeps them. */
  revokeConsents?: boolean | undefined;
  /** Runs the same checks, reads the same data and returns the same report, but changes nothing. */
  dryRun?: boolean | undefined;
  /** The reason, for the event log. At most 1,000 characters. */
  reason?: string | undefined;
  /** The person or program that asked for it, for the event log. At most 1,000 characters. */
  actor?: string | undefined;
}

/** The result of a removal. */
export interface RemovalReport {
  sessionsRemoved: number;
  tokensRevoked: number;
  consentsRevoked: number;
  /** Grants other than tokens and consents. They are revoked if both flags are true. */
  otherGrantsRevoked: number;
  notifications: { delivered: number; pending: number; failed: number; skipped: number };
  /** The first 1,000; the counts are complete. */
  deliveries: Delivery[];
  /** Remarks for the caller: what was kept, and why. */
  notes: string[];
  dryRun: boolean;
}

/**
 * The sessions to purge, and how.
 *
 * @example
 * const filter = { clientId: "shop" };
 * const preview = await management.purgeSessions({ filter });
 * const { confirmToken } = preview; // after you have checked `preview.count`
 * const report = await management.purgeSessions({ filter, confirmToken });
 */
export interface PurgeRequest extends Omit<RemovalScope, "issuer"> {
  /**
   * The filters of a query. Members that request a page, a count or tickets are rejected
   * (`resultsToken`, `requestPriorResults`, `countRequested`, `count`, `includeTicket`), and so is
   * an empty filter unless `everything` is set.
   */
  filter: SessionQuery;
  /** Confirms that you mean every session. Only allowed with an empty filter. */
  everything?: boolean | undefined;
  /**
   * The token of the preview, or of the report of the previous call. Without it the call is a
   * preview and changes nothing.
   */
  confirmToken?: string | undefined;
  /** The maximum number of sessions that this call ends. Default 10,000. */
  limit?: number | undefined;
}

/** The sessions that a purge would end. */
export interface PurgePreview {
  count: number;
  /** The newest of them, at most 100. */
  sample: UserSession[];
  /**
   * Confirms this purge, for 15 minutes. It guards against mistakes; it doesn't grant permission.
   */
  confirmToken: string;
}

/** The result of one call of a purge. */
export interface PurgeReport extends RemovalReport {
  /** Whether sessions are left. The next call with `confirmToken` continues with them. */
  more: boolean;
  /**
   * The number of sessions that could not be ended; the event `session_removal_failed` has the
   * reason. A new preview counts them.
   */
  failed: number;
  confirmToken?: string;
}
