/**
 * What differs from one database engine to another. All else in this folder is the same for all of
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

/** The dialects by the names that the public functions take. */
export type SqlDialectName = "sqlite" | "postgres" | "mysql" | "mariadb";

/** One engine's ways. */
export interface SqlDialect {
  readonly name: SqlDialectName;

  /** The column of the sessions by which the index of all of them is walked: its id. */
  readonly walkedColumn: "id" | "seq";
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
   * A statement that lets one transaction at a time admit sessions of a subject, also where the
   * subject has none. None is needed where only one can write at all.
   */
  readonly admissionLock?: (subjectId: string) => RawBuilder<unknown>;
  /** The type of a number to which a value is cast. */
  readonly integerType: "bigint" | "integer" | "signed";
  /** Whether one statement can change several tables, each part by what another one returns. */
  readonly joinsChanges: boolean;

  /**
   * Whether a list is ordered by the first column of its index too, although that has one value
   * only (see `drivenEquals`).
   */
  readonly ordersByDriver: boolean;

  /**
   * Whether pending notifications are found by when they are due, and the other indexes have only
   * what is settled: each index that has the new ones makes it slower to record them.
   */
  readonly findsPendingByDue: boolean;

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
  /** The parameter for `contains`. */
  containedPart(part: string): string;
  /**
   * Whether a text contains another, by code unit, with no character that is special. Null contains
   * nothing. `part` is made by `containedPart`.
   */
  contains(text: Expression<string | null>, part: string): RawBuilder<SqlBool>;
  /**
   * Whether an expiry and an id lie behind (`>`) or ahead of (`<`) those of a place, in a form that
   * enters an index there.
   */
  beyond(columns: ExpiryColumns, side: "<" | ">", place: ExpiryPlace): RawBuilder<SqlBool>;

  /** The bytes of hexadecimal digits, in either case. */
  bytes<T extends string | null>(hex: Expression<T> | T): RawBuilder<never>;
  /** Bytes as hexadecimal digits, in lower case. */
  hex(bytes: Expression<unknown>): RawBuilder<string>;
  /** A row id from its decimal digits. */
  rowId(digits: string): RawBuilder<never>;
  /** A row id as its decimal digits. */
  digits(rowId: Expression<unknown>): RawBuilder<string>;
  /**
   * The condition for sessions with an address or a user agent whose ids lie ahead of this one, in
   * the form that enters their index, and the order of that index.
   */
  hasDevice(before: string): RawBuilder<unknown>;
  /** How the clients of a session are kept in its row. */
  readonly clients: RowClients;
  /** Whether a session's key is one of those in a JSON list, in a form that enters the index. */
  isOneOfKeys(key: Expression<unknown>, json: string): RawBuilder<SqlBool>;
  /** A list of a few strings as a value of a statement. */
  shortList(list: readonly string[]): ShortList;
  /** Whether a column is in such a list, in a form that enters an index. */
  isInShortList(text: TextColumn, list: ShortList): RawBuilder<SqlBool>;
  /**
   * Whether a text is one of those in a JSON list. Unlike with `isOneOf`, the statement is the same
   * for every list.
   */
  isInJson(text: Expression<string | null>, json: string): RawBuilder<SqlBool>;
  /** Whether a text is one of these, in a form that finds each of them in an index. */
  isOneOf(text: Expression<string | null>, list: readonly string[]): RawBuilder<SqlBool>;
  /**
   * Whether a value is among those of a query, in a form that reads these first and then finds each
   * of them in an index.
   */
  isAmong(value: Expression<unknown>, query: Expression<unknown>): RawBuilder<SqlBool>;
  /** A JSON list of rows of values as a table; each has `width` of them. */
  rows(json: string, width: number): RawBuilder<unknown>;
  /** The column at this index of `rows`, where that table goes by the name `alias`. */
  rowColumn<T extends Literal>(alias: string, index: number, type: LiteralType): RawBuilder<T>;

  /**
   * Runs a statement under its name, if the driver of this connection prepares statements by name.
   */
  readonly execute?: <Row>(
    connection: DatabaseConnection,
    statement: CompiledQuery<Row> & Statement,
  ) => Promise<QueryResult<Row>>;

  /**
   * Checks how a connection is set up, before the first statement on it.
   *
   * @throws {RollcallError} `not_configured`
   */
  readonly checkConnection?: (connection: DatabaseConnection) => Promise<void>;

  /**
   * Whether a statement or transaction failed only because another one was under way, or had
   * changed the tables. It changed nothing and can be repeated.
   */
  isBusy(error: unknown): boolean;
  /**
   * Whether a statement failed because what it would make was there already: a row of the same
   * unique key, or a table.
   */
  isDuplicate(error: unknown): boolean;
  /** Whether a statement failed because a table of ours doesn't exist. */
  isMissingTable(error: unknown): boolean;
  /** Whether a statement failed because a table doesn't have the columns that it should have. */
  isOtherLayout(error: unknown): boolean;
  /**
   * Whether a statement failed because a pooler gave it a connection that doesn't know its name.
   */
  isUnknownStatement(error: unknown): boolean;
  /**
   * The advice for an error that only a database of another dialect gives; `undefined` for every
   * other error.
   */
  otherDatabase(error: unknown): string | undefined;
}

/** A list of strings: JSON, or the strings themselves where only those enter an index. */
export type ShortList = string | { readonly [index: string]: string };

/** A column of texts. */
export type TextColumn = Expression<string | null>;

/** An expiry and a row id. */
export type ExpiryColumns = readonly [expires: Expression<unknown>, id: Expression<unknown>];

/** The same of one row, the id as decimal digits. */
export type ExpiryPlace = { expires: number; id: string };

/** The clients of a session, in its row in the order in which they came. The sessions go by `s`. */
export interface RowClients {
  /** The columns of a new row, from the JSON of `clientsToJson`. */
  columns(json: string): Pick<Insertable<SessionsTable>, "clients" | "sids">;
  /** The clients as JSON: a list of client ids, or of `[client id, sid]`. */
  asJson(): RawBuilder<string>;
  /** The columns that an update sets to add a client, or the `sid` of one that is there. */
  with(clientId: string, sid: string | null): Updateable<SessionsTable>;
  /**
   * The clients in the JSON of `clientsToJson`, as a table with the columns `client_id` and, except
   * on PostgreSQL, `sid`.
   */
  tableOf(json: string | RawBuilder<string>): RawBuilder<unknown>;
  /** A client id in the form in which the listing has it. */
  inListing(clientId: Expression<string> | string): RawBuilder<never>;
  /** Whether the row `c` of the listing is of this client, in the form of `drivenEquals`. */
  isListed(clientId: string): RawBuilder<SqlBool>;
  /** Whether the client took part in the session `s`. */
  tookPart(clientId: string): RawBuilder<SqlBool>;
  /**
   * Whether the listing has exactly the sessions of each client. If not, two client ids can have
   * the same form there and sessions that have ended stay there for a while, so that sessions found
   * in it must be looked up, and `tookPart` tested.
   */
  readonly isListingExact: boolean;
}

/** What can be bound to a statement. */
export type Literal = string | number | null;

/** What a column of literals holds, for engines that want to know. */
export type LiteralType = "text" | "integer";
