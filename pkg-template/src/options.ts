/**
 * Checks what callers give as options and as instances of other packages, where the core doesn't.
 *
 * @module
 */

import { invalidArgument } from "./errors.js";
import { isThenable, member, members } from "./plain-object.js";

/**
 * The options in an object of their own, which inherits nothing: a polluted `Object.prototype` sets
 * no option. Empty if they are absent.
 *
 * @param what what the error calls them, such as "the options of `sqlStores`"
 * @param known the names that there are; without them any name is allowed
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
    // A callback may be a method of the class that the options are an instance of.
    const method = name in found ? undefined : member(options, name);
    if (method !== undefined) found[name] = method;
  }
  // Their values are checked where they are used.
  return found as Partial<Options>;
}

/**
 * The members of a plain object, in an object without a prototype.
 *
 * @param known the names that there are; without them any name is allowed
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

/** @throws {RollcallError} `invalid_argument` if it is neither absent nor a function */
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
 * An instance of another package, known by the methods that are called.
 *
 * @param message what it must be, such as "`kysely` must be a Kysely instance"
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

/** Not by `member`: a proxy may answer `get` alone, as those of some bindings do. */
function hasMethods(value: unknown, methods: readonly string[]): boolean {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    methods.every((name) => typeof Reflect.get(value, name) === "function")
  );
}

/** Names as messages list them. */
export function listed(names: Iterable<string>): string {
  return Array.from(names, (name) => `\`${name}\``).join(", ");
}
