/**
 * The speed of a purge.
 *
 * @module
 */

/** The sessions per second since the purge was started or continued. */
export class Pace {
  #since = 0;
  #handled = 0;
  #perSecond = $state<number>();

  /** Absent until the first batch was answered. */
  get perSecond(): number | undefined {
    return this.#perSecond;
  }

  start(): void {
    this.#since = performance.now();
    this.#handled = 0;
    this.#perSecond = undefined;
  }

  add(handled: number): void {
    this.#handled += handled;
    const seconds = (performance.now() - this.#since) / 1_000;
    if (this.#handled > 0 && seconds > 0) this.#perSecond = this.#handled / seconds;
  }

  /** An estimate of the seconds for `left` sessions. */
  secondsFor(left: number): number | undefined {
    return this.#perSecond === undefined ? undefined : left / this.#perSecond;
  }
}
