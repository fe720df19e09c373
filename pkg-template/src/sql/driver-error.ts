/**
 * What drivers throw, without what it knows of a statement's values.
 *
 * @module
 */

/**
 * The error without these members: itself, or a copy where the driver keeps it from being changed
 * (postgres.js defines members for good). What is thrown that is no object is left as it is.
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
