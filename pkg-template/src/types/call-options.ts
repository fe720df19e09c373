/**
 * The last argument of every call.
 *
 * @module
 */

/** For every call. */
export interface CallOptions {
  /**
   * Ends the call early with `aborted`. What was done by then stays done; repeating the call
   * completes it. In a removal it stops removing, not notifying: without an outbox, clients of
   * sessions that have ended are notified first.
   */
  signal?: AbortSignal | undefined;
  /**
   * Called with the numbers of sessions removed and notifications handled so far. An error that it
   * throws goes to `console.error` and changes nothing.
   */
  onProgress?: ((done: { sessions: number; notifications: number }) => void) | undefined;
}

/** For every call that tells clients. */
export interface DeliveringCallOptions extends CallOptions {
  /**
   * Called with the rest of the work when a call returns while attempts are still under way, which
   * it does after the host's `delivery.wait`. On Cloudflare Workers pass on `ctx.waitUntil`; where
   * the process lives on it is not needed.
   */
  waitUntil?: ((rest: Promise<unknown>) => void) | undefined;
}
