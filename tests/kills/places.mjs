// Databases for the killed processes.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import pg from "pg";
import { migrate } from "../../pkg/sql.js";
import { startPostgres } from "../servers/postgres.mjs";
import { temporaryFolder } from "../servers/server.mjs";
import { openDatabase } from "./databases.mjs";

/**
 * Makes this many databases with empty tables.
 *
 * @param {string} engine
 * @param {number} count
 * @returns {Promise<{ places: string[], close: () => Promise<void> }>} `close` stops their server
 */
export async function newPlaces(engine, count) {
  const { places, close } = engine === "SQLite" ? newFiles(count) : await newServer(count);
  for (const place of places) {
    const { kysely, options } = await openDatabase(engine, place);
    await migrate(kysely, options);
    await kysely.destroy();
  }
  return { places, close };
}

function newFiles(count) {
  const folder = temporaryFolder("kills");
  return {
    places: Array.from({ length: count }, (_, n) => join(folder, `${n}.db`)),
    close: async () => {},
  };
}

async function newServer(count) {
  const server = await startPostgres();
  const administrator = new pg.Client({ connectionString: server.url });
  await administrator.connect();
  const names = Array.from({ length: count }, () => `kills_${randomUUID().replaceAll("-", "")}`);
  for (const name of names) await administrator.query(`create database ${name}`);
  await administrator.end();
  return {
    places: names.map((name) => server.url.replace(/[^/]+$/, name)),
    close: () => server.stop(),
  };
}
