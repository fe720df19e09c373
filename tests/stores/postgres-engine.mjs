// PostgreSQL as an engine for the tests of all SQL engines. Each place is a database of one server.
import { randomUUID } from "node:crypto";
import { CompiledQuery, Kysely } from "kysely";
import pg from "pg";
import { startPostgres } from "../servers/postgres.mjs";
import { DRIVERS, OPTIONS } from "./postgres-drivers.mjs";

/** @returns {Promise<import("./engines.mjs").Engine & { stop: () => Promise<void> }>} */
export async function startPostgresEngine() {
  const server = await startPostgres();
  const administer = async (statement) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  return {
    name: "PostgreSQL",
    options: OPTIONS,
    place: async () => {
      const name = `test_${randomUUID().replaceAll("-", "")}`;
      await administer(`create database ${name}`);
      return server.url.replace(/[^/]+$/, name);
    },
    open: (place, kyselyOptions = {}) => {
      const kysely = new Kysely({ ...kyselyOptions, dialect: DRIVERS.pg(place) });
      const raw = kysely.withoutPlugins();
      return {
        kysely,
        query: async (sql, values = []) =>
          (await raw.executeQuery(CompiledQuery.raw(sql, values))).rows,
      };
    },
    schemaOf: (query) =>
      query(`select 'column' as type, table_name as name, column_name || ' ' || data_type || ' ' || is_nullable as definition
          from information_schema.columns where table_name like 'rollcall%'
        union all select 'index', tablename, indexdef from pg_indexes where tablename like 'rollcall%'
        order by type, name, definition`),
    stop: () => server.stop(),
  };
}
