/**
 * The ids of session rows: the creation time, followed by a number that distinguishes sessions
 * created in the same millisecond.
 *
 * So one column is the order of a list, the position in it and the tie-break. An id needs 64 bits
 * and is a `bigint` here; it is passed to databases as decimal digits, because several drivers lose
 * the last bits of numbers above 2^53.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";

/** The number of bits that distinguish rows of the same millisecond. */
const SEQUENCE_BITS = 20n;
const SEQUENCE_MASK = (1n << SEQUENCE_BITS) - 1n;

/**
 * The latest creation time, in the year 2248. A signed 63-bit value could hold one more
 * millisecond, but its first id must stay free as an upper bound for all sessions.
 */
const LATEST = 2 ** 43 - 2;
const EARLIEST = -(2 ** 43);

let sequence: number | undefined;

/**
 * A new id for a session created at this time. The ids of one process increase. Another process may
 * generate the same id, about once in a million sessions of the same millisecond: then the database
 * rejects it as a duplicate, and another one is generated (`leaveTakenIds`).
 *
 * @throws {RollcallError} `invalid_argument` for a time that doesn't fit into an id
 */
export function newRowId(created: number): bigint {
  if (created < EARLIEST || created > LATEST) {
    throw invalidArgument(
      `the session: \`created\` must lie between the years 1691 and 2248, in epoch milliseconds, and not be \`${created}\``,
    );
  }
  // Starts at random, so that processes that start together generate different ids.
  sequence ??= crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  sequence += 1;
  return firstIdAt(created) | (BigInt(sequence) & SEQUENCE_MASK);
}

/**
 * Makes the next ids start at a random number: after a taken id many more may be taken, if another
 * process stored a series of sessions in the same millisecond.
 */
export function leaveTakenIds(): void {
  sequence = undefined;
}

/** The smallest id of sessions created at this time or later. Fractions are rounded up. */
export function firstIdAt(created: number): bigint {
  const whole = Math.ceil(Math.min(Math.max(created, EARLIEST), LATEST + 1));
  return BigInt(whole) << SEQUENCE_BITS;
}

/** The time of creation in epoch milliseconds. */
export function createdAt(id: bigint): number {
  return Number(id >> SEQUENCE_BITS);
}

/** The number after the time, which distinguishes rows of the same millisecond. */
export function sequenceOf(id: bigint): number {
  return Number(id & SEQUENCE_MASK);
}

/** Combines both parts to an id; `undefined` if one of them is out of range. */
export function rowIdOf(created: number, sequence: number): bigint | undefined {
  return created < EARLIEST || created > LATEST || sequence > Number(SEQUENCE_MASK)
    ? undefined
    : firstIdAt(created) | BigInt(sequence);
}
