/**
 * Waits for what an injected function returned. The core imports this file by name.
 *
 * @module
 */

import { RollcallError, type RollcallErrorCode } from "../errors.js";
import { isThenable } from "../plain-object.js";
import { LONGEST_TIMER } from "../timer.js";

/**
 * Waits for what a callback returned: a value, a promise, or anything with a `then`. Ends early
 * when the signal aborts or, after `timeout` milliseconds (0: never), with `code`; a callback that
 * never settles would leave the caller waiting for ever.
 */
export function settle(
  returned: unknown,
  name: string,
  code: RollcallErrorCode,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (!isThenable(returned)) {
    return Promise.resolve(returned);
  }
  if (signal?.aborted) {
    // The signal calls no listener any more. A rejection of the returned promise must be handled.
    Promise.resolve(returned).catch(() => {});
    return Promise.reject(aborted(signal));
  }
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      clearTimeout(timer);
      stopWatching?.();
      finish();
    };
    const stopWatching = signal && watch(signal, () => end(() => reject(aborted(signal))));
    const onTimeout = () => {
      const message = `\`${name}\` did not settle within ${timeout} ms: what it did is unknown; see to it and call again`;
      end(() => reject(new RollcallError(code, message)));
    };
    const timer = timeout > 0 ? setTimeout(onTimeout, Math.min(timeout, LONGEST_TIMER)) : undefined;
    Promise.resolve(returned).then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}

const watchers = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `onAbort` when the signal aborts, until the function that it returns is called. All share
 * one listener: with one for each of many callbacks at once, hosts warn of a leak.
 */
function watch(signal: AbortSignal, onAbort: () => void): () => void {
  let watching = watchers.get(signal);
  if (watching === undefined) {
    watching = new Set();
    watchers.set(signal, watching);
    signal.addEventListener("abort", tellAll);
  }
  const added = watching.add(onAbort);
  return () => {
    added.delete(onAbort);
    if (added.size === 0) {
      watchers.delete(signal);
      signal.removeEventListener("abort", tellAll);
    }
  };
}

function tellAll(this: AbortSignal): void {
  for (const onAbort of [...(watchers.get(this) ?? [])]) {
    onAbort();
  }
}

/** The error of a call that its signal ended. */
export function aborted(signal: AbortSignal | undefined): RollcallError {
  return new RollcallError(
    "aborted",
    "the call was aborted: what was done by then stays done",
    signal?.reason,
  );
}
