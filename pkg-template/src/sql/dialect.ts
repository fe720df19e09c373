/**
 * The differences between database engines. Everything else in this folder is the same for all of
 * them.
 *
 * @module
 */

import type {
  CompiledQuery,
  DatabaseConnection,
  Expression,
  Insertable,
  QueryResult,
  RawBuilder,
  SqlBool,
  Updateable,
} from "kysely";
import type { Statement } from "./statement.js";
import type { SessionsTable } from "./tables.js";

/** The dialects, by the names that the public functions accept. */
export type SqlDialectName = "sqlite" | "postgres" | "mysql" | "mariadb";

/** The behaviour of one engine. */
export interface SqlDialect {
  readonly name: SqlDialectName;

  /** The column that orders the index of all sessions: its id. */
  readonly walkedColumn: "id" | "seq";
  /**
   * Whether several transactions can write at once, so that one sees rows that another is about to
   * remove. If so, rows are locked before a decision depends on them, always in the order of their
   * keys, so that transactions don't deadlock.
   */
  readonly locksRows: boolean;
  /**
   * Whether the engine uses MySQL's SQL: `on duplicate key update` instead of `on conflict`, and no
   * `returning`. In that case a statement that locks the rows comes first and returns them.
   */
  readonly hasMysqlSyntax: boolean;
  /**
   * A statement that makes admissions of a subject's sessions run one at a time, even if the
   * subject has none yet. Not needed if only one transaction can write at all.
   */
  readonly admissionLock?: (subjectId: string) => RawBuilder<unknown>;
  /** The type to cast numbers to. */
  readonly integerType: "bigint" | "integer" | "signed";
  /** Whether one statement can change several tables, each part using the results of another. */
  readonly joinsChanges: boolean;

  /**
   * Whether a list is also ordered by the first column of its index, although that column has only
   * one value (see `drivenEquals`).
   */
  readonly ordersByDriver: boolean;

  /**
   * Whether pending notifications are found by their due time, and the other indexes only contain
   * settled ones. (Every index that contains new notifications slows down recording them.)
   */
  readonly findsPendingByDue: boolean;

  /**
   * How many items a list in one statement may have. Longer lists are split into several
   * statements.
   */
  readonly listLength: number;

  /** Hides a column from the planner's choice of an index, so that it uses the intended index. */
  unindexed<T>(column: Expression<T>): RawBuilder<T>;
  /** A test of a column that runs for each row: the planner doesn't look for it in an index. */
  rowByRow(
    column: TextColumn,
    test: (column: TextColumn) => RawBuilder<SqlBool>,
  ): RawBuilder<SqlBool>;
  /** Whether the first column of the intended index equals this value. */
  drivenEquals(column: TextColumn, value: string): RawBuilder<SqlBool>;
  /** A suffix of the table name that selects the index to read; empty where none is needed. */
  byIndex(name: string): RawBuilder<unknown>;
  /** The parameter for `contains`. */
  containsParameter(part: string): string;
  /**
   * Whether a string contains another one, compared by code unit, without special characters. Null
   * contains nothing. `part` is made by `containsParameter`.
   */
  contains(text: Expression<string | null>, part: string): RawBuilder<SqlBool>;
  /**
   * Whether an expiry and an id come after (`>`) or before (`<`) those of a place, in a form that
   * uses an index.
   */
  beyond(columns: ExpiryColumns, side: "<" | ">", place: ExpiryPlace): RawBuilder<SqlBool>;

  /** Decodes hexadecimal digits in either case. */
  bytes<T extends string | null>(hex: Expression<T> | T): RawBuilder<never>;
  /** Encodes bytes as lower-case hexadecimal digits. */
  hex(bytes: Expression<unknown>): RawBuilder<string>;
  /** A row id from its decimal digits. */
  rowId(digits: string): RawBuilder<never>;
  /** A row id as its decimal digits. */
  digits(rowId: Expression<unknown>): RawBuilder<string>;
  /**
   * The condition for sessions with an address or a user agent whose ids come before this one, in
   * the form that uses their index, and the order of that index.
   */
  hasDevice(before: string): RawBuilder<unknown>;
  /** How the clients of a session are stored in its row. */
  readonly clients: RowClients;
  /** Whether a session's key is in a JSON list, in a form that uses the index. */
  isOneOfKeys(key: Expression<unknown>, json: string): RawBuilder<SqlBool>;
  /** A short list of strings as a statement value. */
  shortList(list: readonly string[]): ShortList;
  /** Whether a column is in such a list, in a form that uses an index. */
  isInShortList(text: TextColumn, list: ShortList): RawBuilder<SqlBool>;
  /**
   * Whether a string is in a JSON list. Unlike with `isOneOf`, the statement is the same for every
   * list.
   */
  isInJson(text: Expression<string | null>, json: string): RawBuilder<SqlBool>;
  /** Whether a string is in a list, in a form that looks up each item in an index. */
  isOneOf(text: Expression<string | null>, list: readonly string[]): RawBuilder<SqlBool>;
  /**
   * Whether a value is in the result of a query, in a form that runs the query first and then looks
   * up each value in an index.
   */
  isAmong(value: Expression<unknown>, query: Expression<unknown>): RawBuilder<SqlBool>;
  /** A JSON list of rows as a table; each row has `width` values. */
  rows(json: string, width: number): RawBuilder<unknown>;
  /** The column of `rows` at this index, where the table has the name `alias`. */
  rowColumn<T extends Literal>(alias: string, index: number, type: LiteralType): RawBuilder<T>;

  /**
   * Runs a statement under its name, if the driver of this connection supports named prepared
   * statements.
   */
  readonly execute?: <Row>(
    connection: DatabaseConnection,
    statement: CompiledQuery<Row> & Statement,
  ) => Promise<QueryResult<Row>>;

  /**
   * Checks the setup of a connection before its first statement.
   *
   * @throws {RollcallError} `not_configured`
   */
  readonly checkConnection?: (connection: DatabaseConnection) => Promise<void>;

  /**
   * Whether a statement or transaction only failed because of a concurrent one, or because one had
   * changed the tables. It changed nothing and can be repeated.
   */
  isBusy(error: unknown): boolean;
  /**
   * Whether a statement failed because the row (of a unique key) or table that it creates exists
   * already.
   */
  isDuplicate(error: unknown): boolean;
  /** Whether a statement failed because one of our tables doesn't exist. */
  isMissingTable(error: unknown): boolean;
  /** Whether a statement failed because a table lacks expected columns. */
  isOtherLayout(error: unknown): boolean;
  /**
   * Whether a statement failed because a pooler assigned it to a connection that doesn't know its
   * name.
   */
  isUnknownStatement(error: unknown): boolean;
  /**
   * The advice for an error that only a database of another dialect reports; `undefined` for every
   * other error.
   */
  otherDatabase(error: unknown): string | undefined;
}

/** A list of strings: JSON, or the strings themselves where only those can use an index. */
export type ShortList = string | { readonly [index: string]: string };

/** A column of strings. */
export type TextColumn = Expression<string | null>;

/** An expiry and a row id. */
export type ExpiryColumns = readonly [expires: Expression<unknown>, id: Expression<unknown>];

/** The expiry and the id of one row, the id as decimal digits. */
export type ExpiryPlace = { expires: number; id: string };

/**
 * The clients of a session, in its row, in the order in which they were added. The alias of the
 * sessions is `s`.
 */
export interface RowClients {
  /** The columns of a new row, from the JSON of `clientsToJson`. */
  columns(json: string): Pick<Insertable<SessionsTable>, "clients" | "sids">;
  /** The clients as JSON: a list of client ids, or of `[client id, sid]`. */
  asJson(): RawBuilder<string>;
  /** The columns that an update sets to add a client, or to set the `sid` of an existing one. */
  with(clientId: string, sid: string | null): Updateable<SessionsTable>;
  /**
   * The clients in the JSON of `clientsToJson`, as a table with the columns `client_id` and, except
   * on PostgreSQL, `sid`.
   */
  tableOf(json: string | RawBuilder<string>): RawBuilder<unknown>;
  /** A client id in the form that the listing stores. */
  inListing(clientId: Expression<string> | string): RawBuilder<never>;
  /** Whether the row `c` of the listing belongs to this client, in the form of `drivenEquals`. */
  isListed(clientId: string): RawBuilder<SqlBool>;
  /** Whether the client took part in the session `s`. */
  tookPart(clientId: string): RawBuilder<SqlBool>;
  /**
   * Whether the listing contains exactly the sessions of each client. If not, two client ids can
   * have the same form there and ended sessions stay there for a while, so sessions found in it
   * must be looked up and tested with `tookPart`.
   */
  readonly isListingExact: boolean;
}

/** A value that can be bound to a statement. */
export type Literal = string | number | null;

/** The type of a column of literals, for engines that need it. */
export type LiteralType = "text" | "integer";
