/**
 * What all hosts have in common about timers.
 *
 * @module
 */

/** Milliseconds. A longer timer would be over at once; this one takes 24 days. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits for one turn of the event loop, so that everything else in the process has its own. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const immediately: unknown = Reflect.get(globalThis, "setImmediate");
    // Sooner than a timer, which takes a millisecond at the least.
    if (typeof immediately === "function") immediately(resolve);
    else setTimeout(resolve, 0);
  });
}
