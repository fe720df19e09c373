/**
 * Timers, as all hosts have them.
 *
 * @module
 */

/** In milliseconds: 24 days. A longer timer would fire immediately. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits for one turn of the event loop, so that other work of the process can run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const immediately: unknown = Reflect.get(globalThis, "setImmediate");
    // Sooner than a timer, which takes at least a millisecond.
    if (typeof immediately === "function") immediately(resolve);
    else setTimeout(resolve, 0);
  });
}
