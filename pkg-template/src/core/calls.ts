/**
 * Calls in progress, on JavaScript's side. The core imports this file by name.
 *
 * The core numbers its calls by place and, within a call, its waits. A value is settled with both
 * numbers, and the core polls that call at once. The poll runs in the async context of the caller,
 * because everything here that runs later was created while that call was polled.
 *
 * @module
 */

import { abortCall, pollCall, settled, tick } from "../core.js";
import { isThenable } from "../plain-object.js";
import { watch } from "../signals.js";
import { LONGEST_TIMER, nextTurn } from "../timer.js";

interface UnderWay {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  /** Ticks while a callback may exceed its time limit. */
  clock?: ReturnType<typeof setInterval>;
  stopWatching?: () => void;
}

/** Indexed by place. */
const calls: (UnderWay | undefined)[] = [];

/** The promise of the call at this place. The call is polled for the first time in a microtask. */
export function startCall(place: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    calls[place] = { resolve, reject };
    queuePoll(place);
  });
}

/** Settles the promise of a call that has ended. */
export function endCall(place: number, fulfilled: boolean, value: unknown): void {
  const call = calls[place];
  calls[place] = undefined;
  clearInterval(call?.clock);
  call?.stopWatching?.();
  if (fulfilled) call?.resolve(value);
  else call?.reject(value);
}

/** Makes the core poll a call, in the async context of the code that requests it. */
export function queuePoll(place: number): void {
  queueMicrotask(() => pollCall(place));
}

/**
 * Settles the value of a promise or thenable with this number. Returns false for any other value,
 * which need not be awaited.
 */
export function awaitReturned(returned: unknown, place: number, wait: number): boolean {
  if (!isThenable(returned)) return false;
  Promise.resolve(returned).then(
    (value) => settled(place, wait, true, value),
    (error) => settled(place, wait, false, error),
  );
  return true;
}

/** Ticks the clock of a call every `period` milliseconds (0: never), and watches its signal. */
export function limitCall(place: number, signal: AbortSignal | undefined, period: number): void {
  const call = calls[place];
  if (call === undefined) return;
  if (period > 0) call.clock = setInterval(tick, Math.min(period, LONGEST_TIMER), place);
  if (signal != null) {
    // The reaction runs in the context of this call, not of the code that aborts the signal.
    const aborted = new Promise<void>((resolve) => {
      call.stopWatching = watch(signal, resolve);
    });
    aborted.then(() => {
      // Another call may use the place by now.
      if (calls[place] === call) abortCall(place, signal.reason);
    });
  }
}

/** A wait that can be cancelled, so that it doesn't keep the process running. */
export interface Timer {
  readonly over: Promise<void>;
  stop(): void;
}

/** Waits for this many milliseconds, and at least for one turn of the event loop. */
export function startTimer(milliseconds: number): Timer {
  if (milliseconds === 0) return { over: nextTurn(), stop: () => {} };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_TIMER));
  });
  return { over, stop: () => clearTimeout(timer) };
}
