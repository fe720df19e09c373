/**
 * Reads untrusted values: keys, key sets and answers.
 *
 * @module
 */

/** A member of a value that should be an object, or `undefined`. */
export function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** A member that should be a string, or `undefined` if it is missing, empty or of another type. */
export function stringMember(value: unknown, name: string): string | undefined {
  const text = member(value, name);
  return typeof text === "string" && text !== "" ? text : undefined;
}
