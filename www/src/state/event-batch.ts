/**
 * Collects events, so that a thousand of them per second only change the page a few times.
 *
 * @module
 */

import type { EventData } from "../api/types";

interface Item {
  id: string;
  event: EventData;
}

/** The shortest time between two changes of the page, in milliseconds. */
const PACE = 100;
/** The same in a flood, because rows would change faster than anyone reads them. */
const FLOOD_PACE = 500;
const FLOOD = 50;
/** In a hidden tab there are no frames. */
const HIDDEN = 250;

export class EventBatch {
  readonly #deliver: (events: readonly Item[]) => void;
  #items: Item[] = [];
  #flushed = Number.NEGATIVE_INFINITY;
  #pace = PACE;
  #cancel: (() => void) | undefined;

  constructor(deliver: (events: readonly Item[]) => void) {
    this.#deliver = deliver;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#cancel === undefined) this.#schedule();
  }

  /** Delivers the collected events now. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#flushed = performance.now();
    this.#pace = items.length > FLOOD ? FLOOD_PACE : PACE;
    this.#deliver(items);
  }

  /** Flushes in the next frame, or soon if the tab is hidden. */
  #schedule(): void {
    const pause = Math.max(0, this.#flushed + this.#pace - performance.now());
    let frame = 0;
    const flush = () => this.flush();
    const timers = [
      setTimeout(() => {
        frame = requestAnimationFrame(flush);
      }, pause),
      setTimeout(flush, pause + HIDDEN),
    ];
    this.#cancel = () => {
      for (const timer of timers) clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }
}
