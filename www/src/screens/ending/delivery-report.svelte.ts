/**
 * The deliveries of a report, kept up to date while the report is open.
 *
 * @module
 */

import { isAborted } from "../../api/failure";
import type { Delivery, RemovalReport } from "../../api/types";
import { announcer } from "../../state/announcer.svelte";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { ending as texts } from "../../texts";
import { changed, type DeliveryChange, failedFirst } from "../deliveries/delivery-change";
import { Retries } from "../deliveries/retries.svelte";
import { totalOf } from "./report-summary";

const POLL = 2_000;
/** The maximum number of users in one round of requests. */
const USERS = 10;
/** The maximum number of pages for one user in one round. */
const PAGES = 3;
const PAGE = 1_000;

type Counts = Record<Delivery["state"], number>;

export class DeliveryReport extends Retries {
  readonly report: RemovalReport;
  /** Failed deliveries come first. The order doesn't change when states do. */
  #rows = $state.raw<readonly Delivery[]>([]);
  #announced = "";
  /** The index of the first user of the next round, if one round can't include all users. */
  #next = 0;

  constructor(report: RemovalReport) {
    super();
    this.report = report;
    this.#rows = failedFirst(report.deliveries);
  }

  override get rows(): readonly Delivery[] {
    return this.#rows;
  }

  get isPart(): boolean {
    return totalOf(this.report.notifications) > this.#rows.length;
  }

  /** The counts of the report, with the changes of its rows. */
  get counts(): Counts {
    const counts = { ...this.report.notifications };
    for (const { state } of this.report.deliveries) counts[state] -= 1;
    for (const { state } of this.#rows) counts[state] += 1;
    return counts;
  }

  /** The counts as a sentence. It counts clients if each has one delivery. */
  get summary(): string {
    const clients = new Set(this.#rows.map(({ clientId }) => clientId));
    const isByClient = clients.size === this.#rows.length && !this.isPart;
    return texts.report.notifications(this.counts, isByClient);
  }

  /** Polls the states while a delivery is pending. Call it in `$effect`. */
  follow(): (() => void) | undefined {
    if (this.isSettled || !this.mayRead) return undefined;
    const stopped = new AbortController();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") this.ask(stopped.signal);
    }, POLL);
    return () => {
      clearInterval(timer);
      stopped.abort();
    };
  }

  protected override async ask(signal: AbortSignal): Promise<void> {
    const subjects = this.#openSubjects();
    if (this.#next >= subjects.length) this.#next = 0;
    const round = subjects.slice(this.#next, this.#next + USERS);
    this.#next += USERS;
    try {
      for (const subjectId of round) await this.#askAbout(subjectId, signal);
      this.failure = undefined;
    } catch (thrown) {
      if (isAborted(thrown, signal)) return;
      this.failure = asFailure(thrown);
      connection.noteRefusal(this.failure);
    }
  }

  /** The users with a delivery whose state may change. */
  #openSubjects(): string[] {
    const open = this.#rows.filter(({ state }) => state === "pending" || state === "failed");
    return [...new Set(open.flatMap(({ subjectId }) => subjectId ?? []))];
  }

  async #askAbout(subjectId: string, signal: AbortSignal): Promise<void> {
    let after: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const filter = { subjectId, limit: PAGE, ...(after !== undefined && { after }) };
      const found = await connection.api.deliveries(filter, signal);
      this.merge(found.deliveries);
      after = found.after;
      if (after === undefined) return;
    }
  }

  protected override merge(changes: readonly DeliveryChange[]): void {
    const byId = new Map(changes.map((change) => [change.id, change]));
    this.#rows = this.#rows.map((row) => {
      const change = byId.get(row.id);
      return change === undefined ? row : changed(row, change);
    });
    this.#announceSettled();
  }

  #announceSettled(): void {
    const { summary } = this;
    if (!this.isSettled || summary === this.#announced) return;
    this.#announced = summary;
    announcer.say(summary);
  }
}
