/**
 * SQLite and what speaks its language: libSQL and Turso, better-sqlite3, `node:sqlite`, Bun, D1,
 * Durable Objects.
 *
 * @module
 */

import { sql } from "kysely";
import type { SqlDialect } from "../dialect.js";
import { errorMember } from "../driver-error.js";

export const sqliteDialect: SqlDialect = {
  name: "sqlite",
  tieBreak: "seq",
  numbersClients: false,
  removesClients: false,
  locksRows: false,
  speaksMysql: false,
  ordersByDriver: false,

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
  rows: (rows) => sql`json_each(${JSON.stringify(rows)})`,
  rowColumn: (alias, index) => sql`${sql.ref(`${alias}.value`)} ->> ${sql.lit(index)}`,

  // https://www.sqlite.org/optoverview.html, section 2: a unary plus disqualifies a term.
  unindexed: (column) => sql`+${column}`,
  rowByRow: (column, test) => test(sql`+${column}`),
  drivenEquals: (column, value) => sql`${column} = ${value}`,
  byIndex: () => sql``,
  // Not LIKE, which knows wildcards, folds ASCII and limits its pattern.
  contains: (text, part) => sql`instr(${text}, ${part}) > 0`,
  beyond: ([time, tieBreak], side, [timeValue, tieBreakValue]) =>
    side === "<"
      ? sql`(${time}, ${tieBreak}) < (${timeValue}, ${tieBreakValue})`
      : sql`(${time}, ${tieBreak}) > (${timeValue}, ${tieBreakValue})`,
  clientsAsJson: (sessionRowId) => sql`(
    select json_group_array(json_array(ordinal, client_id, sid)) from rollcall_session_clients where session_id = ${sessionRowId})`,

  valuesInErrors: [],
  isBusy: (error) => BUSY_MEMBERS.some((member) => isBusyCode(errorMember(error, member))),
  // By its text: Turso and D1 do not pass the extended code on, and the plain one stands for every
  // kind of constraint.
  isDuplicate: (error) =>
    String(errorMember(error, "message")).includes("UNIQUE constraint failed"),
  // Also by its text: there is no code for it.
  isMissingTable: (error) =>
    /no such table: (?:main\.)?rollcall_/.test(String(errorMember(error, "message"))),
  otherDatabase: () => undefined,
};

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
