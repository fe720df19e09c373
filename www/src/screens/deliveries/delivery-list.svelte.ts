/**
 * One page of deliveries, kept up to date in place.
 *
 * @module
 */

import type { DeliveryFilter } from "../../api/client";
import { type Failure, isAborted } from "../../api/failure";
import type { Deliveries, Delivery, EventData } from "../../api/types";
import { announcer } from "../../state/announcer.svelte";
import { clock } from "../../state/clock.svelte";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { deliveries as texts } from "../../texts";
import { changed, changeOf, type DeliveryChange } from "./delivery-change";
import { type Filter, listHash, matches } from "./delivery-filter";

const PAGE = 100;
/** The number of notifications up to which all are counted: the largest page of the API. */
const COUNTED = 1_000;

/** The number of notifications on all pages. */
export interface Total {
  count: number;
  /** Whether there are more than `count`. */
  isCapped: boolean;
}

/** The totals of the lists that were read, by their addresses. */
const totals = new Map<string, Total>();

export class DeliveryList {
  readonly filter: Filter;
  readonly after: string | undefined;
  #page = $state.raw<Deliveries>();
  /** When the page was read, in epoch milliseconds. */
  #readAt = $state(0);
  #failure = $state.raw<Failure>();
  #isLoading = $state(false);
  #total = $state.raw<Total>();
  /** The ids of notifications that were added to or removed from this page. */
  #changes = $state.raw<ReadonlySet<string>>(new Set());
  #asking: AbortController | undefined;

  constructor(filter: Filter, after: string | undefined) {
    this.filter = filter;
    this.after = after;
  }

  /** Absent until the first answer. */
  get rows(): readonly Delivery[] | undefined {
    return this.#page?.deliveries;
  }

  /** The address of the next page. */
  get nextHash(): string | undefined {
    const after = this.#page?.after;
    return after === undefined ? undefined : listHash(this.filter, after);
  }

  /** The number of notifications on all pages; absent until they are counted. */
  get total(): Total | undefined {
    return this.#total;
  }

  get hasFilter(): boolean {
    return Object.keys(this.filter).length > 0;
  }

  get readAt(): number {
    return this.#readAt;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** The number of changes that a refresh would show. */
  get changes(): number {
    return this.#changes.size;
  }

  /** Reads the page and shows it, with all changes. */
  async load(): Promise<void> {
    this.#isLoading = true;
    const page = await this.#ask();
    if (page === undefined) return;
    this.#isLoading = false;
    if (page === "failed") return;
    this.#page = page;
    this.#changes = new Set();
    await this.#count(page);
    announcer.say(texts.page(page.deliveries.length, this.#total));
  }

  /** The API has no count, so read as many as it gives at once. A turned page isn't counted. */
  async #count(page: Deliveries): Promise<void> {
    const list = listHash(this.filter);
    const isFirst = this.after === undefined;
    if (isFirst && page.after === undefined) {
      this.#total = { count: page.deliveries.length, isCapped: false };
      return;
    }
    this.#total = totals.get(list);
    if (!isFirst && this.#total !== undefined) return;
    const all = await this.#request({ ...this.filter, limit: COUNTED });
    if (all === undefined || all === "failed") return;
    this.#total = { count: all.deliveries.length, isCapped: all.after !== undefined };
    totals.set(list, this.#total);
  }

  /** Reads the page again. Rows change in place; added and removed rows are only counted. */
  async refreshQuietly(): Promise<void> {
    if (this.#isLoading) return;
    if (this.#page === undefined) return this.load();
    const page = await this.#ask();
    if (page === undefined || page === "failed") return;
    const read = new Map(page.deliveries.map((delivery) => [delivery.id, delivery]));
    const shown = new Set(this.#page.deliveries.map(({ id }) => id));
    const came = [...read.keys()].filter((id) => !shown.has(id));
    const left = [...shown].filter((id) => !read.has(id));
    this.#changes = new Set([...came, ...left]);
    this.#replace(this.#page.deliveries.map((row) => read.get(row.id) ?? row));
  }

  noteEvent(event: EventData): void {
    const change = changeOf(event);
    if (change === undefined || this.#page === undefined) return;
    if (this.#update(change)) return;
    if (matches(this.filter, change) && this.#isOnPage(change.id)) {
      this.#changes = new Set([...this.#changes, change.id]);
    }
  }

  /** Shows that a notification is due again. */
  noteRetry(id: string): void {
    const row = this.rows?.find((delivery) => delivery.id === id);
    if (row === undefined) return;
    this.#update({ ...row, state: "pending", nextAttempt: new Date().toISOString() });
    clock.set();
  }

  /** Cancels the request. */
  stop(): void {
    this.#asking?.abort();
  }

  #update(change: DeliveryChange): boolean {
    const rows = this.rows ?? [];
    if (!rows.some(({ id }) => id === change.id)) return false;
    this.#replace(rows.map((row) => (row.id === change.id ? changed(row, change) : row)));
    return true;
  }

  #replace(deliveries: Delivery[]): void {
    this.#page = { ...this.#page, deliveries };
  }

  /** Whether an id belongs between the first and the last row. Ids are sorted by code unit. */
  #isOnPage(id: string): boolean {
    const { after: first = "" } = this;
    const last = this.#page?.after;
    return id > first && (last === undefined || id <= last);
  }

  async #ask(): Promise<Deliveries | "failed" | undefined> {
    const { filter, after } = this;
    const page = await this.#request({
      ...filter,
      limit: PAGE,
      ...(after !== undefined && { after }),
    });
    if (page === undefined || page === "failed") return page;
    this.#readAt = Date.now();
    clock.set();
    return page;
  }

  async #request(filter: DeliveryFilter): Promise<Deliveries | "failed" | undefined> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const page = await connection.api.deliveries(filter, asking.signal);
      if (asking.signal.aborted) return undefined;
      this.#failure = undefined;
      return page;
    } catch (thrown) {
      if (asking.signal.aborted || isAborted(thrown, asking.signal)) return undefined;
      this.#failure = asFailure(thrown);
      connection.noteRefusal(this.#failure);
      return "failed";
    }
  }
}
