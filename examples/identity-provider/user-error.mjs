// @ts-check
/**
 * Errors that the user at the terminal can fix.
 *
 * @module
 */

/** Printed without a stack. The message says how to fix it. */
export class UserError extends Error {}

/** A mistake on the command line. */
export class UsageError extends UserError {}

/**
 * @param {unknown} error
 * @returns {unknown} one line if the user can fix the error, such as a port that is taken; the
 * error with its stack otherwise
 */
export function complaint(error) {
  const isUserError = error instanceof UserError || (error instanceof Error && "syscall" in error);
  return isUserError ? `error: ${error.message}` : error;
}
