/**
 * The error class of Rollcall.
 *
 * @module
 */

/**
 * The reason for an error, as a stable word. Later versions may add codes, but never change the
 * meaning of one.
 */
export type RollcallErrorCode =
  /** An argument, option or callback is missing, unknown or malformed. Nothing was changed. */
  | "invalid_argument"
  /** A removal names neither a subject nor a session. Nothing was changed. */
  | "empty_target"
  /** A results token is damaged. Start again without one. */
  | "invalid_results_token"
  /** A results token belongs to another filter or order. Start again without one. */
  | "results_token_mismatch"
  /** The store doesn't support a filter. Its documentation lists the filters that it supports. */
  | "unsupported_filter"
  /** A service that the call needs was not injected, or a file of the package can't be read. */
  | "not_configured"
  /**
   * The preview of a purge is out of date: it is too old, belongs to another filter, or counted far
   * fewer sessions. Nothing was changed; request a new one.
   */
  | "confirm_token_stale"
  /**
   * The subject has as many active sessions as `maxSessionsPerSubject` allows. No session began.
   */
  | "session_limit_reached"
  /** A store failed; `cause` is the error that it threw. */
  | "store_failed"
  /** The sender, or a function that it calls, failed; `cause` is the error that was thrown. */
  | "sender_failed"
  /** The call was aborted by its `AbortSignal`; `cause` is the signal's reason. */
  | "aborted";

/**
 * Thrown by every call of Rollcall. `message` says what to do, and contains no secret: it quotes
 * only the code or the name of an error that an injected function threw.
 *
 * @example
 * try {
 *   await management.removeSessions({ subjectId: "" });
 * } catch (error) {
 *   if (!(error instanceof RollcallError)) throw error;
 *   console.error(error.code, error.message); // "invalid_argument", and what to do
 * }
 */
export class RollcallError extends Error {
  override readonly name = "RollcallError";
  readonly code: RollcallErrorCode;
  /**
   * The value that was thrown underneath, unchanged. Don't log it: a driver's error can contain
   * values of the call, such as a ticket or a key. Log `code` and `message` instead. (Only declared
   * here: a class field would hide the one that `Error` sets.)
   */
  declare readonly cause?: unknown;

  constructor(code: RollcallErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Makes an `invalid_argument` error. `message` names the argument and says what to pass. */
export function invalidArgument(message: string, cause?: unknown): RollcallError {
  return new RollcallError("invalid_argument", message, cause);
}
