/**
 * The report of a purge.
 *
 * @module
 */

import type { PurgeFlow } from "./purge-flow.svelte";

/** The report for a file, with the names of the API. */
export function reportOf({ filter, progress }: PurgeFlow): object {
  const { totals, lostInAll } = progress;
  return {
    filter,
    sessionsRemoved: totals.ended,
    sessionsOfUnknownState: lostInAll,
    failed: totals.failed,
    tokensRevoked: totals.tokens,
    consentsRevoked: totals.consents,
    otherGrantsRevoked: totals.otherGrants,
    notifications: totals.notifications,
    deliveries: totals.deliveries,
    notes: totals.notes,
  };
}
