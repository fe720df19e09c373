/**
 * Microtasks and timers for the core, which imports this file by name.
 *
 * @module
 */

import { pollCall } from "../core.js";
import { LONGEST_TIMER } from "../timer.js";

/** Lets the core go on with a call, in the async context of whoever asks for it. */
export function queuePoll(place: number): void {
  queueMicrotask(() => pollCall(place));
}

/** A wait that can be given up, so that it does not keep the process alive. */
export interface Timer {
  readonly over: Promise<void>;
  stop(): void;
}

/** Waits for this many milliseconds, and at least for one turn of the event loop. */
export function startTimer(milliseconds: number): Timer {
  const immediately: unknown = Reflect.get(globalThis, "setImmediate");
  if (milliseconds === 0 && typeof immediately === "function") {
    // Sooner than a timer, which takes a millisecond at the least.
    return { over: new Promise((resolve) => immediately(resolve)), stop: () => {} };
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_TIMER));
  });
  return { over, stop: () => clearTimeout(timer) };
}
