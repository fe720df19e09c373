// @ts-check
/**
 * The PostgreSQL server of the benchmarks. Its databases stay under `target/bench/` until the
 * sources of their contents change.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { postgresVersion, startPostgres } from "../../tests/servers/postgres.mjs";

const FOLDER = new URL("../../target/bench/", import.meta.url);
const SETTINGS = { shared_buffers: "1GB", max_wal_size: "8GB", work_mem: "32MB" };

/** @type {ReturnType<typeof startPostgres> | undefined} */
let server;
let users = 0;

/** The server. It stops when its last user releases it. */
export async function usePostgres() {
  users += 1;
  server ??= start();
  const { url, stop } = await server;
  const release = async () => {
    users -= 1;
    if (users > 0) return;
    server = undefined;
    await stop();
  };
  return { url, release };
}

/**
 * Fills a database, or returns the one that an earlier run filled.
 *
 * @param {string} url of the server
 * @param {string} name the prefix of the name of the database
 * @param {string} fingerprint of everything that the contents depend on
 * @param {(url: string) => Promise<void>} fill
 * @returns {Promise<string>} its name
 */
export async function keptDatabase(url, name, fingerprint, fill) {
  const kept = `${name}_${fingerprint}`;
  return await asAdministrator(url, async (administrator) => {
    const { rows } = await administrator.query(
      "select datname from pg_database where datname ~ $1",
      [`^${name}_[0-9a-f]+(_unfinished)?$`],
    );
    for (const { datname } of rows) {
      if (datname !== kept) await administrator.query(`drop database ${datname}`);
    }
    if (!rows.some(({ datname }) => datname === kept)) {
      console.error(`filling the database ${name} on PostgreSQL; later runs reuse it`);
      // It's renamed when it's complete.
      await administrator.query(`create database ${kept}_unfinished`);
      await fill(databaseUrl(url, `${kept}_unfinished`));
      await administrator.query(`alter database ${kept}_unfinished rename to ${kept}`);
    }
    return kept;
  });
}

/**
 * Makes a fresh copy of a database. It replaces the copy of an earlier run.
 *
 * @param {string} url of the server
 * @param {string} from the name of the database
 * @param {string} name of the copy
 */
export async function copyDatabase(url, from, name) {
  await asAdministrator(url, async (administrator) => {
    await administrator.query(`drop database if exists ${name}`);
    await administrator.query(`create database ${name} template ${from} strategy file_copy`);
  });
  return databaseUrl(url, name);
}

/**
 * @param {string} url of the server
 * @param {string} name
 */
export async function dropDatabase(url, name) {
  await asAdministrator(url, (administrator) => administrator.query(`drop database ${name}`));
}

/**
 * The URL of a database.
 *
 * @param {string} url of the server
 * @param {string} name
 */
export function databaseUrl(url, name) {
  return url.replace(/[^/]+$/, name);
}

/**
 * A short hash of strings and of files.
 *
 * @param {(string | URL)[]} sources
 */
export function fingerprintOf(...sources) {
  const hash = createHash("sha256");
  for (const source of sources) {
    hash.update(typeof source === "string" ? source : readFileSync(source));
  }
  return hash.digest("hex").slice(0, 12);
}

/** Removes the files of other major versions, which this one can't read. */
function start() {
  const [major] = postgresVersion().split(".");
  const name = `postgres-${major}`;
  mkdirSync(FOLDER, { recursive: true });
  for (const other of readdirSync(FOLDER)) {
    if (other.startsWith("postgres-") && other !== name) {
      rmSync(new URL(other, FOLDER), { recursive: true });
    }
  }
  return startPostgres({ folder: fileURLToPath(new URL(name, FOLDER)), settings: SETTINGS });
}

/**
 * @template Result
 * @param {string} url
 * @param {(administrator: pg.Client) => Promise<Result>} run
 */
async function asAdministrator(url, run) {
  const administrator = new pg.Client({ connectionString: url });
  await administrator.connect();
  try {
    return await run(administrator);
  } finally {
    await administrator.end();
  }
}
