// The SQLite clients that the SQL stores run on. `unavailable` is the reason why one can't run on
// this machine.
import { Kysely, SqliteDialect } from "kysely";
import { libsqlDialect, nodeSqliteDialect } from "../../pkg/sql.js";
import { OPTIONS, temporaryFile } from "./support.mjs";

/**
 * An engine as the tests of the SQL stores use it.
 *
 * @typedef {object} Engine
 * @property {string} name
 * @property {import("../../pkg/sql.js").SqlOptions} options
 * @property {(t: TestContext) => Promise<string>} place returns a path or an address for a fresh
 *   database
 * @property {(place: string, kyselyOptions?: object) => Database} open a connection to the database
 *   of a place
 * @property {(query: Database["query"]) => Promise<object[]>} schemaOf returns the tables, columns
 *   and indexes
 */

/**
 * @typedef {object} Database
 * @property {Kysely<unknown>} kysely
 * @property {(sql: string, parameters?: unknown[]) => Promise<object[]>} query bypasses Kysely on a
 *   connection to the same database
 */

async function libsql() {
  const { createClient } = await import("@libsql/client");
  return {
    name: "libsql",
    open: (file, kyselyOptions = {}) => {
      const client = createClient({ url: file === ":memory:" ? file : `file:${file}` });
      const kysely = new Kysely({ ...kyselyOptions, dialect: libsqlDialect(client) });
      return {
        kysely,
        client,
        query: async (sql, args = []) => (await client.execute({ sql, args })).rows,
      };
    },
  };
}

async function betterSqlite3() {
  const { default: BetterSqlite3 } = await import("better-sqlite3");
  // The package is installed even without its compiled part.
  new BetterSqlite3(":memory:").close();
  return {
    name: "better-sqlite3",
    open: (file, kyselyOptions = {}) => {
      const database = new BetterSqlite3(file, { timeout: 0 });
      toWal(database);
      const kysely = new Kysely({ ...kyselyOptions, dialect: new SqliteDialect({ database }) });
      return {
        kysely,
        query: async (sql, parameters = []) => rowsOf(database.prepare(sql), parameters),
      };
    },
  };
}

/** SQLite doesn't wait if another process switches to WAL at the same moment. */
function toWal(database) {
  for (;;) {
    try {
      database.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      if (error.code !== "SQLITE_BUSY") throw error;
    }
  }
}

function rowsOf(statement, parameters) {
  if (statement.reader) return statement.all(parameters);
  statement.run(parameters);
  return [];
}

async function nodeSqlite() {
  const { DatabaseSync, StatementSync } = await import("node:sqlite");
  if (StatementSync.prototype.columns === undefined) {
    throw new Error("the node:sqlite of this version is too old");
  }
  return {
    name: "node:sqlite",
    open: (file, kyselyOptions = {}) => {
      const database = new DatabaseSync(file);
      const kysely = new Kysely({ ...kyselyOptions, dialect: nodeSqliteDialect(database) });
      return {
        kysely,
        query: async (sql, parameters = []) => database.prepare(sql).all(...parameters),
      };
    },
  };
}

const ENGINES = { libsql, "better-sqlite3": betterSqlite3, "node:sqlite": nodeSqlite };

/** Shared by all of them. */
export const SQLITE = {
  options: OPTIONS,
  place: temporaryFile,
  schemaOf: (query) =>
    query(
      "select type, name, tbl_name, sql from sqlite_schema where name like 'rollcall%' order by name",
    ),
};

/** Returns the engine by its name, or the reason why it isn't available. */
export async function engine(name) {
  try {
    return { ...SQLITE, ...(await ENGINES[name]()) };
  } catch (error) {
    return {
      name,
      unavailable: `${name} does not run on Node ${process.versions.node} here: ${error.message.split("\n")[0]}`,
    };
  }
}
