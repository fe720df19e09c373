/**
 * The limits of Cloudflare D1 (https://developers.cloudflare.com/d1/platform/limits/) that shape
 * the statements on SQLite.
 *
 * @module
 */

/** The most parameters of a statement. */
export const D1_PARAMETERS = 100;

/** The longest string or row, in bytes. Durable Objects have the same limit. */
export const D1_VALUE_BYTES = 2_000_000;
