/**
 * The limits of Cloudflare D1 (https://developers.cloudflare.com/d1/platform/limits/) that shape
 * the statements on SQLite.
 *
 * @module
 */

/** The most parameters of a statement. */
const MAX_PARAMETERS = 100;

/**
 * The longest list that is inlined in a statement, one parameter for each entry. A longer one is a
 * single parameter, a JSON string. A statement may have several lists and other values, so one list
 * uses at most a fifth of the parameters.
 */
export const MAX_INLINED_LIST = MAX_PARAMETERS / 5;

/** The longest string or row, in bytes. Durable Objects have the same limit. */
export const D1_VALUE_BYTES = 2_000_000;
