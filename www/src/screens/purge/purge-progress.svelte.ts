/**
 * The progress of a purge: the sessions that are ended, failed and left.
 *
 * @module
 */

import type { PurgeReport } from "../../api/types";
import { type DeliveryChange, failedFirst } from "../deliveries/delivery-change";
import { NOTHING, type Totals, withChanges, withReport } from "./totals";

const SAVED_DELIVERIES = 1_000;

/** The members of the progress, for storage. */
export interface SavedProgress {
  count: number;
  handled: number;
  totals: Totals;
  before: Pick<Totals, "ended" | "failed">;
  lost: { before: number; since: number };
}

export class PurgeProgress {
  #count = $state(0);
  #totals = $state.raw<Totals>(NOTHING);
  /** The totals when the preview was made. */
  #before = $state.raw<SavedProgress["before"]>(NOTHING);
  /** The sessions that batches without a report may have ended, before and since the preview. */
  #lost = $state({ before: 0, since: 0 });
  #handled = $state(0);

  /** Continues with a saved progress. */
  constructor(saved?: SavedProgress) {
    if (saved === undefined) return;
    this.#count = saved.count;
    this.#handled = saved.handled;
    this.#totals = saved.totals;
    this.#before = saved.before;
    this.#lost = { ...saved.lost };
  }

  get saved(): SavedProgress {
    const { ended, failed } = this.#before;
    const { before, since } = this.#lost;
    return {
      count: this.#count,
      handled: this.#handled,
      totals: {
        ...this.#totals,
        deliveries: failedFirst(this.#totals.deliveries).slice(0, SAVED_DELIVERIES),
      },
      before: { ended, failed },
      lost: { before, since },
    };
  }

  /** The number of sessions in the preview. */
  get count(): number {
    return this.#count;
  }

  /** The sum of the reports of all batches. */
  get totals(): Totals {
    return this.#totals;
  }

  /** The sessions that batches have ended or kept since the preview. */
  get handled(): number {
    return this.#handled;
  }

  /** The sessions of the preview that couldn't be ended. */
  get failed(): number {
    return this.#totals.failed - this.#before.failed;
  }

  /** The sessions of the preview that aren't known to be ended. */
  get left(): number {
    return Math.max(0, this.count - this.#handled - this.failed);
  }

  /** How many of the remaining sessions failed batches since the preview may have ended. */
  get lost(): number {
    return Math.min(this.left, this.#lost.since);
  }

  /** How many sessions all batches without a report may have ended. */
  get lostInAll(): number {
    return this.#lost.before + this.lost;
  }

  /** The sessions that were ended before the preview; absent if there are none. */
  get endedBefore(): { ended: number; lost: number } | undefined {
    const { ended } = this.#before;
    const { before: lost } = this.#lost;
    return ended + lost === 0 ? undefined : { ended, lost };
  }

  /** Starts over with a preview of `count` sessions. The totals are kept. */
  begin(count: number): void {
    this.#count = count;
    this.#before = this.#totals;
    this.#lost = { before: this.#lost.before + this.#lost.since, since: 0 };
    this.#handled = 0;
  }

  /** Adds the report of a batch that ended or kept `handled` sessions. */
  add(report: PurgeReport, handled: number): void {
    this.#totals = withReport(this.#totals, report);
    this.#handled += handled;
  }

  /** Applies changes of deliveries. Returns whether some of them belong to this purge. */
  change(changes: readonly DeliveryChange[]): boolean {
    const ids = new Set(changes.map(({ id }) => id));
    if (!this.#totals.deliveries.some(({ id }) => ids.has(id))) return false;
    this.#totals = withChanges(this.#totals, changes);
    return true;
  }

  /** Notes that up to `limit` sessions may have ended without a report. */
  noteLost(limit: number): void {
    this.#lost.since += Math.min(limit, this.left);
  }
}
