/**
 * What a filter says of when sessions expire.
 *
 * @module
 */

import { bare } from "../plain-object.js";
import type { StoreFilter, StoreTimeRange } from "../types.js";

/** Whether the filter leaves out what never expires. */
export function hasExpiryRange({ expires, expiredAt }: StoreFilter): boolean {
  return expiredAt !== undefined || expires?.after !== undefined || expires?.before !== undefined;
}

/**
 * All that a filter says of a session that expires. Times are whole milliseconds, so `<= at` is `<
 * at + 1`.
 */
export function expiryRange({
  expires = bare({}),
  activeAt,
  expiredAt,
}: StoreFilter): StoreTimeRange {
  const activeAfter = activeAt === undefined ? undefined : Math.floor(activeAt) + 1;
  const expiredBefore = expiredAt === undefined ? undefined : Math.floor(expiredAt) + 1;
  const after = latest(expires.after, activeAfter);
  const before = earliest(expires.before, expiredBefore);
  return bare({ ...(after !== undefined && { after }), ...(before !== undefined && { before }) });
}

function latest(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : Math.max(first, second);
}

function earliest(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : Math.min(first, second);
}
