/**
 * The place of a row in an order, as a short string: the parts of its id in base 36, preceded by
 * its expiry if the list has that order. It contains no key, and stays valid after its row is
 * removed.
 *
 * @module
 */

import { RollcallError } from "../errors.js";
import { bare } from "../plain-object.js";
import type { Position, StoreListRequest } from "../types.js";
import { createdAt, rowIdOf, sequenceOf } from "./row-id.js";

/** The id of a row, and its expiry if the list is ordered by it. */
export interface Place {
  readonly expires?: number;
  readonly id: bigint;
}

type Order = StoreListRequest["order"];

const BY_CREATION = /^(-?[0-9a-z]{1,11})\.([0-9a-z]{1,4})$/;
const BY_EXPIRY = /^(-?[0-9a-z]{1,11})\.(-?[0-9a-z]{1,11})\.([0-9a-z]{1,4})$/;

export function encodePosition({ expires, id }: Place): Position {
  const parts = [...(expires === undefined ? [] : [expires]), createdAt(id), sequenceOf(id)];
  return parts.map((part) => part.toString(36)).join(".");
}

/**
 * @throws {RollcallError} `invalid_results_token` for anything that `encodePosition` doesn't make
 * for this order.
 */
export function decodePosition(position: Position, order: Order): Place {
  const [, ...parts] = (order === "expiry" ? BY_EXPIRY : BY_CREATION).exec(position) ?? [];
  const numbers = parts.map((part) => Number.parseInt(part, 36));
  const [sequence, created, expires] = numbers.reverse();
  if (sequence !== undefined && created !== undefined && numbers.every(Number.isSafeInteger)) {
    const id = rowIdOf(created, sequence);
    const place = id !== undefined && bare({ ...(expires !== undefined && { expires }), id });
    if (place !== false && encodePosition(place) === position) {
      return place;
    }
  }
  throw new RollcallError(
    "invalid_results_token",
    "the position is damaged: start again without one",
  );
}
