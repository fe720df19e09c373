// @ts-check
/**
 * Fills the database of a peer.
 *
 * @module
 */

import pg from "pg";
import { peerSession } from "./sessions.mjs";

/** Sessions in one statement. */
const BATCH = 1_000;

/**
 * Fills existing tables. Their indexes exist too and grow with the tables, as in production.
 *
 * @param {string} url
 * @param {number} total the number of sessions
 * @param {string[]} inserts statements for many rows. The rows are the only parameter, as JSON
 * @param {(session: ReturnType<typeof peerSession>) => Record<string, unknown>} toRow
 */
export async function fill(url, total, inserts, toRow) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (let start = 0; start < total; start += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, total - start) }, (_, index) =>
      toRow(peerSession(start + index, total)),
    );
    for (const insert of inserts) await client.query(insert, [JSON.stringify(rows)]);
  }
  await client.query("vacuum analyze");
  await client.query("checkpoint");
  await client.end();
}

/**
 * Runs statements on a database.
 *
 * @param {string} url
 * @param {string} statements
 */
export async function execute(url, statements) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statements);
  await client.end();
}
