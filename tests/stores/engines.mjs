// The SQLite clients that the SQL stores run on; `unavailable` says why one cannot on this machine.
import { Kysely, SqliteDialect } from "kysely";
import { libsqlDialect, nodeSqliteDialect } from "../../pkg/sql.js";
import { OPTIONS, temporaryFile } from "./support.mjs";

/**
 * What the tests of the SQL stores need of an engine.
 *
 * @typedef {object} Engine
 * @property {string} name
 * @property {import("../../pkg/sql.js").SqlOptions} options
 * @property {(t: TestContext) => Promise<string>} place where a fresh database can be: a path or an
 * address
 * @property {(place: string, kyselyOptions?: object) => Database} open a connection to the database
 * in that place
 * @property {(query: Database["query"]) => Promise<object[]>} schemaOf what the tables, columns and
 * indexes are
 */

/**
 * @typedef {object} Database
 * @property {Kysely<unknown>} kysely
 * @property {(sql: string, parameters?: unknown[]) => Promise<object[]>} query past Kysely, on a
 * connection to the same database
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
  // The package is there without its compiled part too.
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

/** SQLite doesn't wait for other processes that do the same at the same moment. */
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
    throw new Error("its node:sqlite is too old");
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

/** What all of them share. */
export const SQLITE = {
  options: OPTIONS,
  place: temporaryFile,
  schemaOf: (query) =>
    query(
      "select type, name, tbl_name, sql from sqlite_schema where name like 'rollcall%' order by name",
    ),
};

/** The engine by its name, or why it is not available here. */
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
