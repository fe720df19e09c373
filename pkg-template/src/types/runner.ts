/**
 * Passes at intervals, for hosts that live long.
 *
 * @module
 */

/** When passes are made. */
export interface RunnerOptions {
  /**
   * Milliseconds from the end of a pass to the next one. The first comes at a random time within
   * the first interval.
   */
  interval?: number | undefined;
  /**
   * Called with what a pass threw; the next one comes all the same. Default: `console.error`,
   * without the error's `cause`. An error that it throws itself goes to `console.error` and changes
   * nothing.
   */
  onError?: ((error: unknown) => void) | undefined;
}

/** Passes that are being made. */
export interface Runner {
  /** Makes no more passes, ends the one under way early, and resolves when it has ended. */
  stop(): Promise<void>;
}
