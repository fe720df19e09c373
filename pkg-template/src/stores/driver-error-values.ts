/**
 * Removes the values of a call, such as a session's key or a ticket, from the errors of drivers.
 * The rule that no error contains a secret is in `src/secrets.rs`.
 *
 * @module
 */

/**
 * The properties in which drivers add values to their errors: mysql2 (`sql`, with the values in
 * it), servers of PostgreSQL (`detail`, `where`), PGlite (`params`), postgres.js (`parameters`,
 * `args`) and ioredis (`command`).
 */
const MEMBERS = ["sql", "detail", "where", "params", "parameters", "args", "command"];

/** The error of a driver, without the values. */
export function withoutValues(error: unknown): unknown {
  return withoutMembers(error, MEMBERS);
}

/**
 * The error without these properties: the same object, or a copy if they can't be deleted
 * (postgres.js defines them as non-configurable). A value that is not an object is returned
 * unchanged.
 */
export function withoutMembers(error: unknown, members: readonly string[]): unknown {
  if (typeof error !== "object" || error === null) {
    return error;
  }
  const wasDeleted = members.map((member) => Reflect.deleteProperty(error, member));
  return wasDeleted.every(Boolean) ? error : copyWithout(error, members);
}

/**
 * An error of the same class with all other properties. It must be a real error: an object that
 * only has the prototype of an error is logged as a plain object.
 */
function copyWithout(error: object, members: readonly string[]): Error {
  const copy = new Error();
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  for (const [name, { enumerable = false }] of Object.entries(
    Object.getOwnPropertyDescriptors(error),
  )) {
    if (!members.includes(name)) {
      // By value, because the stack may be a getter that only works on the original error.
      Object.defineProperty(copy, name, {
        value: Reflect.get(error, name),
        enumerable,
        configurable: true,
        writable: true,
      });
    }
  }
  return copy;
}
