/**
 * The last argument of every call.
 *
 * @module
 */

/**
 * Options of every call.
 *
 * @example
 * await management.removeSessions({ subjectId: "alice" }, { signal: AbortSignal.timeout(30_000) });
 */
export interface CallOptions {
  /**
   * Ends the call early with `aborted`. Completed work stays; repeating the call completes the
   * rest. The signal stops a removal from removing, not from notifying: without an outbox, clients
   * of ended sessions are still notified.
   */
  signal?: AbortSignal | undefined;
  /**
   * Called with the numbers of sessions removed and notifications processed so far. An error that
   * it throws is logged with `console.error` and changes nothing.
   */
  onProgress?: ((done: { sessions: number; notifications: number }) => void) | undefined;
}

/** Options of every call that notifies clients. */
export interface DeliveringCallOptions extends CallOptions {
  /**
   * Called with a promise for the rest of the work if a call returns while attempts are still
   * running, which happens after the host's `delivery.wait`. On Cloudflare Workers pass `(rest) =>
   * ctx.waitUntil(rest)`; long-running processes don't need it.
   *
   * @example
   * await management.removeSessions(
   *   { subjectId: "alice" },
   *   { waitUntil: (rest) => ctx.waitUntil(rest) },
   * );
   */
  waitUntil?: ((rest: Promise<unknown>) => void) | undefined;
}
