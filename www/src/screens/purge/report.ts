/**
 * The report of a purge.
 *
 * @module
 */

import type { Delivery } from "../../api/types";
import type { PurgeFlow } from "./purge-flow.svelte";

const RANKS: Record<Delivery["state"], number> = {
  failed: 0,
  pending: 1,
  skipped: 2,
  delivered: 3,
};

/** The deliveries, failed ones first. */
export function ranked(deliveries: readonly Delivery[]): readonly Delivery[] {
  return [...deliveries].sort((a, b) => RANKS[a.state] - RANKS[b.state]);
}

/** The report for a file, with the names of the API. */
export function reportOf({ filter, totals, lostInAll }: PurgeFlow): object {
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
