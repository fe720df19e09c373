/**
 * The one error of Rollcall.
 *
 * @module
 */

/**
 * What went wrong, as a stable word. A later version may add codes; it does not change the meaning
 * of one.
 */
export type RollcallErrorCode =
  /**
   * An argument, option or callback is missing, unknown or of the wrong form. Nothing was changed.
   */
  | "invalid_argument"
  /** A removal names neither a subject nor a session. Nothing was changed. */
  | "empty_target"
  /** A results token is damaged. Start again without one. */
  | "invalid_results_token"
  /** A results token belongs to another filter or order. Start again without one. */
  | "results_token_mismatch"
  /** The store cannot serve a filter. Its documentation says which it can. */
  | "unsupported_filter"
  /** A service that the call needs was not injected. */
  | "not_configured"
  /**
   * A purge's preview is out of date: too old, of another filter, or of far fewer sessions. Nothing
   * was changed; ask for a new one.
   */
  | "confirm_token_stale"
  /** The subject has as many live sessions as `maxSessionsPerSubject` allows. No session began. */
  | "session_limit_reached"
  /** A store failed; `cause` is what it threw. */
  | "store_failed"
  /** The sender or a function it needs failed; `cause` is what it threw. */
  | "sender_failed"
  /** The call's `AbortSignal` ended it; `cause` is the signal's reason. */
  | "aborted";

/**
 * Thrown by every call of Rollcall. `message` says what to do about it, and holds no secret: of the
 * error of an injected function it has the code or the name.
 */
export class RollcallError extends Error {
  override readonly name = "RollcallError";
  readonly code: RollcallErrorCode;
  /**
   * The value that was thrown underneath, untouched. Keep it in the process: a driver's error can
   * hold values of the call, such as a ticket or a key. Log `code` and `message`. Declared only: a
   * field of its own would hide the one that `Error` sets.
   */
  declare readonly cause?: unknown;

  constructor(code: RollcallErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The error of an argument. `message` names it and says what to give. */
export function invalidArgument(message: string, cause?: unknown): RollcallError {
  return new RollcallError("invalid_argument", message, cause);
}
