/**
 * The return type of callbacks.
 *
 * @module
 */

/** A value, or a promise for it. */
export type MaybePromise<T> = T | PromiseLike<T>;
