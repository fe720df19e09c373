/**
 * The limits that the API documents and checks. The core has the same ones (`tests/core/limits.rs`
 * compares them).
 *
 * @module
 */

/** The maximum size of a page. */
export const MAX_PAGE_SIZE = 1_000;

/** The maximum number of sessions that one call of a purge ends. */
export const MAX_PURGE = 10_000;

/** The maximum number of ids in a list. */
export const MAX_IDS = 10_000;

/** The maximum length of ids in stores, in characters. */
export const MAX_ID = 255;

/** The maximum length of names and issuers in stores, in characters. */
export const MAX_NAME = 500;

/** The maximum length of a reason, in characters. */
export const MAX_REASON = 1_000;
