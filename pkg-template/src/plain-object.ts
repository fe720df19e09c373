/**
 * The definition of a plain object and its members, for every argument.
 *
 * A `Map`, a `Date` or a promise has no members to read, so it would count as an empty object, and
 * as a query it would list every session. It is rejected instead.
 *
 * @module
 */

import { invalidArgument } from "./errors.js";

/**
 * The defined members of a plain object as alternating names and values: `[k1, v1, k2, v2, …]`.
 * Empty for `undefined` and `null`, and `undefined` if the value is not a plain object.
 *
 * Own enumerable members count. From the classes in between, accessors and data that is not a
 * function count too. Members of `Object.prototype` never count, so a polluted one changes nothing.
 *
 * @throws {RollcallError} `invalid_argument` if a getter or a proxy throws
 */
export function members(value: unknown): unknown[] | undefined {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return undefined;
  const names = attempt("the object", () => readableNames(value));
  if (names === undefined) return undefined;
  const found: unknown[] = [];
  for (const name of names) {
    const memberValue = attempt(`\`${name}\``, () => Reflect.get(value, name) as unknown);
    if (memberValue !== undefined) found.push(name, memberValue);
  }
  return found;
}

/** Reads from a caller's object, whose getters and traps may throw. */
function attempt<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalidArgument(`${what} could not be read`, error);
  }
}

/** Whether `members` can read the value. False for `undefined` and `null`. */
export function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && readableNames(value) !== undefined;
}

/**
 * One member of an object, plain or not. It may be a method of its class, as a host's callbacks may
 * be. `undefined` if only `Object.prototype` has it.
 */
export function member(value: object, name: string): unknown {
  const found: unknown = Reflect.get(value, name);
  // A proxy, such as the stub of a remote store, has members that no object in its prototype chain
  // owns. So the chain is searched only if the last prototype has a member of this name.
  if (found === undefined || !rootOwns(value, name)) return found;
  if (Object.hasOwn(value, name)) return found;
  for (const prototype of prototypesOf(value)) {
    if (Object.hasOwn(prototype, name)) return found;
  }
  return undefined;
}

/**
 * Copies the members into an object without a prototype. Otherwise a member of a polluted
 * `Object.prototype` would be used where an optional one is absent.
 */
export function bare<Members extends object>(members: Members): Members {
  return Object.assign(Object.create(null), members);
}

/** Whether a value can be awaited. As an argument it means a forgotten `await`. */
export function isThenable(value: unknown): boolean {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof member(value, "then") === "function"
  );
}

/** The names of the readable members; `undefined` if the value is not a plain object. */
function readableNames(value: object): string[] | undefined {
  if (!hasPlainTag(value) || isThenable(value)) return undefined;
  const names = Object.keys(value);
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || isRoot(prototype)) return names;
  // The nearest member of a name hides the others, even if it doesn't count itself.
  const seen = new Set(Object.getOwnPropertyNames(value));
  for (const inherited of prototypesOf(value)) {
    for (const name of Object.getOwnPropertyNames(inherited)) {
      if (!seen.has(name) && isReadable(inherited, name)) names.push(name);
      seen.add(name);
    }
  }
  // An instance that keeps its state in private fields would look empty.
  return names.length === 0 ? undefined : names;
}

/** By its tag, because `instanceof` only recognizes the classes of its own realm. */
function hasPlainTag(value: object): boolean {
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Object]" || tag === "[object Module]";
}

function isReadable(owner: object, name: string): boolean {
  const property = Object.getOwnPropertyDescriptor(owner, name);
  if (property === undefined) return false;
  // A descriptor is an object too, so it inherits from a polluted `Object.prototype`.
  if (!Object.hasOwn(property, "value")) return property.get !== undefined;
  return typeof property.value !== "function";
}

/** The prototypes of a value, nearest first, without the `Object.prototype` at the end. */
function* prototypesOf(value: object): Generator<object, void, undefined> {
  let prototype: object | null = Object.getPrototypeOf(value);
  while (prototype !== null && !isRoot(prototype)) {
    yield prototype;
    prototype = Object.getPrototypeOf(prototype);
  }
}

/** Whether the `Object.prototype` at the end of a value's chain has this member. */
function rootOwns(value: object, name: string): boolean {
  let root: object = value;
  for (let next: object | null = value; next !== null; next = Object.getPrototypeOf(next)) {
    root = next;
  }
  return root !== value && isRoot(root) && Object.hasOwn(root, name);
}

/** Whether this is the `Object.prototype` of some realm. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}
