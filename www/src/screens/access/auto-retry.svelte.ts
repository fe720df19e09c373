/**
 * Attempts to connect at growing intervals.
 *
 * @module
 */

import { connection } from "../../state/connection.svelte";

/** Seconds until the next attempt; the last one repeats. */
const PAUSES = [5, 10, 20, 40, 60];

export class AutoRetry {
  #left = $state<number>();
  #attempts = 0;

  /** Seconds until the next attempt; `undefined` while there is none. */
  get left(): number | undefined {
    return this.#left;
  }

  /** Counts down to one attempt while the page is visible. The result stops it. */
  begin(): () => void {
    this.#left = PAUSES[Math.min(this.#attempts, PAUSES.length - 1)];
    this.#attempts += 1;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") this.#tick();
    }, 1_000);
    const retryNow = () => {
      this.#left = 1;
      this.#tick();
    };
    addEventListener("online", retryNow);
    return () => {
      clearInterval(timer);
      removeEventListener("online", retryNow);
    };
  }

  #tick(): void {
    if (this.#left === undefined) return;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#left = undefined;
    connection.retry();
  }
}
