/**
 * The place of a session in an order, as a string: the member of the indexes, and the position of
 * the port.
 *
 * A time in 12 digits, then the sequence number in 8 and the partition in 2. All are in base 36
 * with a fixed width, so the places sort like the sessions. A place contains no key, and stays
 * valid after its session is removed. The scripts write the same format (`lua.ts`).
 *
 * @module
 */

import { RollcallError } from "../errors.js";
import type { Position, StoreTimeRange } from "../types.js";

/** The end of all places in a partition. */
export function partitionText(partition: number): string {
  return partition.toString(36).padStart(2, "0");
}

/** The range strictly between two places; an absent one is no bound. */
export interface Span {
  low?: string | undefined;
  high?: string | undefined;
}

/** The range of all places with times in this range. */
export function spanOf({ after, before }: StoreTimeRange): Span {
  return {
    low: after === undefined ? undefined : firstPlace(after),
    high: before === undefined ? undefined : firstPlace(before),
  };
}

/** The part of the span after one place and before another. */
export function narrowed(
  { low, high }: Span,
  behind: string | undefined,
  ahead: string | undefined,
): Span {
  return {
    low: low === undefined || (behind !== undefined && behind > low) ? behind : low,
    high: high === undefined || (ahead !== undefined && ahead < high) ? ahead : high,
  };
}

/** A span as script arguments. */
export function spanArguments({ low, high }: Span): string[] {
  return [low === undefined ? "-" : `(${low}`, high === undefined ? "+" : `(${high}`];
}

const FORM = /^([01][0-9a-z]{11})[0-9a-z]{10}$/;

/** @throws {RollcallError} `invalid_results_token` for anything that is not a place. */
export function checkedPosition(position: Position): string {
  const [, time] = FORM.exec(position) ?? [];
  if (time === undefined || !isTimeText(time)) {
    throw new RollcallError(
      "invalid_results_token",
      "the position is damaged: start again without one",
    );
  }
  return position;
}

/**
 * The id of a row: its place in the order of creation. It is never reused, because its sequence
 * number isn't. `place` is the row's place in any order.
 */
export function rowId(place: string, created: number): string {
  return `${timeText(created)}${place.slice(TIME_LENGTH)}`;
}

/** The number of digits of a time. */
const TIME_LENGTH = 12;

/** Added to a negative time, which is marked by its first digit. */
const OFFSET = 2 ** 53;

function timeText(time: number): string {
  return `${time < 0 ? 0 : 1}${(time < 0 ? time + OFFSET : time).toString(36).padStart(11, "0")}`;
}

function isTimeText(text: string): boolean {
  const number = Number.parseInt(text.slice(1), 36);
  const time = text.startsWith("0") ? number - OFFSET : number;
  return Number.isSafeInteger(number) && Number.isSafeInteger(time) && timeText(time) === text;
}

/** Sorts before every session of this time or later, because sequence numbers begin with 1. */
export function firstPlace(time: number): string {
  return `${timeText(Math.min(Math.max(Math.ceil(time), Number.MIN_SAFE_INTEGER), OFFSET))}0000000000`;
}
