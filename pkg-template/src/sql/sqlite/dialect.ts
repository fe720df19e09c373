/**
 * SQLite and compatible engines: libSQL and Turso, better-sqlite3, `node:sqlite`, Bun, D1, Durable
 * Objects.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { SqlDialect } from "../dialect.js";
import { errorMember } from "../driver-error.js";
import { sqliteClients } from "./clients.js";
import { MAX_INLINED_LIST } from "./d1-limits.js";

export const sqliteDialect: SqlDialect = {
  name: "sqlite",
  walkedColumn: "seq",
  locksRows: false,
  hasMysqlSyntax: false,
  integerType: "integer",
  joinsChanges: false,
  ordersByDriver: false,
  findsPendingByDue: false,

  // A list is one parameter, a JSON string: D1 limits the number of parameters (`d1-limits.ts`),
  // and SQL that doesn't depend on the list's length is compiled and cached once. This length only
  // bounds the memory of a statement; `jsonChunks` keeps the JSON below the limit of a value.
  listLength: 10_000,
  // A short list is inlined in the statement, so that the planner knows its length.
  isOneOf: (text, list) =>
    list.length <= MAX_INLINED_LIST
      ? sql`${text} in (${sql.join(list)})`
      : sql`${text} in (select value from json_each(${JSON.stringify(list)}))`,
  isAmong: (value, query) => sql`${value} in ${query}`,
  rows: (json) => sql`json_each(${json})`,
  rowColumn: (alias, index) => sql`${sql.ref(`${alias}.value`)} ->> ${sql.lit(index)}`,

  // https://www.sqlite.org/optoverview.html, section 2: a unary plus disqualifies a term.
  unindexed: (column) => sql`+${column}`,
  rowByRow: (column, test) => test(sql`+${column}`),
  drivenEquals: (column, value) => sql`${column} = ${value}`,
  byIndex: () => sql``,
  // Not LIKE, which has wildcards, ignores the case of ASCII letters and limits the pattern's
  // length.
  containsParameter: (part) => part,
  contains: (text, part) => sql`instr(${text}, ${part}) > 0`,
  // The plus removes the affinity of the cast, with which the second column of the index would not
  // be used.
  beyond: ([time, id], side, place) =>
    sql`(${time}, ${id}) ${sql.raw(side)} (${place.expires}, +${fromDigits(place.id)})`,

  bytes: (hex) => sql`unhex(${hex})`,
  // `hex` returns an empty string for null.
  hex: (bytes) => sql`nullif(lower(hex(${bytes})), '')`,
  rowId: fromDigits,
  digits: (rowId) => sql`cast(${rowId} as text)`,
  hasDevice: (before) =>
    sql`coalesce(ip_address, user_agent) is not null and seq < ${fromDigits(before)} order by seq`,
  clients: sqliteClients,
  isOneOfKeys: (key, json) => sql`${key} in (select unhex(value) from json_each(${json}))`,
  shortList: (list) => JSON.stringify(list),
  isInShortList: (text, json) => sql`${text} in (select value from json_each(${json}))`,
  isInJson: (text, json) => sql`${text} in (select value from json_each(${json}))`,

  isBusy: (error) => BUSY_MEMBERS.some((member) => isBusyCode(errorMember(error, member))),
  // By the message: Turso and D1 don't expose the extended code, and the plain one means any kind
  // of constraint.
  isDuplicate: (error) =>
    String(errorMember(error, "message")).includes("UNIQUE constraint failed"),
  // Also by the message, because there is no code for it.
  isMissingTable: (error) =>
    /no such table: (?:main\.)?rollcall_/.test(String(errorMember(error, "message"))),
  isOtherLayout: (error) =>
    /no such column|has no column named/.test(String(errorMember(error, "message"))),
  isUnknownStatement: () => false,
  otherDatabase: () => undefined,
};

/** D1 and others can only bind the digits as a string. */
function fromDigits(digits: string): RawBuilder<never> {
  return sql`cast(${digits} as integer)`;
}

// The properties in which the drivers store the result code (https://www.sqlite.org/rescode.html):
// the name in `code` (better-sqlite3, libSQL), the number in `errcode` (node:sqlite).
const BUSY_MEMBERS = ["code", "errcode"];
const SQLITE_BUSY = 5;

/** The low byte of an extended code is its primary code. */
function isBusyCode(code: unknown): boolean {
  return typeof code === "number"
    ? (code & 0xff) === SQLITE_BUSY
    : String(code).startsWith("SQLITE_BUSY");
}
