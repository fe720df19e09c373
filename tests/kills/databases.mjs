// The databases of the killed processes.
import { Kysely, PostgresDialect } from "kysely";
import { libsqlDialect, sqlStores } from "../../pkg/sql.js";

// Each driver is loaded only if it's used, because startup is most of the time before a process is
// killed.
const ENGINES = {
  SQLite: {
    options: { dialect: "sqlite" },
    dialect: async (file) => {
      const { createClient } = await import("@libsql/client/sqlite3");
      return libsqlDialect(createClient({ url: `file:${file}` }));
    },
  },
  PostgreSQL: {
    options: { dialect: "postgres" },
    dialect: async (connectionString) => {
      const { default: pg } = await import("pg");
      const pool = new pg.Pool({ connectionString });
      // When its server stops, a broken connection also emits an event, which would end the
      // process.
      pool.on("error", () => {});
      pool.on("connect", (client) => client.on("error", () => {}));
      return new PostgresDialect({ pool });
    },
  },
};

export const ENGINE_NAMES = Object.keys(ENGINES);

/**
 * Opens the database of a place that `newPlaces` made.
 *
 * @param {string} engine its name
 * @param {string} place a path or an address
 * @param {(dialect: import("kysely").Dialect) => import("kysely").Dialect} [watch]
 */
export async function openDatabase(engine, place, watch = (dialect) => dialect) {
  const { options, dialect } = ENGINES[engine];
  const kysely = new Kysely({ dialect: watch(await dialect(place)) });
  return { kysely, options, stores: sqlStores(kysely, options) };
}
