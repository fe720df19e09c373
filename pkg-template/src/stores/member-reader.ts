/**
 * Reads the arguments of a store member by member, and names a malformed one.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import { epochMilliseconds } from "../instant.js";
import { listed, plainMembers } from "../options.js";
import { maxCharacters, tooManyCharacters } from "./lengths.js";

/** The kinds of members that may be optional. */
type Kind = "stored" | "string" | "strings" | "boolean" | "count" | "time" | "instant";

/**
 * The members of one argument. Every method throws `invalid_argument` with the member's name. A
 * member is absent if it is `undefined`.
 */
export class MemberReader {
  readonly #what: string;
  readonly #members: Readonly<Record<string, unknown>>;

  /**
   * @param what the name of the argument in errors, such as "the grant"
   * @param known the names of the members; without them others are ignored
   */
  constructor(value: unknown, what: string, known?: readonly string[]) {
    this.#what = what;
    this.#members = plainMembers(value, what, known);
  }

  /** The names of the present members. */
  get names(): string[] {
    return Object.keys(this.#members);
  }

  /** The member, unchecked. */
  raw(name: string): unknown {
    return this.#members[name];
  }

  string(name: string): string {
    return checkedString(this.#members[name], this.#place(name));
  }

  /** A string to store, no longer than every store supports. */
  stored(name: string): string {
    const value = this.string(name);
    const length = tooManyCharacters(name, value);
    if (length > 0) {
      throw invalidArgument(
        `${this.#place(name)} has ${length} characters, and not every store holds more than ${maxCharacters(name)}: shorten it`,
      );
    }
    return value;
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const word = words.find((word) => word === this.#members[name]);
    if (word === undefined) {
      throw invalidArgument(`${this.#place(name)} must be one of ${listed(words)}`);
    }
    return word;
  }

  boolean(name: string): boolean {
    const value = this.#members[name];
    if (typeof value !== "boolean") {
      throw invalidArgument(`${this.#place(name)} must be true or false`);
    }
    return value;
  }

  /** Any finite number. */
  number(name: string): number {
    const value = this.#members[name];
    if (typeof value !== "number" || !Number.isFinite(value)) {
      throw invalidArgument(`${this.#place(name)} must be a number`);
    }
    return value;
  }

  /** A whole number, `least` or more. */
  count(name: string, least = 0): number {
    return checkedCount(this.#members[name], this.#place(name), least);
  }

  /** A time of the ports. */
  time(name: string): number {
    return checkedTime(this.#members[name], this.#place(name));
  }

  /** An instant in any form, as epoch milliseconds. */
  instant(name: string): number {
    const instant = epochMilliseconds(this.#members[name]);
    if (instant === undefined) {
      throw invalidArgument(
        `${this.#place(name)} must be a Date, an RFC 3339 string or epoch milliseconds`,
      );
    }
    return instant;
  }

  /** A list; `read` receives each item and its name in errors. */
  list<Item>(name: string, read: (item: unknown, what: string) => Item): Item[] {
    return checkedList(this.#members[name], this.#place(name), read);
  }

  /** A non-empty list of strings: as a filter, an empty one could match nothing or everything. */
  nonEmptyStrings(name: string): string[] {
    const list = this.list(name, checkedString);
    if (list.length === 0) throw invalidArgument(`${this.#place(name)} must not be empty`);
    return list;
  }

  /** The members of an object whose values are strings. */
  strings(name: string): Record<string, string> {
    const place = this.#place(name);
    const values = new MemberReader(this.#members[name], place);
    return Object.fromEntries(
      values.names.map((name) => [checkedString(name, `a name in ${place}`), values.string(name)]),
    );
  }

  /** A member that is itself an object. */
  object(name: string, known?: readonly string[]): MemberReader {
    return new MemberReader(this.#members[name], this.#place(name), known);
  }

  /** A member that may be absent or `null`. */
  optional<Of extends Kind>(name: string, kind: Of): ReturnType<MemberReader[Of]> | undefined;
  optional(name: string, kind: Kind): unknown {
    return this.#members[name] == null ? undefined : this[kind](name);
  }

  #place(name: string): string {
    return `${this.#what}: \`${name}\``;
  }
}

/** @throws {RollcallError} `invalid_argument`, without the value: it may be a secret */
export function checkedString(value: unknown, what: string): string {
  if (typeof value !== "string") throw invalidArgument(`${what} must be a string`);
  if (!isStorable(value)) {
    throw invalidArgument(
      `${what} has a NUL character or a lone surrogate, which stores can't hold: remove it`,
    );
  }
  return value;
}

/**
 * Whether every database can store a string. Some clients truncate it at NUL, and half a surrogate
 * pair has no UTF-8 form: another string would be stored, found or removed.
 */
export function isStorable(value: string): boolean {
  return !value.includes("\0") && !/\p{Surrogate}/u.test(value);
}

/** @throws {RollcallError} `invalid_argument` */
export function checkedCount(value: unknown, what: string, least = 0): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least) {
    throw invalidArgument(`${what} must be a whole number, ${least} or more`);
  }
  return value;
}

/** @throws {RollcallError} `invalid_argument` */
export function checkedTime(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw invalidArgument(`${what} must be whole epoch milliseconds`);
  }
  return value;
}

/**
 * Rejects a string, which would otherwise be read as a list of characters.
 *
 * @throws {RollcallError} `invalid_argument`
 */
export function checkedList<Item>(
  value: unknown,
  what: string,
  read: (item: unknown, what: string) => Item,
): Item[] {
  if (!Array.isArray(value)) throw invalidArgument(`${what} must be an array`);
  // `Array.from`, because `map` skips holes.
  return Array.from(value, (item: unknown, index) => read(item, `${what}, item ${index}`));
}
