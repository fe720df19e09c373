/**
 * What scripts take and return, as flat lists of texts.
 *
 * @module
 */

import { RollcallError } from "../errors.js";

/** A list behind its length, as `takeList` of the scripts reads it. */
export function listArgument(items: readonly string[]): string[] {
  return [`${items.length}`, ...items];
}

/** A string that may be absent. If it is present, a colon comes first, because it may be empty. */
export function optionalArgument(text: string | undefined): string {
  return text === undefined ? "" : `:${text}`;
}

/** The fields of a record, name by name. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** Fields as a list. */
export function fieldsArgument(fields: Fields): string[] {
  return listArgument(fields.flat());
}

/** The members that are there as fields; a number is written in decimal digits. */
export function presentFields(members: Record<string, string | number | undefined>): Fields {
  const fields: [string, string][] = [];
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) {
      fields.push([name, `${value}`]);
    }
  }
  return fields;
}

/** Reads what a script returned, item by item. */
export class ReplyReader {
  readonly #items: readonly string[];
  #next = 0;

  constructor(items: readonly string[]) {
    this.#items = items;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#items.length;
  }

  text(): string {
    const item = this.#items[this.#next];
    if (item === undefined) {
      throw new RollcallError(
        "store_failed",
        "a script of the Redis stores returned less than it should",
      );
    }
    this.#next += 1;
    return item;
  }

  number(): number {
    return Number(this.text());
  }

  /** As many texts as the number in front of them says. */
  list(): string[] {
    return Array.from({ length: this.number() }, () => this.text());
  }

  /** All strings that are left. */
  rest(): string[] {
    const rest = this.#items.slice(this.#next);
    this.#next = this.#items.length;
    return rest;
  }

  /** A record; an empty one if there was none. */
  record(): Map<string, string> {
    const record = new Map<string, string>();
    for (let left = this.number(); left > 0; left -= 2) {
      record.set(this.text(), this.text());
    }
    return record;
  }
}
