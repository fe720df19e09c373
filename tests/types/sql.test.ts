// The SQL stores, beside tables of the host's own. Only compiled, never run.

import { createClient } from "@libsql/client";
import { Kysely, type SqliteDatabase, SqliteDialect } from "kysely";
import { type Host, SessionManagement } from "rollcall";
import { libsqlDialect, migrate, migrationSql, nodeSqliteDialect, type SqlStores, sqlStores } from "rollcall/sql";

interface OwnTables {
  users: { id: string; name: string };
}

/** What better-sqlite3's `Database` is, as Kysely sees it. */
declare const betterSqlite: SqliteDatabase;
/** What `DatabaseSync` of `node:sqlite` is, from Node 22 on. */
declare const nodeSqlite: Parameters<typeof nodeSqliteDialect>[0];

export const libsql = new Kysely<OwnTables>({ dialect: libsqlDialect(createClient({ url: "file:sessions.db" })) });
export const better = new Kysely<OwnTables>({ dialect: new SqliteDialect({ database: betterSqlite }) });
export const node = new Kysely<OwnTables>({ dialect: nodeSqliteDialect(nodeSqlite) });

export async function open(kysely: Kysely<OwnTables>): Promise<SessionManagement> {
  await migrate(kysely, { dialect: "sqlite" });
  const stores: SqlStores = sqlStores(kysely, { dialect: "sqlite", busyTimeout: 1_000 });
  const host: Host = { ...stores, onEvent: ({ type }) => console.log(type) };
  return new SessionManagement(host);
}

/** Within a transaction of the host's. */
export function within(kysely: Kysely<OwnTables>): Promise<void> {
  return kysely.transaction().execute(async (transaction) => {
    const { sessions } = sqlStores<OwnTables>(transaction, { dialect: "sqlite" });
    await sessions.remove(["key"]);
    await transaction.deleteFrom("users").where("id", "=", "12345").execute();
  });
}

/** One part may be another's. */
export const mixed = (kysely: Kysely<OwnTables>, own: NonNullable<Host["grants"]>): Host => ({
  sessions: sqlStores(kysely, { dialect: "sqlite" }).sessions,
  grants: own,
});

export const statements: string = migrationSql({ dialect: "sqlite" });

// @ts-expect-error: which dialect must be said
sqlStores(libsql);
// @ts-expect-error: no such dialect
sqlStores(libsql, { dialect: "oracle" });
// @ts-expect-error: no such option
migrate(libsql, { dialect: "sqlite", schema: "rollcall" });
// @ts-expect-error: a client is no Kysely instance
sqlStores(createClient({ url: "file:sessions.db" }), { dialect: "sqlite" });
