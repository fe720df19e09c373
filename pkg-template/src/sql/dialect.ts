/**
 * What differs from one database engine to another. All else in this folder is the same for all of
 * them.
 *
 * @module
 */

import type { Expression, RawBuilder, SqlBool } from "kysely";

/** The dialects by the names that the public functions take. */
export type SqlDialectName = "sqlite" | "postgres" | "mysql" | "mariadb";

/** One engine's ways. */
export interface SqlDialect {
  readonly name: SqlDialectName;

  /**
   * The column of the sessions that breaks ties: it grows with each new row, and an index can be
   * entered by it.
   */
  readonly tieBreak: "id" | "seq";
  /**
   * Whether the database itself numbers the clients of a session in the order in which they come.
   */
  readonly numbersClients: boolean;
  /** Whether the clients of a session are removed with it by the database itself. */
  readonly removesClients: boolean;
  /**
   * Whether several transactions can write at once, and one sees rows that another is about to
   * remove. Then rows are locked before something is decided by them, always in the order of their
   * keys: so that no two transactions wait for each other.
   */
  readonly locksRows: boolean;
  /**
   * Whether it speaks MySQL: `on duplicate key update` in the place of `on conflict`, and no
   * `returning`. Then a statement that locks the rows comes first and tells which there are.
   */
  readonly speaksMysql: boolean;

  /**
   * Whether a list is ordered by the first column of its index too, although that has one value
   * only (see `drivenEquals`).
   */
  readonly ordersByDriver: boolean;

  /**
   * How many items a list in one statement may have. Longer ones are spread over several
   * statements.
   */
  readonly listLength: number;

  /**
   * A column that the planner does not look for in an index, so that it takes the index that was
   * meant.
   */
  unindexed<T>(column: Expression<T>): RawBuilder<T>;
  /** A test of a column, to be made row by row: the planner does not look for it in an index. */
  rowByRow(
    column: TextColumn,
    test: (column: TextColumn) => RawBuilder<SqlBool>,
  ): RawBuilder<SqlBool>;
  /** Whether the first column of the index that was meant is this value. */
  drivenEquals(column: TextColumn, value: string): RawBuilder<SqlBool>;
  /**
   * What stands behind the name of a table that is to be read by this index; nothing where no more
   * is needed.
   */
  byIndex(name: string): RawBuilder<unknown>;
  /**
   * Whether a text contains another, by code unit, with no character that is special. Null contains
   * nothing.
   */
  contains(text: Expression<string | null>, part: string): RawBuilder<SqlBool>;
  /**
   * Whether a pair of columns lies behind (`>`) or ahead of (`<`) a pair of values, in a form that
   * enters an index there.
   */
  beyond(
    columns: ColumnPair,
    side: "<" | ">",
    values: readonly [number, number],
  ): RawBuilder<SqlBool>;
  /**
   * The clients of a session as a JSON text: a list of `[ordinal, client id, sid]`, in any order.
   */
  clientsAsJson(sessionRowId: Expression<number>): RawBuilder<string>;
  /** Whether a text is one of these, in a form that finds each of them in an index. */
  isOneOf(text: Expression<string | null>, list: readonly string[]): RawBuilder<SqlBool>;
  /**
   * Whether a value is among those of a query, in a form that reads these first and then finds each
   * of them in an index.
   */
  isAmong(value: Expression<unknown>, query: Expression<unknown>): RawBuilder<SqlBool>;
  /** Rows of values as a table. */
  rows(rows: readonly (readonly Literal[])[]): RawBuilder<unknown>;
  /** The column at this index of `rows`, where that table goes by the name `alias`. */
  rowColumn<T extends Literal>(alias: string, index: number, type: LiteralType): RawBuilder<T>;

  /**
   * Members of the drivers' errors that can hold values of the statement, such as a session's key.
   */
  readonly valuesInErrors: readonly string[];
  /**
   * Whether a statement or transaction failed only because another one was under way. It changed
   * nothing and can be repeated.
   */
  isBusy(error: unknown): boolean;
  /**
   * Whether a statement failed because what it would make was there already: a row of the same
   * unique key, or a table.
   */
  isDuplicate(error: unknown): boolean;
  /** Whether a statement failed because a table of ours doesn't exist. */
  isMissingTable(error: unknown): boolean;
  /**
   * The advice for an error that only a database of another dialect gives; `undefined` for every
   * other error.
   */
  otherDatabase(error: unknown): string | undefined;
}

/** A column of texts. */
export type TextColumn = Expression<string | null>;

/** A time and the tie-break behind it. */
export type ColumnPair = readonly [time: Expression<unknown>, tieBreak: Expression<unknown>];

/** What can be bound to a statement. */
export type Literal = string | number | null;

/** What a column of literals holds, for engines that want to know. */
export type LiteralType = "text" | "integer";
