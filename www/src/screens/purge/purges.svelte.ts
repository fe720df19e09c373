/**
 * The purges that this page has opened. One that was left while it ran can be continued.
 *
 * @module
 */

import { purgeLog } from "../../state/purges.svelte";
import { PurgeFlow } from "./purge-flow.svelte";

class Purges {
  #left = $state.raw<PurgeFlow>();
  /** The flows of purges that run or ran in this page, and the one that is shown. */
  readonly #flows = new Set<PurgeFlow>();

  /** The purge that was stopped because the user left its screen. */
  get left(): PurgeFlow | undefined {
    return this.#left;
  }

  /** Whether there is a purge with this id. */
  has(id: string): boolean {
    return purgeLog.find(id) !== undefined;
  }

  /** The purge with this id, or a new one with these parameters. */
  open(id: string | undefined, parameters: URLSearchParams): PurgeFlow {
    const record = id === undefined ? undefined : purgeLog.find(id);
    const known = record && [...this.#flows].find((flow) => flow.id === record.id);
    if (known !== undefined) return known;
    const flow =
      record === undefined
        ? new PurgeFlow(parameters)
        : new PurgeFlow(new URLSearchParams(record.query), record);
    this.#flows.add(flow);
    return flow;
  }

  /** Call it when the screen of a purge appears. */
  enter(flow: PurgeFlow): void {
    if (flow === this.#left) this.#left = undefined;
    if (flow.phase === "preview" && flow.preview === undefined) flow.ask();
  }

  /** Call it when the user leaves the screen of a purge. */
  leave(flow: PurgeFlow): void {
    flow.leave();
    if (flow.id === undefined) this.#flows.delete(flow);
    if (flow.isOpen) this.#left = flow;
  }

  /** Closes the notice about the purge that was left. */
  dismiss(): void {
    this.#left = undefined;
  }
}

export const purges = new Purges();
