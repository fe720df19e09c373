/**
 * Ends one attempt at its deadline or when the caller aborts, even if a function is still running.
 *
 * @module
 */
import { describe } from "../core/errors.js";
import { watch } from "../signals.js";
import { DeliveryFailure } from "./delivery-failure.js";

/**
 * Runs `work` with a signal that fires after `timeout` milliseconds, or when `caller` fires.
 *
 * @throws {DeliveryFailure} Retriable, on timeout.
 * @throws The reason of `caller` if that fired: the client is not at fault.
 */
export async function withDeadline<T>(
  timeout: number,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  caller?.throwIfAborted();
  const attempt = new AbortController();
  // Not AbortSignal.timeout: its timer would run for the full time even after a short attempt.
  const timer = setTimeout(
    () => attempt.abort(new DeliveryFailure(`no answer within ${timeout} ms`, { retry: true })),
    timeout,
  );
  // Not AbortSignal.any: on Node 22 a long-lived signal keeps a part of every signal derived from
  // it in memory.
  const stopWatching = caller && watch(caller, () => attempt.abort(caller.reason));
  try {
    return await work(attempt.signal);
  } finally {
    clearTimeout(timer);
    stopWatching?.();
  }
}

/**
 * Settles like `promise`, but rejects with the signal's reason if that fires first: not every
 * function respects a signal.
 */
export function untilAborted<T>(signal: AbortSignal, promise: T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    Promise.resolve(promise)
      .finally(() => signal.removeEventListener("abort", abort))
      .then(resolve, reject);
    if (signal.aborted) {
      abort();
    }
  });
}

/**
 * Calls a function of the host and waits for its result, within the attempt.
 *
 * @throws {DeliveryFailure} Retriable, if the function throws or rejects: the service behind it may
 * be down for a while.
 */
export async function callHost<T>(
  name: string,
  signal: AbortSignal,
  call: () => T | PromiseLike<T>,
): Promise<T> {
  try {
    return await untilAborted(signal, (async () => call())());
  } catch (thrown) {
    signal.throwIfAborted();
    throw new DeliveryFailure(`\`${name}\` failed: ${describe(thrown)}`, { retry: true });
  }
}
