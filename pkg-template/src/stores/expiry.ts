/**
 * What a filter says of when sessions expire.
 *
 * @module
 */

import type { StoreFilter, StoreTimeRange } from "../types.js";

/** Whether the filter leaves out what never expires. */
export function hasExpiryRange({ expires, expiredAt }: StoreFilter): boolean {
  return expiredAt !== undefined || expires?.after !== undefined || expires?.before !== undefined;
}

/**
 * All that a filter says of a session that expires. Times are whole milliseconds, so `<= at` is `<
 * at + 1`.
 */
export function expiryRange({ expires = {}, activeAt, expiredAt }: StoreFilter): StoreTimeRange {
  const active = activeAt === undefined ? {} : { after: Math.floor(activeAt) + 1 };
  const expired = expiredAt === undefined ? {} : { before: Math.floor(expiredAt) + 1 };
  return intersection(expires, intersection(active, expired));
}

function intersection(first: StoreTimeRange, second: StoreTimeRange): StoreTimeRange {
  const after = latest(first.after, second.after);
  const before = earliest(first.before, second.before);
  return { ...(after !== undefined && { after }), ...(before !== undefined && { before }) };
}

function latest(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : Math.max(first, second);
}

function earliest(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : Math.min(first, second);
}
