/**
 * Errors that cross between JavaScript and the core, which imports this file by name.
 *
 * @module
 */

import { RollcallError, type RollcallErrorCode } from "../errors.js";

/** Makes the error that the caller gets. */
export function makeError(code: RollcallErrorCode, message: string, cause: unknown): RollcallError {
  return new RollcallError(code, message, cause);
}

/**
 * Describes a thrown value, for the message of an error that has it as its cause: a `RollcallError`
 * by its message, any other error by its code or else its name. Messages of drivers can contain
 * values of the call, such as the key of a session, and our messages reach logs and events.
 */
export function describe(thrown: unknown): string {
  try {
    if (errorCode(thrown) !== undefined) return String((thrown as RollcallError).message);
    const { code, name } = thrown as { code?: unknown; name?: unknown };
    return [code, name].find(isWord) ?? "the thrown value is not an error";
  } catch {
    return "the thrown value is not an error";
  }
}

/**
 * Whether this is a code or name such as `ECONNREFUSED`, which is too short for a key or a token.
 */
function isWord(value: unknown): value is string {
  return typeof value === "string" && /^\w{1,40}$/.test(value);
}

/** An error for a log: its code, message and stack, without the cause. */
export function forLog(thrown: unknown): string {
  const code = errorCode(thrown);
  return `${code === undefined ? "" : `${code}: `}${describe(thrown)}${framesOf(thrown)}`;
}

function framesOf(thrown: unknown): string {
  try {
    const stack = thrown instanceof Error ? String(thrown.stack) : "";
    return /(?:\n +at [^\n]*)+$/.exec(stack)?.[0] ?? "";
  } catch {
    return "";
  }
}

/**
 * The code of a `RollcallError`, even from another copy of this package; `undefined` for anything
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
