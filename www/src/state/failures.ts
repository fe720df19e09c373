/**
 * Failures in an administrator's words.
 *
 * @module
 */

import { Failure } from "../api/failure";
import { type FailureText, failures, invalidArgument, otherFailure } from "../texts";

/** The title and the advice for a failed call. */
export function failureText(failure: Failure): FailureText {
  const { code, message } = failure;
  if (code === "invalid_argument" || code === "empty_target") {
    return { title: invalidArgument.title, advice: invalidArgument.advice(message) };
  }
  return failures[code] ?? otherFailure;
}

/** The failure of a call. Other errors are faults of the page, and are thrown again. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  throw thrown;
}
