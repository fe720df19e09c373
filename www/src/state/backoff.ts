/**
 * Growing pauses between attempts.
 *
 * @module
 */

const FIRST = 1_000;
const LAST = 30_000;

export class Backoff {
  #pause = FIRST;
  #wake: (() => void) | undefined;
  #isHurried = false;

  /** Starts over with the shortest pause. */
  reset(): void {
    this.#pause = FIRST;
    this.#isHurried = false;
  }

  /** Ends the current pause. */
  skip(): void {
    this.#wake?.();
  }

  /** Ends the current pause, or skips the next one. */
  hurry(): void {
    if (this.#wake === undefined) this.#isHurried = true;
    else this.#wake();
  }

  /** Pauses twice as long as the last time. Up to half is random, to spread reconnections. */
  async wait(stopped: AbortSignal): Promise<void> {
    const isHurried = this.#isHurried;
    this.#isHurried = false;
    if (isHurried || stopped.aborted) return;
    const pause = this.#pause * (0.5 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, LAST);
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        stopped.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, pause);
      stopped.addEventListener("abort", wake);
      this.#wake = wake;
    });
  }
}
