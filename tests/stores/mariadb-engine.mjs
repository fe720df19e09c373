// MariaDB as an engine for the tests of all SQL engines. Each place is a database of one server.
import { randomUUID } from "node:crypto";
import { CompiledQuery, Kysely, MysqlDialect } from "kysely";
import mysql from "mysql2";
import { startMariadb } from "../servers/mariadb.mjs";

export const OPTIONS = { dialect: "mariadb" };

const TABLES = [
  "rollcall_session_clients",
  "rollcall_sessions",
  "rollcall_grants",
  "rollcall_outbox",
  "rollcall_admissions",
];

/** Deletes all rows. */
export async function emptyTables(query) {
  for (const table of TABLES) await query(`delete from ${table}`);
}

/** @returns {Promise<import("./engines.mjs").Engine & { stop: () => Promise<void> }>} */
export async function startMariadbEngine() {
  const server = await startMariadb();
  const administer = async (statement) => {
    const connection = await mysql.createConnection(server.url).promise();
    await connection.query(statement);
    await connection.end();
  };
  return {
    name: "MariaDB",
    options: OPTIONS,
    place: async () => {
      const name = `test_${randomUUID().replaceAll("-", "")}`;
      await administer(`create database ${name}`);
      return server.url.replace(/[^/]+$/, name);
    },
    open: (place, kyselyOptions = {}) => {
      const kysely = new Kysely({
        ...kyselyOptions,
        dialect: new MysqlDialect({ pool: mysql.createPool(place) }),
      });
      const raw = kysely.withoutPlugins();
      return {
        kysely,
        query: async (sql, values = []) =>
          (await raw.executeQuery(CompiledQuery.raw(sql, values))).rows,
      };
    },
    schemaOf: (query) =>
      query(`select table_name as name, column_name as part, column_type as definition, is_nullable as nullable, collation_name as collation
          from information_schema.columns where table_schema = database() and table_name like 'rollcall%'
        union all select table_name, index_name, column_name, seq_in_index, non_unique
          from information_schema.statistics where table_schema = database() and table_name like 'rollcall%'
        order by name, part, definition`),
    stop: () => server.stop(),
  };
}
