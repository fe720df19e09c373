/**
 * The conditions of a filter on the expiry of sessions.
 *
 * @module
 */

import { bare } from "../plain-object.js";
import type { StoreFilter, StoreTimeRange } from "../types.js";

/** Whether the filter excludes sessions that never expire. */
export function hasExpiryRange({ expires, expiredAt }: StoreFilter): boolean {
  return expiredAt !== undefined || expires?.after !== undefined || expires?.before !== undefined;
}

/**
 * All conditions of a filter on sessions that expire, as one range. Times are whole milliseconds,
 * so `<= at` is `< at + 1`.
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
