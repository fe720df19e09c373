// @ts-check
/**
 * The databases of Rollcall and its peers. They're filled once and kept. Each run uses a copy,
 * because it adds and removes sessions.
 *
 * @module
 */

/** @import { Peer } from "./peers.mjs" */

import pg from "pg";
import { fillPostgres, postgresFingerprint } from "../engines/postgres.mjs";
import {
  copyDatabase,
  databaseUrl,
  dropDatabase,
  fingerprintOf,
  keptDatabase,
} from "../engines/postgres-server.mjs";
import { peerSession } from "./sessions.mjs";

/** The files that the contents of all databases depend on. */
const SOURCES = ["../sessions.mjs", "sessions.mjs", "fill.mjs", "package-lock.json"].map(
  (name) => new URL(name, import.meta.url),
);

/**
 * A database: its URL, and the bytes of a session in it, including all indexes.
 *
 * @typedef {{ url: string, bytes: number, drop: () => Promise<void> }} PeerDatabase
 */

/**
 * @param {string} server its URL
 * @param {number} total the number of sessions
 * @returns {Promise<PeerDatabase>}
 */
export async function rollcallDatabase(server, total) {
  const fingerprint = fingerprintOf(postgresFingerprint(), ...SOURCES);
  const kept = await keptDatabase(server, `peers_rollcall_${total}`, fingerprint, (url) =>
    fillPostgres(url, total, (number) => peerSession(number, total)),
  );
  return await copyOf(server, kept, "peers_rollcall", total);
}

/**
 * @param {string} server its URL
 * @param {Peer} peer
 * @param {number} total the number of sessions
 * @returns {Promise<PeerDatabase>}
 */
export async function peerDatabase(server, { module, database, table }, total) {
  const source = new URL(`${module}.mjs`, import.meta.url);
  const kept = await keptDatabase(
    server,
    `${database}_${total}`,
    fingerprintOf(source, ...SOURCES),
    async (url) => {
      const { fillDatabase } = await import(source.href);
      await fillDatabase(url, total);
    },
  );
  return await copyOf(server, kept, database, total, table);
}

/**
 * @param {string} server
 * @param {string} kept
 * @param {string} name
 * @param {number} total
 * @param {string} [table] the table to measure; default: all
 */
async function copyOf(server, kept, name, total, table) {
  const bytes = (await tableSize(databaseUrl(server, kept), table)) / total;
  const url = await copyDatabase(server, kept, name);
  return { url, bytes, drop: () => dropDatabase(server, name) };
}

/**
 * The size in bytes, including the indexes.
 *
 * @param {string} url
 * @param {string} [table]
 */
async function tableSize(url, table) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `select sum(pg_total_relation_size(oid)) as size from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace and relname = coalesce($1, relname)`,
    [table],
  );
  await client.end();
  return Number(rows[0].size);
}
