/**
 * The keys of stored sessions.
 *
 * @module
 */

import { invalidArgument, RollcallError } from "../errors.js";

/**
 * A key in the core's form: 64 lower-case hexadecimal digits, the hash of the cookie value.
 *
 * @throws {RollcallError} `invalid_argument`, without the value: it may be the cookie value itself
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
