/**
 * Errors that cross from and to the core, which imports this file by name.
 *
 * @module
 */

import { RollcallError, type RollcallErrorCode } from "../errors.js";

/** Makes the error that the caller gets. */
export function makeError(code: RollcallErrorCode, message: string, cause: unknown): RollcallError {
  return new RollcallError(code, message, cause);
}

/** What was thrown, in words: for the message of an error that has it as its cause. */
export function describe(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "something that cannot be shown";
  }
}

/**
 * The code of a `RollcallError`, also of another copy of this package; `undefined` for anything
 * else.
 */
export function errorCode(thrown: unknown): string | undefined {
  try {
    const { name, code } = thrown as { name?: unknown; code?: unknown };
    return name === "RollcallError" && typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}
