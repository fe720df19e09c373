/**
 * Errors of drivers without the values of the call, such as a session's key or a ticket.
 *
 * @module
 */

/**
 * The members by which drivers add values to their errors: mysql2 (`sql`, with the values in it),
 * servers of PostgreSQL (`detail`, `where`), PGlite (`params`), postgres.js (`parameters`, `args`)
 * and ioredis (`command`).
 */
const MEMBERS = ["sql", "detail", "where", "params", "parameters", "args", "command"];

/** The error of a driver, without the values. */
export function withoutValues(error: unknown): unknown {
  return withoutMembers(error, MEMBERS);
}

/**
 * The error without these members: itself, or a copy where the driver keeps it from being changed
 * (postgres.js defines members for good). A value that is no object is left as it is.
 */
export function withoutMembers(error: unknown, members: readonly string[]): unknown {
  if (typeof error !== "object" || error === null) {
    return error;
  }
  const isGone = members.map((member) => Reflect.deleteProperty(error, member));
  return isGone.every(Boolean) ? error : copyWithout(error, members);
}

/**
 * An error of the same class with all other members. A real one: what has only the class of an
 * error is logged as a plain object.
 */
function copyWithout(error: object, members: readonly string[]): Error {
  const copy = new Error();
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  for (const [name, { enumerable = false }] of Object.entries(
    Object.getOwnPropertyDescriptors(error),
  )) {
    if (!members.includes(name)) {
      // By its value: the stack may be behind a getter that answers for the error that it was made
      // for.
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
