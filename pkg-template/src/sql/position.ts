/**
 * The place of a row in an order, as a short text: a time and a tie-break, in base 36. It names no
 * row and outlives every row.
 *
 * @module
 */

import { RollcallError } from "../errors.js";
import type { Position } from "../types.js";

/** A time in epoch milliseconds, and the number of the row. */
export type Place = readonly [time: number, tieBreak: number];

const FORM = /^(-?[0-9a-z]{1,11})\.([0-9a-z]{1,11})$/;

export function encodePosition([time, tieBreak]: Place): Position {
  return `${time.toString(36)}.${tieBreak.toString(36)}`;
}

/**
 * @throws {RollcallError} `invalid_results_token` for anything that `encodePosition` does not make.
 */
export function decodePosition(position: Position): Place {
  const [, time, tieBreak] = FORM.exec(position) ?? [];
  if (time !== undefined && tieBreak !== undefined) {
    const place: Place = [Number.parseInt(time, 36), Number.parseInt(tieBreak, 36)];
    if (place.every(Number.isSafeInteger) && encodePosition(place) === position) {
      return place;
    }
  }
  throw new RollcallError(
    "invalid_results_token",
    "the position is damaged: start again without one",
  );
}
