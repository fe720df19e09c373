/// <reference lib="esnext.disposable" preserve="true" />

/**
 * Passes at intervals, for long-running hosts.
 *
 * @module
 */

/** How often passes run. */
export interface RunnerOptions {
  /**
   * Milliseconds from the end of a pass to the next one. The first pass starts at a random time
   * within the first interval.
   */
  interval?: number | undefined;
  /**
   * Called with the error of a failed pass; the next pass runs anyway. Default: `console.error`,
   * without the error's `cause`. If the function itself throws, its error is logged with
   * `console.error` and changes nothing.
   */
  onError?: ((error: unknown) => void) | undefined;
}

/** A running series of passes. */
export interface Runner {
  /** Stops the series, aborts a running pass, and resolves when it has ended. */
  stop(): Promise<void>;
  /** The same as `stop`, at the end of the block of an `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
