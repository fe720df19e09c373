/**
 * The purges of this page. One that was left while it ran can be continued.
 *
 * @module
 */

import { purgeHash } from "../sessions/session-query";
import { PurgeFlow } from "./purge-flow.svelte";

class Purges {
  #left = $state.raw<PurgeFlow>();

  /** The purge that was stopped because the user left its screen. */
  get left(): PurgeFlow | undefined {
    return this.#left;
  }

  /** The purge with these parameters: the one that was left, or a new one. */
  open(parameters: URLSearchParams): PurgeFlow {
    const left = this.#left;
    if (left?.hash === purgeHash(parameters)) {
      this.#left = undefined;
      return left;
    }
    const flow = new PurgeFlow(parameters);
    if (flow.phase === "preview") flow.ask();
    return flow;
  }

  /** Call it when the user leaves the screen of a purge. */
  leave(flow: PurgeFlow): void {
    flow.leave();
    if (flow.isOpen) this.#left = flow;
  }

  /** Gives up on the purge that was left. */
  dismiss(): void {
    this.#left = undefined;
  }
}

export const purges = new Purges();
