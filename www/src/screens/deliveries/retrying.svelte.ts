/**
 * Retries of failed deliveries.
 *
 * @module
 */

import type { Failure } from "../../api/failure";
import { announcer } from "../../state/announcer.svelte";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { deliveries as texts } from "../../texts";
import type { Filter } from "./delivery-filter";

const PAGE = 100;
/** The maximum number of concurrent retries. */
const AT_ONCE = 4;

/** Makes all failed notifications that match a filter due again. */
export class RetryRun {
  readonly #filter: Filter;
  #retried = $state(0);
  #gone = $state(0);
  #isRunning = $state(true);
  #isStopped = $state(false);
  #failure = $state.raw<Failure>();

  constructor(filter: Filter) {
    this.#filter = { ...filter, state: "failed" };
  }

  get retried(): number {
    return this.#retried;
  }

  /** The number of notifications that no longer exist or are no longer failed. */
  get gone(): number {
    return this.#gone;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Why it ended early. The notifications that were retried before stay due. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** @param onRetried is called with the id of each notification that is due again */
  async run(onRetried: (id: string) => void): Promise<void> {
    try {
      let after: string | undefined;
      do {
        const request = { ...this.#filter, limit: PAGE, ...(after !== undefined && { after }) };
        const page = await connection.api.deliveries(request);
        await this.#retryAll(
          page.deliveries.map(({ id }) => id),
          onRetried,
        );
        // Ids are sorted, so a notification that fails again isn't retried twice.
        after = page.after;
      } while (after !== undefined && !this.#isStopped);
    } catch (thrown) {
      this.#failure = asFailure(thrown);
      connection.noteRefusal(this.#failure);
    }
    this.#isRunning = false;
    announcer.say(texts.retryResult(this));
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #retryAll(ids: readonly string[], onRetried: (id: string) => void): Promise<void> {
    const waiting = ids.values();
    let hasFailed = false;
    const worker = async () => {
      for (const id of waiting) {
        if (this.#isStopped || hasFailed) return;
        try {
          const { retried } = await connection.api.retry(id);
          if (retried) onRetried(id);
          if (retried) this.#retried += 1;
          else this.#gone += 1;
        } catch (thrown) {
          hasFailed = true;
          throw thrown;
        }
      }
    };
    const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
    const rejected = results.find(({ status }) => status === "rejected");
    if (rejected?.status === "rejected") throw rejected.reason;
  }
}
