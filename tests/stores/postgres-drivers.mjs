// The PostgreSQL drivers that the SQL stores run on, each with tables that `migrate` has created.
import { neon, neonConfig } from "@neondatabase/serverless";
import { Kysely, PostgresDialect, sql } from "kysely";
import { PGliteDialect } from "kysely-pglite-dialect";
import { PostgresJSDialect } from "kysely-postgres-js";
import pg from "pg";
import postgres from "postgres";
import { migrate, neonDialect, sqlStores } from "../../pkg/sql.js";

export const OPTIONS = { dialect: "postgres" };

export const DRIVERS = {
  pg: (url) => new PostgresDialect({ pool: poolOf(url) }),
  "postgres.js": (url) =>
    new PostgresJSDialect({ postgres: postgres(url, { onnotice: () => {} }) }),
};

/** PostgreSQL with Neon's driver, over the stand-in for its service at this endpoint. */
export async function connectByHttp(url, endpoint) {
  neonConfig.fetchEndpoint = endpoint;
  const kysely = new Kysely({ dialect: neonDialect(neon(url)) });
  await migrate(kysely, OPTIONS);
  return kysely;
}

/**
 * A broken connection fails its query and also emits an event, which would end the process if there
 * were no listener.
 */
function poolOf(connectionString) {
  const pool = new pg.Pool({ connectionString });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** A database with one of the drivers, with the tables of this version. */
export async function connect(url, driver = "pg", kyselyOptions = {}) {
  const kysely = new Kysely({ ...kyselyOptions, dialect: DRIVERS[driver](url) });
  await migrate(kysely, OPTIONS);
  return kysely;
}

/** PostgreSQL compiled to WebAssembly, in this process. */
export async function connectToPglite() {
  const { PGlite } = await import("@electric-sql/pglite");
  const kysely = new Kysely({ dialect: new PGliteDialect(await PGlite.create()) });
  await migrate(kysely, OPTIONS);
  return kysely;
}

/** Stores without rows. Deletes the existing ones. */
export async function emptyStores(kysely, options = OPTIONS) {
  await sql`truncate rollcall_sessions, rollcall_session_clients, rollcall_ended_sessions, rollcall_grants, rollcall_outbox restart identity`.execute(
    kysely,
  );
  return sqlStores(kysely, options);
}
