/**
 * Statements that are compiled once and run many times.
 *
 * The SQL of a statement depends on its name and on which values are present, but not on the values
 * themselves. So it is built with a slot for each value, and a run only fills the slots.
 *
 * @module
 */

import type { Compilable, CompiledQuery } from "kysely";
import { bare } from "../plain-object.js";

/** The values of a statement, by name; `undefined` means absent. */
export interface Values {
  readonly [name: string]: string | number | null | undefined | Values;
}

/** A compiled statement. Its name, if it has one, is unique. */
export type Statement = CompiledQuery & { readonly name?: string };

/** Stands in for a value. */
class Slot {
  readonly path: readonly string[];

  constructor(path: readonly string[]) {
    this.path = path;
  }
}

/**
 * How many statements of each kind are kept. There are about a hundred; only filters in unusual
 * combinations and pages of unusual sizes add more.
 */
const MAX_STATEMENTS = 500;

/** The statements of one dialect. */
export class Statements {
  /** Never dropped, because a connection keeps a name as long as it is open. */
  readonly #named = new Map<string, Statement>();
  /** Most recently used last. */
  readonly #unnamed = new Map<string, Statement>();

  /**
   * A statement that is compiled when it first runs.
   *
   * @param name everything that its SQL depends on, except which values are present
   * @param build gets slots instead of values: it may pass them to Kysely, and must not inspect
   * them
   * @param isNamed whether the database may use one plan for all values, as for a row that is found
   * by its key. Don't set it if the best plan depends on the values: PostgreSQL would sort all
   * sessions of a subject for a page, because most subjects have few
   */
  statement<Given extends Values, Row>(
    name: string,
    values: Given,
    build: (values: Given) => Pick<Compilable<Row>, "compile">,
    { isNamed = true } = {},
  ): Pick<Compilable<Row>, "compile"> {
    return {
      compile: () => {
        const shape = name + shapeOf(values);
        const kept = this.#find(shape) ?? this.#compile(shape, values, build, isNamed);
        const parameters = kept.parameters.map((parameter) =>
          parameter instanceof Slot ? valueAt(values, parameter.path) : parameter,
        );
        return { ...kept, parameters };
      },
    };
  }

  #find(shape: string): Statement | undefined {
    const unnamed = this.#unnamed.get(shape);
    if (unnamed === undefined) return this.#named.get(shape);
    this.#unnamed.delete(shape);
    this.#unnamed.set(shape, unnamed);
    return unnamed;
  }

  #compile<Given extends Values>(
    shape: string,
    values: Given,
    build: (values: Given) => Pick<Compilable<unknown>, "compile">,
    isNamed: boolean,
  ): Statement {
    const compiled = build(slotsFor(values, [])).compile();
    if (isNamed && this.#named.size < MAX_STATEMENTS) {
      const named = { ...compiled, name: statementName() };
      this.#named.set(shape, named);
      return named;
    }
    this.#unnamed.set(shape, compiled);
    const [oldest] = this.#unnamed.keys();
    if (oldest !== undefined && this.#unnamed.size > MAX_STATEMENTS) this.#unnamed.delete(oldest);
    return compiled;
  }
}

const OF_DIALECT = new WeakMap<object, Statements>();

/** The statements of this dialect, shared by all stores of the process. */
export function statementsOf(dialect: object): Statements {
  const statements = OF_DIALECT.get(dialect) ?? new Statements();
  OF_DIALECT.set(dialect, statements);
  return statements;
}

let names = 0;
let process: string | undefined;

/** Different from other processes, which may use the same connection through a pooler. */
function statementName(): string {
  process ??= crypto.randomUUID();
  names += 1;
  return `rollcall ${process} ${names}`;
}

/** Encodes which values are present. */
function shapeOf(values: Values): string {
  let shape = "";
  // Not `for … in`: a member of a polluted `Object.prototype` is not a value.
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) {
      shape += ` ${name}${isGroup(value) ? `{${shapeOf(value)} }` : ""}`;
    }
  }
  return shape;
}

/** Slots are used in place of values, so they have the same type. */
function slotsFor<Given extends Values>(values: Given, path: readonly string[]): Given {
  const slots = Object.entries(values).map(([name, value]) => {
    const here = [...path, name];
    if (value === undefined) return [name, undefined];
    return [name, isGroup(value) ? slotsFor(value, here) : new Slot(here)];
  });
  return bare(Object.fromEntries(slots)) as Given;
}

function valueAt(values: Values, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (at as Values)[name], values);
}

function isGroup(value: Values[string]): value is Values {
  return typeof value === "object" && value !== null;
}
