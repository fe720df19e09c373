/**
 * What happens, as `onEvent` hears of it: enough for an audit log and for metrics.
 *
 * @module
 */

/**
 * Something that happened. `type` says what; the other members depend on it, as `docs/events.md`
 * has it. Never holds a session key. A later version may add types and members.
 */
export type SessionEvent = { type: SessionEventType | (string & {}); at: Date } & Record<
  string,
  unknown
>;

/** The types of events. */
export type SessionEventType =
  /** A sign-in was stored: `subjectId`, `sessionId`. */
  | "session_created"
  /** A session was renewed on the sign-in path: `subjectId`, `sessionId`. */
  | "session_renewed"
  /**
   * A session was ended: `subjectId`, `sessionId`, `logoutReason`, and the caller's own `reason`
   * and `actor`.
   */
  | "session_removed"
  /** A session was ended because it had expired: `subjectId`, `sessionId`. */
  | "session_expired"
  /**
   * A session that has expired could not be ended, and is tried again: `subjectId`, `sessionId`,
   * `code`, `error`.
   */
  | "session_removal_failed"
  /** A sign-in was refused, for the subject has as many sessions as it may have: `subjectId`. */
  | "session_denied"
  /** A ticket did not open: `subjectId`, `sessionId`. */
  | "ticket_unreadable"
  /**
   * A client took a notification: `id`, `kind`, `clientId`, `subjectId`, `sessionId`, `attempts`,
   * `status`, `duration` in milliseconds.
   */
  | "notification_delivered"
  /**
   * An attempt failed and there will be another: the same, `error`, and `nextAttempt` in epoch
   * milliseconds.
   */
  | "notification_failed"
  /** An attempt failed and there will be no other: the same without `nextAttempt`. */
  | "notification_given_up";
