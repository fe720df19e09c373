/**
 * The keys that sessions are stored under.
 *
 * @module
 */

import { invalidArgument, RollcallError } from "../errors.js";

/**
 * A key as the core makes it: 64 lower-case hexadecimal digits, the hash of a cookie's value.
 *
 * @throws {RollcallError} `invalid_argument`, without the value: it may be the cookie itself
 */
export function checkedKey(key: unknown, what: string): string {
  if (typeof key !== "string" || !/^[0-9a-f]{64}$/.test(key)) {
    throw invalidArgument(`${what} must be the key of a session, 64 lower-case hexadecimal digits`);
  }
  return key;
}

/** The error for a key that another session has. */
export function duplicateKey(): RollcallError {
  return new RollcallError(
    "store_failed",
    "a session with this key already exists: create a new key",
  );
}
