/**
 * Deliveries of a report, of which failed ones can be retried.
 *
 * @module
 */

import type { Failure } from "../../api/failure";
import type { Delivery, EventData } from "../../api/types";
import { announcer } from "../../state/announcer.svelte";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { ending as texts } from "../../texts";
import { changeOf, type DeliveryChange } from "./delivery-change";

export abstract class Retries {
  #retrying = $state.raw<ReadonlySet<string>>(new Set());
  failure = $state.raw<Failure>();
  note = $state("");

  abstract get rows(): readonly Delivery[];

  /** Applies changes to the rows with the same ids. */
  protected abstract merge(changes: readonly DeliveryChange[]): void;

  /** Reads the states that may have changed. */
  protected abstract ask(signal: AbortSignal): Promise<void>;

  get failed(): readonly Delivery[] {
    return this.rows.filter(({ state }) => state === "failed");
  }

  /**
   * Whether all states are final. Timers read it after the component is gone, so it isn't
   * `$derived`.
   */
  get isSettled(): boolean {
    return this.rows.every(({ state }) => state !== "pending");
  }

  get mayRetry(): boolean {
    return connection.may("remove") && connection.me.capabilities.deliveries;
  }

  /** Whether the user may read deliveries, and the API has them. */
  get mayRead(): boolean {
    return connection.may("read") && connection.me.capabilities.deliveries;
  }

  isRetrying({ id }: Delivery): boolean {
    return this.#retrying.has(id);
  }

  noteEvent(event: EventData): void {
    const change = changeOf(event);
    if (change !== undefined) this.merge([change]);
  }

  /** Makes failed deliveries due again. */
  async retry(deliveries: readonly Delivery[]): Promise<void> {
    this.failure = undefined;
    this.note = "";
    const waiting = deliveries.filter(({ id }) => !this.#retrying.has(id));
    this.#retrying = new Set([...this.#retrying, ...waiting.map(({ id }) => id)]);
    let retried = 0;
    try {
      for (const { id } of waiting) {
        const answer = await connection.api.retry(id);
        if (answer.retried) {
          retried += 1;
          this.merge([{ id, state: "pending" }]);
        } else {
          this.note = texts.report.notRetried;
        }
      }
    } catch (thrown) {
      this.failure = asFailure(thrown);
      connection.noteRefusal(this.failure);
    } finally {
      const done = new Set(waiting.map(({ id }) => id));
      this.#retrying = new Set([...this.#retrying].filter((id) => !done.has(id)));
    }
    if (retried > 0) announcer.say(texts.report.retried(retried));
    if (this.note !== "") await this.ask(new AbortController().signal);
  }
}
