/**
 * Checks options and instances of other packages that callers pass and the core doesn't check.
 *
 * @module
 */

import { invalidArgument } from "./errors.js";
import { isThenable, member, members } from "./plain-object.js";

/**
 * Copies the options into an object without a prototype, so that a polluted `Object.prototype` sets
 * no option. Empty if they are absent.
 *
 * @param what the name of the options in errors, such as "the options of `sqlStores`"
 * @param known the names of the options; without them any name is allowed
 * @throws {RollcallError} `invalid_argument` for anything but a plain object, and for an unknown
 * name: a misspelt option must not be ignored
 */
export function optionsObject<Options extends object>(
  options: Options | null | undefined,
  what: string,
  known?: readonly string[],
): Partial<Options> {
  if (options == null) return Object.create(null);
  const found = plainMembers(options, what, known);
  for (const name of known ?? []) {
    // A callback may be a method of the class of the options.
    const method = name in found ? undefined : member(options, name);
    if (method !== undefined) found[name] = method;
  }
  // The values are checked where they are used.
  return found as Partial<Options>;
}

/**
 * The members of a plain object, in an object without a prototype.
 *
 * @param known the names of the members; without them any name is allowed
 * @throws {RollcallError} `invalid_argument` for anything but a plain object, and for an unknown
 * name
 */
export function plainMembers(
  value: unknown,
  what: string,
  known?: readonly string[],
): Record<string, unknown> {
  const found = readMembers(value, what);
  const unknown = known && Object.keys(found).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw invalidArgument(
      `${what}: unknown option \`${unknown}\`; the options are ${listed(known ?? [])}`,
    );
  }
  return found;
}

function readMembers(value: unknown, what: string): Record<string, unknown> {
  const found = value == null ? undefined : members(value);
  if (found === undefined) {
    throw invalidArgument(
      `${what} must be a plain object${isThenable(value) ? NOT_A_PROMISE : ""}`,
    );
  }
  const object: Record<string, unknown> = Object.create(null);
  for (let index = 0; index < found.length; index += 2) {
    object[String(found[index])] = found[index + 1];
  }
  return object;
}

const NOT_A_PROMISE = " and not a promise: await it first";

/** @throws {RollcallError} `invalid_argument` unless it is absent or a function */
export function checkFunction(value: unknown, name: string): void {
  if (value != null) requiredFunction(value, name);
}

/** @throws {RollcallError} `invalid_argument` if it is not a function */
export function requiredFunction<Value>(value: Value, name: string): Exclude<Value, undefined> {
  if (typeof value !== "function") {
    throw invalidArgument(`\`${name}\` must be a function`);
  }
  return value as Exclude<Value, undefined>;
}

/**
 * Checks an instance of another package by the methods that are called.
 *
 * @param message the requirement, such as "`kysely` must be a Kysely instance"
 * @throws {RollcallError} `invalid_argument` if a method is missing
 */
export function requiredInstance<Value>(
  value: Value,
  methods: readonly string[],
  message: string,
): Exclude<Value, undefined> {
  if (!hasMethods(value, methods)) {
    throw invalidArgument(`${message}${isThenable(value) ? NOT_A_PROMISE : ""}`);
  }
  return value as Exclude<Value, undefined>;
}

/** Not with `member`: some bindings return a proxy that only answers `get`. */
function hasMethods(value: unknown, methods: readonly string[]): boolean {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    methods.every((name) => typeof Reflect.get(value, name) === "function")
  );
}

/**
 * A mount point without a trailing slash.
 *
 * @param example a mount point for the message
 * @throws {RollcallError} `invalid_argument` unless it is absent or a path
 */
export function checkedBasePath(basePath: unknown, example: string): string | undefined {
  if (basePath === undefined) return undefined;
  if (typeof basePath === "string" && /^(?:\/[^/?#\s]+)*\/?$/.test(basePath)) {
    return basePath.replace(/\/$/, "");
  }
  throw invalidArgument(
    `\`basePath\` must be a path that begins with \`/\`, such as \`${example}\``,
  );
}

/** Formats names for an error message. */
export function listed(names: Iterable<string>): string {
  return Array.from(names, (name) => `\`${name}\``).join(", ");
}
