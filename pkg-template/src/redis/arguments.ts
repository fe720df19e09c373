/**
 * The arguments and replies of scripts, as flat lists of strings.
 *
 * @module
 */

import { RollcallError } from "../errors.js";

/** A list preceded by its length, as `takeList` of the scripts reads it. */
export function listArgument(items: readonly string[]): string[] {
  return [`${items.length}`, ...items];
}

/** A string that may be absent. A present one is prefixed with a colon, because it may be empty. */
export function optionalArgument(text: string | undefined): string {
  return text === undefined ? "" : `:${text}`;
}

/** The fields of a record. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** Flattens fields. */
export function fieldsArgument(fields: Fields): string[] {
  return listArgument(fields.flat());
}

/** The defined members as fields. Numbers are written in decimal. */
export function presentFields(members: Record<string, string | number | undefined>): Fields {
  const fields: [string, string][] = [];
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) {
      fields.push([name, `${value}`]);
    }
  }
  return fields;
}

/** Reads the reply of a script, item by item. */
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
        "a script of the Redis stores returned too few items",
      );
    }
    this.#next += 1;
    return item;
  }

  number(): number {
    return Number(this.text());
  }

  /** A list that is preceded by its length. */
  list(): string[] {
    return Array.from({ length: this.number() }, () => this.text());
  }

  /** All remaining strings. */
  rest(): string[] {
    const rest = this.#items.slice(this.#next);
    this.#next = this.#items.length;
    return rest;
  }

  /** A record. Empty if there was none. */
  record(): Map<string, string> {
    const record = new Map<string, string>();
    for (let left = this.number(); left > 0; left -= 2) {
      record.set(this.text(), this.text());
    }
    return record;
  }
}
