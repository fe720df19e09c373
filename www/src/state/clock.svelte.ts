/**
 * The current time, for relative times. It's updated every ten seconds, so that all times on the
 * page change together.
 *
 * @module
 */

const STEP = 10_000;

class Clock {
  #now = $state(Date.now());

  constructor() {
    setInterval(() => this.set(), STEP);
    document.addEventListener("visibilitychange", () => this.set());
  }

  /** Epoch milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Reads the time now, for example because new data arrived. */
  set(): void {
    this.#now = Date.now();
  }
}

export const clock = new Clock();
