// @ts-check
/**
 * Errors that the user at the terminal can fix.
 *
 * @module
 */

/** Printed without a stack. The message says how to fix it. */
export class MendableError extends Error {}

/** A mistake on the command line. */
export class UsageError extends MendableError {}
