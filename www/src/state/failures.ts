/**
 * Failures in an administrator's words.
 *
 * @module
 */

import { Failure } from "../api/failure";
import { type FailureText, failures, invalidArgument, otherFailure } from "../texts";

/** What happened and what to do. Errors that aren't failures of a call are faults of the page. */
export function failureText(failure: Failure): FailureText {
  const { code, message } = failure;
  if (code === "invalid_argument" || code === "empty_target") {
    return { title: invalidArgument.title, advice: invalidArgument.advice(message) };
  }
  return failures[code] ?? otherFailure;
}

/** The failure of a call; anything else is thrown on. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  throw thrown;
}
