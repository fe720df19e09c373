/**
 * Ending sessions: what is asked for and what comes back.
 *
 * @module
 */

import type { Delivery } from "./logout.js";
import type { SessionQuery, UserSession } from "./query.js";

/**
 * Which sessions to end, and what goes with them.
 *
 * @example
 * const everywhere: RemoveSessionsContext = { subjectId: "alice" };
 * const oneSession: RemoveSessionsContext = { sessionId: "f81d", revokeTokens: false };
 * const these: RemoveSessionsContext = { sessions: [{ subjectId: "alice", sessionId: "f81d" }] };
 */
export type RemoveSessionsContext = RemovalTarget & RemovalScope;

/**
 * All sessions of a subject, one session, one session if it is of that subject, or 1 to 500
 * sessions that are named. A blank string is an error.
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
   * Only sessions that began under this issuer, with their tokens; a list means one of these, at
   * most 100. For a provider with several `issuers`, at each of which a subject id can mean another
   * person. Consents, and tokens that belong to no session, have no issuer and stay.
   */
  issuer?: string | readonly string[] | undefined;
  /** Limits the grants and the notifications, never the sessions. An empty list is an error. */
  clientIds?: string[] | undefined;
  /** Spares these: "sign out everywhere else". */
  exceptSessionIds?: string[] | undefined;
  /** Default true. */
  removeServerSideSession?: boolean | undefined;
  /** Default true. Set explicitly, the service it needs must be injected. */
  sendBackchannelLogoutNotification?: boolean | undefined;
  /** Default true: refresh tokens, reference tokens, authorization codes, CIBA requests. */
  revokeTokens?: boolean | undefined;
  /** Default true. Consents belong to a subject: a call that names a session leaves them. */
  revokeConsents?: boolean | undefined;
  /** Checks, reads and reports the same, and changes nothing. */
  dryRun?: boolean | undefined;
  /** The reason, for the event log. At most 1,000 characters. */
  reason?: string | undefined;
  /** The person or program that asked for it, for the event log. At most 1,000 characters. */
  actor?: string | undefined;
}

/** What a removal did. */
export interface RemovalReport {
  sessionsRemoved: number;
  tokensRevoked: number;
  consentsRevoked: number;
  /** Grants of other types than tokens and consents: both flags together mean every type. */
  otherGrantsRevoked: number;
  notifications: { delivered: number; pending: number; failed: number; skipped: number };
  /** The first 1,000; the counts are complete. */
  deliveries: Delivery[];
  /** What the caller should know: what was left and why. */
  notes: string[];
  dryRun: boolean;
}

/** What to end, and what goes with it. */
export type PurgeRequest = {
  /**
   * Which sessions: the filters of a query alone. Members that ask for a page, a count or tickets
   * are refused (`resultsToken`, `requestPriorResults`, `countRequested`, `count`,
   * `includeTicket`), and so is an empty filter unless `everything` is set.
   */
  filter: SessionQuery;
  /** Says that every session is meant. Goes with an empty filter only. */
  everything?: boolean | undefined;
  /**
   * The token of the preview, or of the report of the call before. Without it the call is a preview
   * and changes nothing.
   */
  confirmToken?: string | undefined;
  /** How many sessions this call ends at the most. Default 10,000. */
  limit?: number | undefined;
} & Omit<RemovalScope, "issuer">;

/** What a purge would end. */
export interface PurgePreview {
  count: number;
  /** The newest of them, at most 100. */
  sample: UserSession[];
  /**
   * Confirms this very purge, for 15 minutes. It guards against mistakes, and is no right to purge.
   */
  confirmToken: string;
}

/** What one call of a purge ended. */
export interface PurgeReport extends RemovalReport {
  /** Whether sessions are left. The next call with `confirmToken` goes on with them. */
  more: boolean;
  /**
   * Sessions that could not be ended; the event `session_removal_failed` says why. A new preview
   * counts them.
   */
  failed: number;
  confirmToken?: string;
}
