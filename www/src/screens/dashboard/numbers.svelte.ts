/**
 * The numbers of the dashboard, which are refreshed every 15 seconds.
 *
 * @module
 */

import { untrack } from "svelte";
import type { Failure } from "../../api/failure";
import { isAborted } from "../../api/failure";
import type { Stats } from "../../api/types";
import { clock } from "../../state/clock.svelte";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { live } from "../../state/live.svelte";
import type { Period } from "./hours";

const EVERY = 15_000;

export class Numbers {
  #stats = $state.raw<Stats>();
  #failure = $state.raw<Failure>();
  #period = $state<Period>();
  #isLoading = $state(false);
  #call: AbortController | undefined;
  /** When the last call ended, on the monotonic clock. */
  #asked = Number.NEGATIVE_INFINITY;

  /** The last numbers; a failed call keeps them. */
  get stats(): Stats | undefined {
    return this.#stats;
  }

  /** The period of `stats`. */
  get period(): Period | undefined {
    return this.#period;
  }

  /** Why the last call failed. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Refreshes now and every 15 seconds while the page is visible. The result stops it. */
  follow(period: Period): () => void {
    const ask = () => untrack(() => this.refresh(period));
    const askIfDue = () => {
      const isDue = performance.now() - this.#asked >= EVERY - 500;
      const isWanted = document.visibilityState === "visible" && live.state !== "paused";
      if (isDue && isWanted && !this.#isLoading && connection.lapsed === undefined) ask();
    };
    ask();
    const timer = setInterval(askIfDue, 1_000);
    document.addEventListener("visibilitychange", askIfDue);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", askIfDue);
      this.#call?.abort();
    };
  }

  /** Refreshes once. The result is whether numbers arrived. */
  async refresh(period: Period): Promise<boolean> {
    this.#call?.abort();
    const call = new AbortController();
    this.#call = call;
    this.#isLoading = true;
    try {
      this.#stats = await connection.api.stats(period, call.signal);
      this.#period = period;
      this.#failure = undefined;
      clock.set();
      return true;
    } catch (thrown) {
      if (isAborted(thrown, call.signal)) return false;
      this.#failure = asFailure(thrown);
      connection.noteRefusal(this.#failure);
      return false;
    } finally {
      if (this.#call === call) {
        this.#isLoading = false;
        this.#asked = performance.now();
      }
    }
  }
}
