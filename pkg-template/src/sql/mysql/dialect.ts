/**
 * MySQL and MariaDB. Their only difference is the name of a collation.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import { bare } from "../../plain-object.js";
import type { SqlDialect } from "../dialect.js";
import { errorMember } from "../driver-error.js";
import { mysqlClients } from "./clients.js";
import { type Collation, MARIADB_COLLATION, MYSQL_COLLATION } from "./collation.js";
import { checkSqlMode } from "./sql-mode.js";

/** MySQL 8.0.17 or later. */
export const mysqlDialect = dialectWith(
  "mysql",
  MYSQL_COLLATION,
  "use `mariadb` if it is MariaDB, or MySQL 8.0.17 or later",
);

/** MariaDB 10.6 or later. */
export const mariadbDialect = dialectWith(
  "mariadb",
  MARIADB_COLLATION,
  "use `mysql` if it is MySQL, or MariaDB 10.6 or later",
);

function dialectWith(name: SqlDialect["name"], collation: Collation, advice: string): SqlDialect {
  const itemsOf = (json: string, type: string) =>
    sql`json_table(${json}, '$[*]' columns (item ${sql.raw(type)} character set utf8mb4 collate ${sql.raw(collation)} path '$')) as listed`;
  return {
    name,

    walkedColumn: "id",
    locksRows: true,
    hasMysqlSyntax: true,
    // Locks the row of a slot, even if it doesn't exist yet. Several subjects share a slot, so that
    // there are few rows.
    admissionLock: (subjectId) =>
      sql`insert into rollcall_admissions (slot) values (crc32(${subjectId}) % ${sql.lit(SLOTS)})
        on duplicate key update slot = rollcall_admissions.slot`,
    integerType: "signed",
    joinsChanges: false,
    ordersByDriver: false,
    findsPendingByDue: false,

    // Inlined in the statement: a list in another form would be joined, which is slow in a
    // deletion.
    listLength: 500,
    isOneOf: (text, list) => sql`${text} in (${sql.join(list)})`,
    isAmong: (value, query) => sql`${value} in ${query}`,
    rows: (json, width) => {
      const columns = Array.from(
        { length: width },
        (_, index) =>
          sql`${sql.ref(`c${index}`)} longtext character set utf8mb4 collate ${sql.raw(collation)} path ${sql.lit(`$[${index}]`)}`,
      );
      return sql`json_table(${json}, '$[*]' columns (${sql.join(columns)}))`;
    },
    rowColumn: (alias, index, type) => {
      const text = sql.ref(`${alias}.c${index}`);
      return type === "integer" ? sql`cast(${text} as signed)` : sql`${text}`;
    },

    // A function that returns its only argument, and has no index.
    unindexed: (column) => sql`coalesce(${column})`,
    rowByRow: (column, test) => test(sql`coalesce(${column})`),
    drivenEquals: (column, value) => sql`${column} = ${value}`,
    // By default the planner may look up an equal value and skip all rows before a position, if it
    // expects that to be cheaper than the range that starts there: for example if one value has
    // many rows.
    byIndex: (name) => sql`force index (${sql.ref(name)})`,
    containsParameter: (part) => part,
    contains: (text, part) => sql`instr(${text}, ${part}) > 0`,
    // Written out, because a comparison of rows doesn't use an index.
    beyond: ([time, id], side, place) => {
      const beyond = sql.raw(side);
      return sql`(${time} ${beyond} ${place.expires} or (${time} = ${place.expires} and ${id} ${beyond} ${fromDigits(place.id)}))`;
    },

    bytes: (hex) => sql`unhex(${hex})`,
    hex: (bytes) => sql`lower(hex(${bytes}))`,
    rowId: fromDigits,
    digits: (rowId) => sql`cast(${rowId} as char)`,
    hasDevice: (before) => sql`has_device = 1 and id < ${fromDigits(before)} order by id`,
    clients: mysqlClients(collation),
    isOneOfKeys: (key, json) =>
      sql`${key} in (select unhex(item) from ${itemsOf(json, "varchar(64)")})`,
    // One parameter per item: MariaDB would join a JSON list, and scan the whole index.
    shortList: (list) => bare(Object.fromEntries(list.entries())),
    isInShortList: (text, list) => sql`${text} in (${sql.join(Object.values(list))})`,
    isInJson: (text, json) => sql`${text} in (select item from ${itemsOf(json, "longtext")})`,

    checkConnection: checkSqlMode,

    isBusy: (error) => BUSY.has(Number(numberOf(error))),
    isDuplicate: (error) => numberOf(error) === DUPLICATE_ENTRY,
    // The message is in the server's language, but always contains the table name.
    isMissingTable: (error) =>
      numberOf(error) === NO_SUCH_TABLE &&
      String(errorMember(error, "message")).includes("rollcall_"),
    isOtherLayout: (error) => numberOf(error) === BAD_FIELD,
    isUnknownStatement: () => false,
    otherDatabase: (error) =>
      numberOf(error) === UNKNOWN_COLLATION
        ? `the database doesn't know the collation \`${collation}\`: ${advice}`
        : undefined,
  };
}

const SLOTS = 1_000;

// https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
const BAD_FIELD = 1054;
const NO_SUCH_TABLE = 1146;
const UNKNOWN_COLLATION = 1273;
const DUPLICATE_ENTRY = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;
const BUSY: ReadonlySet<number> = new Set([LOCK_WAIT_TIMEOUT, DEADLOCK]);

/** As a number, because MySQL would round the id in a comparison with a string. */
function fromDigits(digits: string): RawBuilder<never> {
  return sql`cast(${digits} as signed)`;
}

/** The property in which mysql2 stores the server's error number. */
function numberOf(error: unknown): unknown {
  return errorMember(error, "errno");
}
