/**
 * Stores for SQL databases, on Kysely: sessions, grants, the outbox, and ending sessions with all
 * three in one transaction.
 *
 * SQLite in every form, Cloudflare D1 and Durable Objects, PostgreSQL, MySQL and MariaDB. The guide
 * is `docs/stores/sql.md`.
 *
 * @example
 * import { createClient } from "@libsql/client";
 * import { Kysely } from "kysely";
 *
 * const kysely = new Kysely({ dialect: libsqlDialect(createClient({ url: "file:sessions.db" })) });
 * await migrate(kysely, { dialect: "sqlite" });
 * const management = new SessionManagement(sqlStores(kysely, { dialect: "sqlite" }));
 *
 * @module
 */

import type { Kysely } from "kysely";
import { invalidArgument } from "./errors.js";
import { listed, optionsObject, requiredInstance } from "./options.js";
import type { SqlDialect, SqlDialectName } from "./sql/dialect.js";
import { atomicEnding } from "./sql/ending.js";
import { grantStore } from "./sql/grants.js";
import { migrationText, runMigrations } from "./sql/migrate.js";
import { mariadbDialect, mysqlDialect } from "./sql/mysql/dialect.js";
import { mariadbSchema, mysqlSchema } from "./sql/mysql/schema.js";
import { logoutOutbox } from "./sql/outbox.js";
import { postgresDialect } from "./sql/postgres/dialect.js";
import { postgresSchema } from "./sql/postgres/schema.js";
import type { SqlSchema } from "./sql/schema.js";
import { sessionStore } from "./sql/sessions.js";
import { sqliteDialect } from "./sql/sqlite/dialect.js";
import { sqliteSchema } from "./sql/sqlite/schema.js";
import type { Tables } from "./sql/tables.js";
import { type RunOptions, WorkUnits } from "./sql/unit-of-work.js";
import {
  checkedEnding,
  checkedGrants,
  checkedOutbox,
  checkedSessions,
} from "./stores/checked-stores.js";
import type { AtomicEnding, GrantStore, LogoutOutbox, SessionStore } from "./types.js";

export type { SqlDialectName } from "./sql/dialect.js";
export { type NeonClient, type NeonResult, neonDialect } from "./sql/postgres/neon.js";
export {
  type BunSqliteDatabase,
  type BunSqliteStatement,
  type BunSqliteValue,
  bunSqliteDialect,
} from "./sql/sqlite/bun-sqlite.js";
export { type D1Client, type D1Result, type D1Statement, d1Dialect } from "./sql/sqlite/d1.js";
export { type DurableObjectStorage, durableObjectDialect } from "./sql/sqlite/durable-object.js";
export {
  type LibsqlClient,
  type LibsqlResult,
  type LibsqlTransaction,
  type LibsqlValue,
  libsqlDialect,
} from "./sql/sqlite/libsql.js";
export {
  type NodeSqliteDatabase,
  type NodeSqliteStatement,
  type NodeSqliteValue,
  nodeSqliteDialect,
} from "./sql/sqlite/node-sqlite.js";

/**
 * The database, and how statements run on it.
 *
 * @example
 * const stores = sqlStores(kysely, { dialect: "sqlite", busyTimeout: 10_000 });
 */
export interface SqlOptions {
  dialect: SqlDialectName;
  /**
   * How long to repeat a statement or transaction that fails because of a concurrent one, in
   * milliseconds (SQLITE_BUSY; a deadlock or serialization failure on a server). Default 5,000. The
   * wait doesn't block the process.
   */
  busyTimeout?: number | undefined;
  /**
   * Whether to prepare statements once per connection and then run them by name. Default `true`.
   * Currently only used with `pg`. Set it to `false` for a pooler that assigns another connection
   * to each transaction and can't track prepared statements, such as PgBouncer before 1.21.
   */
  prepare?: boolean | undefined;
}

/**
 * The stores of one database. `sessions`, `grants`, `outbox` and `atomic` go into a `Host` under
 * these names.
 */
export interface SqlStores {
  sessions: Required<Omit<SessionStore, "capabilities" | "sharePartition">>;
  grants: Required<GrantStore>;
  outbox: Required<LogoutOutbox>;
  atomic: AtomicEnding;
}

/**
 * The stores on this database. Run `migrate` first. Plugins of the Kysely instance are not applied.
 * If you pass a Kysely transaction, the stores work within it, and you must roll it back if a call
 * fails.
 *
 * Errors of the driver are thrown unchanged, but without the values of the statement, which can be
 * the keys of sessions. Two errors get their own code, with the driver's error as `cause`: a
 * missing table is `not_configured`, and a database of another dialect is `invalid_argument`. An
 * unsafe `sql_mode` on MySQL or MariaDB is `not_configured`. A duplicate key is `store_failed`.
 *
 * @throws {RollcallError} `invalid_argument` for anything but a Kysely instance, and for an unknown
 * dialect or option.
 * @example
 * const { sessions, grants, outbox, atomic } = sqlStores(kysely, { dialect: "sqlite" });
 */
export function sqlStores<Database>(kysely: Kysely<Database>, options: SqlOptions): SqlStores {
  const work = workUnits(kysely, options, "sqlStores");
  const sessions = checkedSessions(sessionStore(work));
  const grants = checkedGrants(grantStore(work));
  const outbox = checkedOutbox(logoutOutbox(work));
  const atomic = checkedEnding(atomicEnding(work), { sessions, grants, outbox });
  return { sessions, grants, outbox, atomic };
}

/**
 * Creates the tables, or upgrades them from any released version to this one. Safe to call at every
 * start, and by several processes at once. A database of a newer version is not changed.
 *
 * @throws {RollcallError} `invalid_argument` for anything but a Kysely instance, and for an unknown
 * dialect or option; `not_configured` for an unsafe `sql_mode` of MySQL or MariaDB.
 * @example
 * await migrate(kysely, { dialect: "sqlite" });
 */
export async function migrate<Database>(
  kysely: Kysely<Database>,
  options: SqlOptions,
): Promise<void> {
  const work = workUnits(kysely, options, "migrate");
  await runMigrations(work, SCHEMAS[work.dialect.name]);
}

/**
 * The SQL of all migrations, for tools that apply migrations themselves. It can be run repeatedly.
 *
 * @throws {RollcallError} `invalid_argument` for an unknown dialect or option.
 * @example
 * console.log(migrationSql({ dialect: "postgres" }));
 */
export function migrationSql(options: Pick<SqlOptions, "dialect">): string {
  return migrationText(SCHEMAS[checkedOptions(options, "migrationSql").dialect.name]);
}

function workUnits<Database>(
  kysely: Kysely<Database>,
  options: SqlOptions,
  caller: string,
): WorkUnits {
  const { dialect, ...manner } = checkedOptions(options, caller);
  requiredInstance(
    kysely,
    ["withoutPlugins", "getExecutor", "selectFrom"],
    `the first argument of \`${caller}\` must be a Kysely instance, \`new Kysely({ dialect })\``,
  );
  // The host's type only knows its own tables. Ours exist too once `migrate` has run.
  const ours = kysely.withoutPlugins() as unknown as Kysely<Tables>;
  checkLanguage(ours, dialect, caller);
  return new WorkUnits(ours, dialect, manner);
}

/**
 * Checks that statements are compiled for this dialect. Kysely doesn't expose its database, and
 * bundlers rename its classes. Nothing is sent.
 */
function checkLanguage(kysely: Kysely<Tables>, { name }: SqlDialect, caller: string): void {
  const { sql } = kysely
    .selectFrom("rollcall_sessions")
    .select("scheme")
    .where("scheme", "=", "")
    .compile();
  const found = LANGUAGES.find(({ sign }) => sql.includes(sign));
  if (found !== undefined && !found.names.includes(name)) {
    throw invalidArgument(
      `the options of \`${caller}\`: \`dialect\` is \`${name}\`, but the Kysely instance is for ${found.database}`,
    );
  }
}

/** Languages, recognized by how they quote a name or write a parameter. */
const LANGUAGES: readonly { sign: string; database: string; names: readonly string[] }[] = [
  { sign: "`scheme`", database: "`mysql` or `mariadb`", names: ["mysql", "mariadb"] },
  { sign: "$1", database: "`postgres`", names: ["postgres"] },
  { sign: "@1", database: "SQL Server, which Rollcall doesn't support", names: [] },
  { sign: "?", database: "`sqlite`", names: ["sqlite"] },
];

const DIALECTS: { readonly [Name in SqlDialectName]: SqlDialect } = {
  sqlite: sqliteDialect,
  postgres: postgresDialect,
  mysql: mysqlDialect,
  mariadb: mariadbDialect,
};
const SCHEMAS: { readonly [Name in SqlDialectName]: SqlSchema } = {
  sqlite: sqliteSchema,
  postgres: postgresSchema,
  mysql: mysqlSchema,
  mariadb: mariadbSchema,
};
const OPTIONS: readonly (keyof SqlOptions)[] = ["dialect", "busyTimeout", "prepare"];

function checkedOptions(options: SqlOptions, caller: string): { dialect: SqlDialect } & RunOptions {
  const what = `the options of \`${caller}\``;
  const { dialect, busyTimeout = 5_000, prepare = true } = optionsObject(options, what, OPTIONS);
  if (typeof dialect !== "string" || !Object.hasOwn(DIALECTS, dialect)) {
    const given = typeof dialect === "string" ? ` and not \`${dialect}\`` : "";
    throw invalidArgument(
      `${what}: \`dialect\` must be one of ${listed(Object.keys(DIALECTS))}${given}`,
    );
  }
  if (!Number.isFinite(busyTimeout) || busyTimeout < 0) {
    throw invalidArgument("`busyTimeout` must be a number of milliseconds, 0 or more");
  }
  if (typeof prepare !== "boolean") {
    throw invalidArgument("`prepare` must be true or false");
  }
  return { dialect: DIALECTS[dialect], busyTimeout, prepare };
}
