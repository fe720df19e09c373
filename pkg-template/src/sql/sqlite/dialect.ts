/**
 * SQLite and what speaks its language: libSQL and Turso, better-sqlite3, `node:sqlite`, Bun, D1,
 * Durable Objects.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { SqlDialect } from "../dialect.js";
import { errorMember } from "../driver-error.js";
import { sqliteClients } from "./clients.js";

export const sqliteDialect: SqlDialect = {
  name: "sqlite",
  walkedColumn: "seq",
  locksRows: false,
  speaksMysql: false,
  integerType: "integer",
  joinsChanges: false,
  ordersByDriver: false,
  findsPendingByDue: false,

  // A list is one parameter, a JSON text: the number of parameters is limited (D1: 100), and a
  // statement whose text does not depend on the list is compiled quickly and need not be kept in
  // many forms. The length only bounds what a statement holds in memory: what keeps the text below
  // D1's 2 MB is `jsonChunks`.
  listLength: 10_000,
  // A short list stands in the statement, where the planner can count it.
  isOneOf: (text, list) =>
    list.length <= SHORT_LIST
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
  // Not LIKE, which knows wildcards, folds ASCII and limits its pattern.
  containedPart: (part) => part,
  contains: (text, part) => sql`instr(${text}, ${part}) > 0`,
  // The plus takes from the cast its affinity, with which the index would not be entered by the
  // second column.
  beyond: ([time, id], side, place) =>
    sql`(${time}, ${id}) ${sql.raw(side)} (${place.expires}, +${fromDigits(place.id)})`,

  bytes: (hex) => sql`unhex(${hex})`,
  // Of null, `hex` makes no digits.
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
  // By its text: Turso and D1 do not pass the extended code on, and the plain one stands for every
  // kind of constraint.
  isDuplicate: (error) =>
    String(errorMember(error, "message")).includes("UNIQUE constraint failed"),
  // Also by its text: there is no code for it.
  isMissingTable: (error) =>
    /no such table: (?:main\.)?rollcall_/.test(String(errorMember(error, "message"))),
  isOtherLayout: (error) =>
    /no such column|has no column named/.test(String(errorMember(error, "message"))),
  isUnknownStatement: () => false,
  otherDatabase: () => undefined,
};

/** D1 and others can bind the digits only as a string. */
function fromDigits(digits: string): RawBuilder<never> {
  return sql`cast(${digits} as integer)`;
}

const SHORT_LIST = 20;

// Where the drivers put the result code (https://www.sqlite.org/rescode.html): by name in `code`
// (better-sqlite3, libSQL), by number in `errcode` (node:sqlite).
const BUSY_MEMBERS = ["code", "errcode"];
const SQLITE_BUSY = 5;

/** The low byte of an extended code is its primary code. */
function isBusyCode(code: unknown): boolean {
  return typeof code === "number"
    ? (code & 0xff) === SQLITE_BUSY
    : String(code).startsWith("SQLITE_BUSY");
}
