// The SQL stores, next to the host's own tables. Only compiled, never run.

import { createClient } from "@libsql/client";
import { neon } from "@neondatabase/serverless";
import {
  Kysely,
  MysqlDialect,
  type MysqlPool,
  PostgresDialect,
  type SqliteDatabase,
  SqliteDialect,
} from "kysely";
import pg from "pg";
import { type Host, SessionManagement } from "rollcall";
import {
  bunSqliteDialect,
  d1Dialect,
  durableObjectDialect,
  libsqlDialect,
  migrate,
  migrationSql,
  neonDialect,
  nodeSqliteDialect,
  type SqlDialectName,
  type SqlStores,
  sqlStores,
} from "rollcall/sql";

interface OwnTables {
  users: { id: string; name: string };
}

/** The result of mysql2's `createPool`, as Kysely types it. */
declare const mysqlPool: MysqlPool;
/** The type of better-sqlite3's `Database`, as Kysely types it. */
declare const betterSqlite: SqliteDatabase;
/** The type of `DatabaseSync` of `node:sqlite`, from Node 22 on. */
declare const nodeSqlite: Parameters<typeof nodeSqliteDialect>[0];

export const libsql = new Kysely<OwnTables>({
  dialect: libsqlDialect(createClient({ url: "file:sessions.db" })),
});
export const better = new Kysely<OwnTables>({
  dialect: new SqliteDialect({ database: betterSqlite }),
});
export const node = new Kysely<OwnTables>({ dialect: nodeSqliteDialect(nodeSqlite) });
export const postgres = new Kysely<OwnTables>({
  dialect: new PostgresDialect({ pool: new pg.Pool() }),
});
export const overHttp = new Kysely<OwnTables>({
  dialect: neonDialect(neon("postgres://localhost/identity")),
});
export const mariadb = new Kysely<OwnTables>({ dialect: new MysqlDialect({ pool: mysqlPool }) });

/** The runtimes' own types of these, as far as they matter. */
declare const d1: Parameters<typeof d1Dialect>[0];
declare const storage: Parameters<typeof durableObjectDialect>[0];
declare const bunSqlite: Parameters<typeof bunSqliteDialect>[0];
export const onWorkers = [d1Dialect(d1), durableObjectDialect(storage)].map(
  (dialect) => new Kysely<OwnTables>({ dialect }),
);
export const bun = new Kysely<OwnTables>({ dialect: bunSqliteDialect(bunSqlite) });

export const dialects: SqlDialectName[] = ["sqlite", "postgres", "mysql", "mariadb"];

export async function open(kysely: Kysely<OwnTables>): Promise<SessionManagement> {
  await migrate(kysely, { dialect: "sqlite" });
  const stores: SqlStores = sqlStores(kysely, { dialect: "sqlite", busyTimeout: 1_000 });
  const host: Host = { ...stores, onEvent: ({ type }) => console.log(type) };
  return new SessionManagement(host);
}

/** Within a transaction of the host. */
export function within(kysely: Kysely<OwnTables>): Promise<void> {
  return kysely.transaction().execute(async (transaction) => {
    const { sessions } = sqlStores<OwnTables>(transaction, { dialect: "sqlite" });
    await sessions.remove(["key"]);
    await transaction.deleteFrom("users").where("id", "=", "12345").execute();
  });
}

/** A host can combine these stores with its own. */
export const mixed = (kysely: Kysely<OwnTables>, own: NonNullable<Host["grants"]>): Host => ({
  sessions: sqlStores(kysely, { dialect: "sqlite" }).sessions,
  grants: own,
});

export const statements: string = migrationSql({ dialect: "sqlite" });

// @ts-expect-error: a dialect is needed
sqlStores(libsql);
// @ts-expect-error: no such dialect
sqlStores(libsql, { dialect: "oracle" });
// @ts-expect-error: no such option
migrate(libsql, { dialect: "sqlite", schema: "rollcall" });
// @ts-expect-error: a client isn't a Kysely instance
sqlStores(createClient({ url: "file:sessions.db" }), { dialect: "sqlite" });
