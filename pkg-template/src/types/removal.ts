/**
 * Ending sessions: what is asked for and what comes back.
 *
 * @module
 */

import type { Delivery } from "./logout.js";

/** Whose sessions to end, and what goes with them. `subjectId`, `sessionId` or both are required. */
export interface RemoveSessionsContext {
  subjectId?: string;
  sessionId?: string;
  /** Limits the grants and the notifications, never the sessions. An empty list is an error. */
  clientIds?: string[];
  /** Spares these: "sign out everywhere else". */
  exceptSessionIds?: string[];
  /** Default true. */
  removeServerSideSession?: boolean;
  /** Default true. Set explicitly, the service it needs must be injected. */
  sendBackchannelLogoutNotification?: boolean;
  /** Default true: refresh tokens, reference tokens, authorization codes, CIBA requests. */
  revokeTokens?: boolean;
  /** Default true. Consents belong to a subject: a call that names a session leaves them. */
  revokeConsents?: boolean;
  /** Checks, reads and reports the same, and changes nothing. */
  dryRun?: boolean;
  /** Why, for the event log. */
  reason?: string;
  /** Who asked for it, for the event log. */
  actor?: string;
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

/** For every call. */
export interface CallOptions {
  /** Ends the call early with `aborted`. What was done by then stays done; repeating the call completes it. */
  signal?: AbortSignal;
  onProgress?: (done: { sessions: number; notifications: number }) => void;
}
