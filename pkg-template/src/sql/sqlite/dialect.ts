/**
 * SQLite and what speaks its language: libSQL and Turso, better-sqlite3, node:sqlite.
 *
 * @module
 */

import { sql } from "kysely";
import type { SqlDialect } from "../dialect.js";
import { MIGRATIONS_TABLE, SQLITE_MIGRATIONS } from "./schema.js";

export const sqliteDialect: SqlDialect = {
  name: "sqlite",
  migrationsTable: MIGRATIONS_TABLE,
  migrations: SQLITE_MIGRATIONS,
  nowInMilliseconds: "unixepoch() * 1000",

  // SQLITE_MAX_VARIABLE_NUMBER, since 3.32.
  parameterLimit: 32_766,

  // https://www.sqlite.org/optoverview.html, section 2: a unary plus disqualifies a term.
  unindexed: (column) => sql`+${column}`,
  // Not LIKE, which knows wildcards, folds ASCII and limits its pattern.
  contains: (text, part) => sql`instr(${text}, ${part}) > 0`,
  beyond: ([time, tieBreak], side, [timeValue, tieBreakValue]) =>
    side === "<"
      ? sql`(${time}, ${tieBreak}) < (${timeValue}, ${tieBreakValue})`
      : sql`(${time}, ${tieBreak}) > (${timeValue}, ${tieBreakValue})`,
  clientsAsJson: (sessionRowId) => sql`(
    select json_group_array(json_array(ordinal, client_id, sid)) from rollcall_session_clients where session_id = ${sessionRowId})`,
  rows: (rows) => sql`(values ${sql.join(rows.map((row) => sql`(${sql.join(row)})`))})`,
  rowColumn: (alias, index) => sql.ref(`${alias}.column${index + 1}`),

  isBusy: (error) => BUSY_MEMBERS.some((member) => isBusyCode(memberOf(error, member))),
  // By its text: Turso and D1 do not pass the extended code on, and the plain one stands for every kind of constraint.
  isDuplicate: (error) => String(memberOf(error, "message")).includes("UNIQUE constraint failed"),
};

// Where the drivers put the result code (https://www.sqlite.org/rescode.html): by name in `code` (better-sqlite3, libSQL), by
// number in `errcode` (node:sqlite).
const BUSY_MEMBERS = ["code", "errcode"];
const SQLITE_BUSY = 5;

/** The low byte of an extended code is its primary code. */
function isBusyCode(code: unknown): boolean {
  return typeof code === "number" ? (code & 0xff) === SQLITE_BUSY : String(code).startsWith("SQLITE_BUSY");
}

function memberOf(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}
