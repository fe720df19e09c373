/**
 * The numbers of a purge that takes several calls.
 *
 * @module
 */

import type { Delivery, PurgeReport } from "../../api/types";
import { changed, type DeliveryChange } from "../deliveries/delivery-change";

/** The maximum number of sessions that one call ends. */
const LARGEST_BATCH = 1_000;
/** The minimum number of calls of a purge, so that small ones can be stopped halfway. */
const LEAST_BATCHES = 10;
/** The maximum number of deliveries that are kept. */
const MOST_DELIVERIES = 5_000;

/** The sum of all reports so far. */
export interface Totals {
  ended: number;
  failed: number;
  tokens: number;
  consents: number;
  otherGrants: number;
  notifications: PurgeReport["notifications"];
  deliveries: readonly Delivery[];
  /** The ids of the clients that can't be notified. Each call reports them anew. */
  skipped: readonly string[];
  notes: readonly string[];
}

export const NOTHING: Totals = {
  ended: 0,
  failed: 0,
  tokens: 0,
  consents: 0,
  otherGrants: 0,
  notifications: { delivered: 0, pending: 0, failed: 0, skipped: 0 },
  deliveries: [],
  skipped: [],
  notes: [],
};

/** The totals after another call. */
export function withReport(totals: Totals, report: PurgeReport): Totals {
  const { delivered, pending, failed } = totals.notifications;
  const more = report.notifications;
  const skipped = report.deliveries.filter(({ state }) => state === "skipped");
  const allSkipped = [...new Set([...totals.skipped, ...skipped.map(({ clientId }) => clientId)])];
  return {
    ended: totals.ended + report.sessionsRemoved,
    failed: totals.failed + report.failed,
    tokens: totals.tokens + report.tokensRevoked,
    consents: totals.consents + report.consentsRevoked,
    otherGrants: totals.otherGrants + report.otherGrantsRevoked,
    notifications: {
      delivered: delivered + more.delivered,
      pending: pending + more.pending,
      failed: failed + more.failed,
      skipped: Math.max(allSkipped.length, more.skipped),
    },
    deliveries: merged(totals.deliveries, report.deliveries),
    skipped: allSkipped,
    notes: [...new Set([...totals.notes, ...report.notes])],
  };
}

/** The totals after changes of deliveries. */
export function withChanges(totals: Totals, changes: readonly DeliveryChange[]): Totals {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const notifications = { ...totals.notifications };
  const deliveries = totals.deliveries.map((row) => {
    const change = byId.get(row.id);
    if (change === undefined) return row;
    notifications[row.state] -= 1;
    notifications[change.state] += 1;
    return changed(row, change);
  });
  return { ...totals, notifications, deliveries };
}

/** Each call lists a skipped client once, under the same id. */
function merged(before: readonly Delivery[], more: readonly Delivery[]): readonly Delivery[] {
  if (before.length >= MOST_DELIVERIES) return before;
  const known = new Set(before.map(({ id }) => id));
  return [...before, ...more.filter(({ id }) => !known.has(id))].slice(0, MOST_DELIVERIES);
}

/** The number of sessions that each call ends. */
export function batchSize(count: number, most: number): number {
  return Math.max(1, Math.min(LARGEST_BATCH, most, Math.ceil(count / LEAST_BATCHES)));
}

/** Whether the user typed this count, with or without separators. */
export function isCount(typed: string, count: number): boolean {
  return typed.replace(/[\s.,'’_\u066c]/g, "") === String(count);
}
