/**
 * The ids of session rows: the time of creation, and behind it a number that tells apart what was
 * created in the same millisecond.
 *
 * So one column is the order of a list, the place in it and the tie-break. An id needs 64 bits and
 * is a `bigint` here; to a database it goes as decimal digits, because several drivers lose the
 * last bits of numbers above 2^53.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";

/** How many bits tell rows of the same millisecond apart. */
const SEQUENCE_BITS = 20n;
const SEQUENCE_MASK = (1n << SEQUENCE_BITS) - 1n;

/**
 * The latest time of creation, in the year 2248. A signed integer has 63 bits and could hold one
 * millisecond more, whose first id lies behind those of all sessions.
 */
const LATEST = 2 ** 43 - 2;
const EARLIEST = -(2 ** 43);

let sequence: number | undefined;

/**
 * A new id for a session that was created then. Ids of one process grow with each call. Another
 * process may come upon the same id, once in a million sessions of the same millisecond: then the
 * database refuses it as a duplicate, and one from elsewhere is taken (`leaveTakenIds`).
 *
 * @throws {RollcallError} `invalid_argument` for a time that an id can't hold
 */
export function newRowId(created: number): bigint {
  if (created < EARLIEST || created > LATEST) {
    throw invalidArgument(
      `the session: \`created\` must lie between the years 1691 and 2248, in epoch milliseconds, and not be \`${created}\``,
    );
  }
  // Random at first, so that processes which start together go their own ways.
  sequence ??= crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  sequence += 1;
  return firstIdAt(created) | (BigInt(sequence) & SEQUENCE_MASK);
}

/**
 * Lets the next ids begin anywhere: behind one that is taken there may be many more, if another
 * process stored sessions of the same millisecond in a row.
 */
export function leaveTakenIds(): void {
  sequence = undefined;
}

/** The least id of what was created at this time or later. A fraction counts up. */
export function firstIdAt(created: number): bigint {
  const whole = Math.ceil(Math.min(Math.max(created, EARLIEST), LATEST + 1));
  return BigInt(whole) << SEQUENCE_BITS;
}

/** The time of creation in epoch milliseconds. */
export function createdAt(id: bigint): number {
  return Number(id >> SEQUENCE_BITS);
}

/** The number behind the time. It tells rows of the same millisecond apart. */
export function sequenceOf(id: bigint): number {
  return Number(id & SEQUENCE_MASK);
}

/** The id of both parts; `undefined` where one of them is out of range. */
export function rowIdOf(created: number, sequence: number): bigint | undefined {
  return created < EARLIEST || created > LATEST || sequence > Number(SEQUENCE_MASK)
    ? undefined
    : firstIdAt(created) | BigInt(sequence);
}
