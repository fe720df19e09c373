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
