/**
 * PostgreSQL and compatible engines: PGlite, Neon, CockroachDB.
 *
 * @module
 */

import { sql } from "kysely";
import type { SqlDialect } from "../dialect.js";
import { errorMember } from "../driver-error.js";
import { likeContaining } from "../like.js";
import { postgresClients } from "./clients.js";
import { executeNamed, isOutdatedPlan } from "./named-statements.js";

export const postgresDialect: SqlDialect = {
  name: "postgres",

  walkedColumn: "id",
  locksRows: true,
  hasMysqlSyntax: false,
  // An advisory lock with two keys, the first of which is Rollcall's. It can't collide with the
  // host's locks that have one key or another first key.
  admissionLock: (subjectId) =>
    sql`select pg_advisory_xact_lock(${sql.lit(LOCKS)}, hashtext(${subjectId}))`,
  integerType: "bigint",
  joinsChanges: true,
  ordersByDriver: true,
  findsPendingByDue: true,

  // A list is one parameter, a JSON string. It is cast to text first: otherwise a driver that asks
  // the server for parameter types (postgres.js) would encode the JSON as JSON again.
  listLength: 10_000,
  isOneOf: (text, list) =>
    list.length <= SHORT_LIST
      ? sql`${text} in (${sql.join(list)})`
      : sql`${text} = any(array(select jsonb_array_elements_text(${JSON.stringify(list)}::text::jsonb)))`,
  // An array is evaluated first. A query after `in` would be joined, perhaps with the whole table.
  isAmong: (value, query) => sql`${value} = any(array${query})`,
  rows: (json) => sql`jsonb_array_elements(${json}::text::jsonb)`,
  rowColumn: (alias, index, type) => {
    const text = sql`(${sql.ref(`${alias}.value`)} ->> ${sql.lit(index)})`;
    return type === "integer" ? sql`${text}::bigint` : sql`${text}`;
  },

  // The greatest of one value is that value, and has no index. Without this the planner may walk
  // all sessions in the order of the list, because it expects to find those of a subject soon.
  unindexed: (column) => sql`greatest(${column})`,
  // A boolean test has no index, but the planner still estimates how many rows pass it. With an
  // opaque expression it assumes few, and would sort the rows of another index instead of walking
  // this one.
  rowByRow: (column, test) => sql`(${test(column)}) is true`,
  // `any` of a one-element array. The planner treats a column that equals a constant as sorted, so
  // a scan of the listing would appear to have the list's order too. For a common value it would
  // choose that scan, past all rows with other values. With `any` the column stays part of the
  // index order.
  drivenEquals: (column, value) => sql`${column} = any(array[${value}::text])`,
  byIndex: () => sql``,
  // Not `strpos`: the index for substrings (pg_trgm), where there is one, only supports `like`.
  containsParameter: likeContaining,
  contains: (text, part) => sql`${text} like ${part}`,
  beyond: ([time, id], side, place) =>
    sql`(${time}, ${id}) ${sql.raw(side)} (${place.expires}, ${place.id}::bigint)`,

  bytes: (hex) => sql`decode(${hex}, 'hex')`,
  hex: (bytes) => sql`encode(${bytes}, 'hex')`,
  rowId: (digits) => sql`${digits}::bigint`,
  digits: (rowId) => sql`${rowId}::text`,
  // The index has the ids truncated to minutes.
  hasDevice: (before) => {
    const id = sql`${before}::bigint`;
    return sql`coalesce(ip_address, user_agent) is not null and (id >> 36) <= (${id} >> 36)
      and greatest(id) < ${id} order by (id >> 36)`;
  },
  clients: postgresClients,
  isOneOfKeys: (key, json) =>
    sql`${key} = any(array(select decode(jsonb_array_elements_text(${json}::text::jsonb), 'hex')))`,
  shortList: (list) => JSON.stringify(list),
  isInShortList: (text, json) =>
    sql`${text} = any(array(select jsonb_array_elements_text(${json}::text::jsonb)))`,
  isInJson: (text, json) =>
    sql`${text} = any(array(select jsonb_array_elements_text(${json}::text::jsonb)))`,
  execute: executeNamed,

  // After an outdated plan, the next attempt runs without the name.
  isBusy: (error) => CONFLICTS.has(String(errorMember(error, "code"))) || isOutdatedPlan(error),
  isDuplicate: (error) => DUPLICATES.has(String(errorMember(error, "code"))),
  // A trigger of the host may miss one of its own tables. The message contains our table's name in
  // every language.
  isMissingTable: (error) =>
    errorMember(error, "code") === UNDEFINED_TABLE &&
    String(errorMember(error, "message")).includes("rollcall_"),
  // An error within a trigger of the host contains the place in it (`where`).
  isOtherLayout: (error) =>
    OTHER_LAYOUT.has(String(errorMember(error, "code"))) &&
    errorMember(error, "where") === undefined,
  isUnknownStatement: (error) => UNKNOWN_STATEMENT.has(String(errorMember(error, "code"))),
  otherDatabase: () => undefined,
};

const SHORT_LIST = 20;

/** The bytes of `roll`. */
const LOCKS = 0x726f6c6c;

// https://www.postgresql.org/docs/current/errcodes-appendix.html; every driver puts it into `code`.
const UNDEFINED_TABLE = "42P01";
const UNDEFINED_COLUMN = "42703";
/** For a column of another type. */
const UNDEFINED_FUNCTION = "42883";
const OTHER_LAYOUT: ReadonlySet<string> = new Set([UNDEFINED_COLUMN, UNDEFINED_FUNCTION]);
/** A name that this server connection doesn't know, or uses for a statement of another client. */
const UNKNOWN_STATEMENT: ReadonlySet<string> = new Set(["26000", "42P05"]);
const UNIQUE_VIOLATION = "23505";
const DUPLICATE_TABLE = "42P07";
const DUPLICATE_OBJECT = "42710";
/**
 * If two processes create the same table at once, one of them fails with any of these three,
 * depending on the other's progress.
 */
const DUPLICATES: ReadonlySet<string> = new Set([
  UNIQUE_VIOLATION,
  DUPLICATE_TABLE,
  DUPLICATE_OBJECT,
]);
const SERIALIZATION_FAILURE = "40001";
const DEADLOCK_DETECTED = "40P01";
const LOCK_NOT_AVAILABLE = "55P03";
const CONFLICTS: ReadonlySet<string> = new Set([
  SERIALIZATION_FAILURE,
  DEADLOCK_DETECTED,
  LOCK_NOT_AVAILABLE,
]);
