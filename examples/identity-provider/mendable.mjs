// @ts-check
/**
 * Errors that the person at the terminal can mend.
 *
 * @module
 */

/** Printed as one line that says what to do, without a stack. */
export class MendableError extends Error {}

/** A mistake on the command line. */
export class UsageError extends MendableError {}

/**
 * @param {unknown} error
 * @returns {unknown} one line if the user can mend it, such as a port that is taken; anything else
 * with its stack
 */
export function complaint(error) {
  const isMendable =
    error instanceof MendableError || (error instanceof Error && "syscall" in error);
  return isMendable ? `error: ${error.message}` : error;
}
