/**
 * A walk over the sessions that a filter matches, in one order, as script arguments.
 *
 * @module
 */

import type { Position, StoreListRequest } from "../types.js";
import { checkedPosition, narrowed, type Span, spanArguments, spanOf } from "./position.js";
import { type Conditions, conditionArguments } from "./session-filter.js";

/** The sessions that a walk visits, and its direction. */
export interface Walk {
  order: StoreListRequest["order"];
  backwards: boolean;
  /** The places in the order that it may visit. */
  span: Span;
  conditions: Conditions;
}

/**
 * The walk that starts after a position in its direction; an absent position is no bound.
 *
 * @throws {RollcallError} `invalid_results_token` for a position that the stores did not make.
 */
export function walkFrom(
  conditions: Conditions,
  order: Walk["order"],
  backwards: boolean,
  start: Position | undefined,
): Walk {
  const range = spanOf(order === "expiry" ? conditions.expires : conditions.created);
  const place = start === undefined ? undefined : checkedPosition(start);
  return { order, backwards, span: beyond(range, place, backwards), conditions };
}

/** The arguments of a script that continues after the cursor and visits up to `wanted` sessions. */
export function walkArguments(
  { order, backwards, span, conditions }: Walk,
  cursor: string | undefined,
  wanted: number,
): string[] {
  return [
    order === "expiry" ? "expiry" : "creation",
    backwards ? "backwards" : "forwards",
    `${wanted}`,
    ...spanArguments(beyond(span, cursor, backwards)),
    ...conditionArguments(conditions),
  ];
}

/** The part of a span that a walk at this place has not visited yet. */
function beyond(span: Span, place: string | undefined, backwards: boolean): Span {
  return backwards ? narrowed(span, undefined, place) : narrowed(span, place, undefined);
}
