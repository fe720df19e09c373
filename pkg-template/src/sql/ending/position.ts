/**
 * The position at which a step stopped.
 *
 * @module
 */

import { bare } from "../../plain-object.js";
import type { CheckedStep } from "../../stores/ending.js";
import type { Position } from "../../types.js";
import { encodePosition, type Place } from "../position.js";
import { toNumber } from "../tables.js";

/** A session that a step removed. */
export interface EndedRow {
  id: string;
  /** Only in the order of expiry. */
  expires?: number | bigint | string;
  /** Only if details were requested. */
  subject_id: string;
  session_id: string;
  issuer: string | null;
}

/** A session as `details` list it. */
export function toDetails({ subject_id: subjectId, session_id: sessionId, issuer }: EndedRow) {
  return issuer === null ? { subjectId, sessionId } : { subjectId, sessionId, issuer };
}

/** The position of the last session in this order. */
export function lastPosition(
  rows: readonly EndedRow[],
  order: CheckedStep["order"],
): Position | undefined {
  let last: Place | undefined;
  for (const row of rows) {
    const place = placeOf(row, order);
    if (last === undefined || isBehind(place, last)) last = place;
  }
  return last && encodePosition(last);
}

function placeOf({ id, expires }: EndedRow, order: CheckedStep["order"]): Place {
  return order === "expiry" && expires !== undefined
    ? { id: BigInt(id), expires: toNumber(expires) }
    : bare({ id: BigInt(id) });
}

function isBehind(place: Place, other: Place): boolean {
  const [expires = 0, otherExpires = 0] = [place.expires, other.expires];
  return expires === otherExpires ? place.id > other.id : expires > otherExpires;
}
