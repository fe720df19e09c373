/**
 * What all hosts have in common about timers.
 *
 * @module
 */

/** Milliseconds. A longer timer would be over at once; this one takes 24 days. */
export const LONGEST_TIMER = 2 ** 31 - 1;
