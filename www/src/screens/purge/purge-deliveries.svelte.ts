/**
 * The notifications of a purge, kept up to date while its report is open.
 *
 * @module
 */

import { isAborted } from "../../api/failure";
import type { Delivery, EventData } from "../../api/types";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { changeOf, type DeliveryChange } from "../deliveries/delivery-change";
import type { StoredState } from "../deliveries/delivery-filter";
import { Retries } from "../deliveries/retries.svelte";
import type { PurgeProgress } from "./purge-progress.svelte";

/** The first pause between two readings, in milliseconds. It grows, because retries take hours. */
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 60_000;
const GROWTH = 1.5;
/** The maximum number of pages of one reading. */
const PAGES = 10;
const PAGE = 1_000;

/** Deliveries of one state. */
interface Reading {
  byId: ReadonlyMap<string, Delivery>;
  /** The id up to which all are read; absent if all are. */
  end: string | undefined;
}

export class PurgeDeliveries extends Retries {
  readonly #progress: PurgeProgress;
  readonly #onChange: () => void;
  /** The ids that the last reading found neither pending nor failed. */
  #settled: ReadonlySet<string> = new Set();
  /** Changes that are applied together, because a purge causes thousands of events. */
  #changes: DeliveryChange[] = [];

  constructor(progress: PurgeProgress, onChange: () => void) {
    super();
    this.#progress = progress;
    this.#onChange = onChange;
  }

  override get rows(): readonly Delivery[] {
    return this.#progress.totals.deliveries;
  }

  /** The clients with failed notifications, each with their number. */
  get failedClients(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { clientId } of this.failed) counts.set(clientId, (counts.get(clientId) ?? 0) + 1);
    return counts;
  }

  /** Reads the states again while a delivery is pending. Call it in `$effect`. */
  follow(): (() => void) | undefined {
    if (this.isSettled || !this.mayRead) return undefined;
    const stopped = new AbortController();
    let pause = FIRST_PAUSE;
    let timer = setTimeout(() => next(), pause);
    const next = async () => {
      if (document.visibilityState === "visible") await this.ask(stopped.signal);
      pause = Math.min(pause * GROWTH, LONGEST_PAUSE);
      if (!stopped.signal.aborted) timer = setTimeout(next, pause);
    };
    return () => {
      clearTimeout(timer);
      stopped.abort();
    };
  }

  /** Reads the states again, for example after events were missed. */
  async refresh(): Promise<void> {
    if (this.mayRead && this.rows.length > 0) await this.ask(new AbortController().signal);
  }

  override noteEvent(event: EventData): void {
    const change = changeOf(event);
    if (change === undefined) return;
    if (this.#changes.length === 0) {
      queueMicrotask(() => {
        const changes = this.#changes;
        this.#changes = [];
        this.merge(changes);
      });
    }
    this.#changes.push(change);
  }

  protected override merge(changes: readonly DeliveryChange[]): void {
    if (this.#progress.change(changes)) this.#onChange();
  }

  /**
   * Lists the pending and the failed deliveries, because the API has no filter for a list of ids.
   * One that is missing from both lists twice was delivered; once may be a change in between.
   */
  protected override async ask(signal: AbortSignal): Promise<void> {
    try {
      const pending = await this.#read("pending", signal);
      const failed = await this.#read("failed", signal);
      const open = this.rows.filter(({ state }) => state === "pending" || state === "failed");
      const found = open.flatMap(({ id }) => pending.byId.get(id) ?? failed.byId.get(id) ?? []);
      const missing = open.filter(({ id }) => isMissing(pending, id) && isMissing(failed, id));
      const delivered = missing
        .filter(({ id }) => this.#settled.has(id))
        .map(({ id, attempts }): DeliveryChange => ({ id, attempts, state: "delivered" }));
      this.#settled = new Set(missing.map(({ id }) => id));
      this.failure = undefined;
      if (found.length + delivered.length > 0) this.merge([...found, ...delivered]);
    } catch (thrown) {
      if (isAborted(thrown, signal)) return;
      this.failure = asFailure(thrown);
      connection.noteRefusal(this.failure);
    }
  }

  async #read(state: StoredState, signal: AbortSignal): Promise<Reading> {
    const byId = new Map<string, Delivery>();
    let after: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const filter = { state, limit: PAGE, ...(after !== undefined && { after }) };
      const found = await connection.api.deliveries(filter, signal);
      for (const delivery of found.deliveries) byId.set(delivery.id, delivery);
      after = found.after;
      if (after === undefined) break;
    }
    return { byId, end: after };
  }
}

/** Whether a reading shows that this delivery has another state. Ids are sorted by code unit. */
function isMissing({ byId, end }: Reading, id: string): boolean {
  return !byId.has(id) && (end === undefined || id <= end);
}
