/**
 * The place of a session in an order, as a text: what the members of the indexes are, and the
 * positions of the port.
 *
 * A time in 12 digits, then the number of arrival in 8 and the partition in 2. All are of base 36
 * and of fixed width, so the order of the texts is the order of the sessions. It names no key and
 * outlives its session. The scripts write the same (`lua.ts`).
 *
 * @module
 */

import { RollcallError } from "../errors.js";
import type { Position, StoreTimeRange } from "../types.js";

/** What the place of a partition's sessions ends with. */
export function partitionText(partition: number): string {
  return partition.toString(36).padStart(2, "0");
}

/** What lies strictly between two places; an absent one is no bound. */
export interface Span {
  low?: string | undefined;
  high?: string | undefined;
}

/** All places with times in this range. */
export function spanOf({ after, before }: StoreTimeRange): Span {
  return {
    low: after === undefined ? undefined : firstPlace(after),
    high: before === undefined ? undefined : firstPlace(before),
  };
}

/** What lies in the span, and behind one place and ahead of another. */
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

/** A span as a script takes it. */
export function spanArguments({ low, high }: Span): string[] {
  return [low === undefined ? "-" : `(${low}`, high === undefined ? "+" : `(${high}`];
}

const FORM = /^([01][0-9a-z]{11})[0-9a-z]{10}$/;

/** @throws {RollcallError} `invalid_results_token` for anything that is no place. */
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
 * The id of a row: its place in the order of creation. It is never used again, because the number
 * of arrival is not. `place` is the row's place in any order.
 */
export function rowId(place: string, created: number): string {
  return `${timeText(created)}${place.slice(TIME_LENGTH)}`;
}

/** How many digits a time has. */
const TIME_LENGTH = 12;

/** What is added to a negative time. Its first digit says that it was. */
const OFFSET = 2 ** 53;

function timeText(time: number): string {
  return `${time < 0 ? 0 : 1}${(time < 0 ? time + OFFSET : time).toString(36).padStart(11, "0")}`;
}

function isTimeText(text: string): boolean {
  const number = Number.parseInt(text.slice(1), 36);
  const time = text.startsWith("0") ? number - OFFSET : number;
  return Number.isSafeInteger(number) && Number.isSafeInteger(time) && timeText(time) === text;
}

/** Ahead of every session of this time or a later one: numbers of arrival begin with 1. */
export function firstPlace(time: number): string {
  return `${timeText(Math.min(Math.max(Math.ceil(time), Number.MIN_SAFE_INTEGER), OFFSET))}0000000000`;
}
