/**
 * Reads what a store is given, member by member, and names the one that is wrong.
 *
 * @module
 */

import { invalidArgument, type RollcallError } from "../errors.js";
import { epochMilliseconds } from "../instant.js";
import { plainMembers } from "../options.js";

/** The members of one argument. Every method throws `invalid_argument` with the member's name. */
export class MemberReader {
  readonly #what: string;
  readonly #members: Readonly<Record<string, unknown>>;

  /** @param what what errors call the argument, such as "the grant" */
  constructor(value: unknown, what: string) {
    this.#what = what;
    this.#members = plainMembers(value, what);
  }

  string(name: string): string {
    const value = this.#members[name];
    if (typeof value !== "string") throw this.#wrong(name, "a string");
    return value;
  }

  /** A member that may be absent, also by `null`. */
  optionalString(name: string): string | undefined {
    return this.#isAbsent(name) ? undefined : this.string(name);
  }

  /** An instant in any form, in epoch milliseconds. */
  instant(name: string): number {
    const instant = epochMilliseconds(this.#members[name]);
    if (instant === undefined) {
      throw this.#wrong(name, "a Date, an RFC 3339 string or epoch milliseconds");
    }
    return instant;
  }

  /** An instant that may be absent, also by `null`. */
  optionalInstant(name: string): number | undefined {
    return this.#isAbsent(name) ? undefined : this.instant(name);
  }

  #isAbsent(name: string): boolean {
    return this.#members[name] === undefined || this.#members[name] === null;
  }

  #wrong(name: string, wanted: string): RollcallError {
    return invalidArgument(`${this.#what}: \`${name}\` must be ${wanted}`);
  }
}
