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

  /** The next pause is the first one again. */
  reset(): void {
    this.#pause = FIRST;
    this.#isHurried = false;
  }

  /** Ends the current pause. */
  skip(): void {
    this.#wake?.();
  }

  /** Ends the current pause, or leaves out the next one. */
  hurry(): void {
    if (this.#wake === undefined) this.#isHurried = true;
    else this.#wake();
  }

  /** Pauses, twice as long as before. Up to a half is random: consoles don't return all at once. */
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
