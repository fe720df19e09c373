/**
 * PostgreSQL, and what speaks its language: PGlite, Neon, CockroachDB.
 *
 * @module
 */

import { sql } from "kysely";
import type { SqlDialect } from "../dialect.js";
import { errorMember } from "../driver-error.js";
import { postgresClients } from "./clients.js";
import { executeNamed, isOutdatedPlan } from "./named-statements.js";

export const postgresDialect: SqlDialect = {
  name: "postgres",

  walkedColumn: "id",
  locksRows: true,
  speaksMysql: false,
  // A lock of two keys, of which the first one is Rollcall's. Locks of the host's with one key are
  // others, and so are those with another first key.
  admissionLock: (subjectId) =>
    sql`select pg_advisory_xact_lock(${sql.lit(LOCKS)}, hashtext(${subjectId}))`,
  integerType: "bigint",
  joinsChanges: true,
  ordersByDriver: true,
  findsPendingByDue: true,

  // A list is one parameter, a JSON text. Cast to text first: else a driver that asks the server
  // for the types of the parameters (postgres.js) makes JSON of the JSON.
  listLength: 10_000,
  isOneOf: (text, list) =>
    list.length <= SHORT_LIST
      ? sql`${text} in (${sql.join(list)})`
      : sql`${text} = any(array(select jsonb_array_elements_text(${JSON.stringify(list)}::text::jsonb)))`,
  // An array is read first. What stands behind `in` would be joined, and perhaps with the whole
  // table.
  isAmong: (value, query) => sql`${value} = any(array${query})`,
  rows: (json) => sql`jsonb_array_elements(${json}::text::jsonb)`,
  rowColumn: (alias, index, type) => {
    const text = sql`(${sql.ref(`${alias}.value`)} ->> ${sql.lit(index)})`;
    return type === "integer" ? sql`${text}::bigint` : sql`${text}`;
  },

  // The largest of one value is that value, and no index is on it. Without this the planner may
  // walk all sessions in the order of the list, as it expects to come by those of a subject soon.
  unindexed: (column) => sql`greatest(${column})`,
  // No index is on a test of a truth, and the planner still knows how many rows pass it. Where it
  // only guesses, it expects few, and would rather sort all that the other index has than walk
  // along that.
  rowByRow: (column, test) => sql`(${test(column)}) is true`,
  // One of a list of one: unlike what is merely equal, it stays in the order that an index must
  // give. Otherwise the listing would give that order too, and the planner would walk it where the
  // value is a common one, past all that have another.
  drivenEquals: (column, value) => sql`${column} = any(array[${value}::text])`,
  byIndex: () => sql``,
  // Not `strpos`: the index for substrings (pg_trgm), where there is one, serves `like` only.
  containedPart: (part) => `%${part.replace(/[\\%_]/g, "\\$&")}%`,
  contains: (text, part) => sql`${text} like ${part}`,
  beyond: ([time, id], side, place) =>
    sql`(${time}, ${id}) ${sql.raw(side)} (${place.expires}, ${place.id}::bigint)`,

  bytes: (hex) => sql`decode(${hex}, 'hex')`,
  hex: (bytes) => sql`encode(${bytes}, 'hex')`,
  rowId: (digits) => sql`${digits}::bigint`,
  digits: (rowId) => sql`${rowId}::text`,
  // The index has the ids cut to minutes.
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

  // With an outdated plan, the next try is without the name.
  isBusy: (error) => CONFLICTS.has(String(errorMember(error, "code"))) || isOutdatedPlan(error),
  isDuplicate: (error) => DUPLICATES.has(String(errorMember(error, "code"))),
  // A trigger of the host's may miss a table of its own. The message names it in every language.
  isMissingTable: (error) =>
    errorMember(error, "code") === UNDEFINED_TABLE &&
    String(errorMember(error, "message")).includes("rollcall_"),
  // An error within a trigger of the host's comes with the place in it (`where`).
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
/** Of a column of another type. */
const UNDEFINED_FUNCTION = "42883";
const OTHER_LAYOUT: ReadonlySet<string> = new Set([UNDEFINED_COLUMN, UNDEFINED_FUNCTION]);
/**
 * A name that this connection of the server doesn't know, or has for the statement of another
 * client.
 */
const UNKNOWN_STATEMENT: ReadonlySet<string> = new Set(["26000", "42P05"]);
const UNIQUE_VIOLATION = "23505";
const DUPLICATE_TABLE = "42P07";
const DUPLICATE_OBJECT = "42710";
/**
 * Of two that create the same table at once, one hears any of the three: by how far the other has
 * come.
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
