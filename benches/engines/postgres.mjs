// @ts-check
/**
 * PostgreSQL, filled with made-up sessions.
 *
 * @module
 */

/** @import { LogConfig } from "kysely" */
/** @import { StoredSession } from "../../pkg/index.js" */

import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { migrate, migrationSql, sqlStores } from "../../pkg/sql.js";
import { makeSession } from "../sessions.mjs";
import { databaseUrl, fingerprintOf, keptDatabase, usePostgres } from "./postgres-server.mjs";
import { rowOf } from "./rows.mjs";

/** @type {{ dialect: "postgres" }} */
const OPTIONS = { dialect: "postgres" };

/** Sessions in one statement. */
const BATCH = 1_000;

const INSERT_SESSIONS = `
  insert into rollcall_sessions (id, key, scheme, subject_id, session_id, display_name, display_name_folded, issuer, renewed,
    expires, ip_address, user_agent, attributes, clients, sids, ticket)
  select (value ->> 'id')::bigint, decode(value ->> 'key', 'hex'), value ->> 'scheme', value ->> 'subjectId', value ->> 'sessionId',
    value ->> 'displayName', value ->> 'displayNameFolded', value ->> 'issuer', (value ->> 'renewed')::bigint,
    (value ->> 'expires')::bigint, value ->> 'ipAddress', value ->> 'userAgent', value ->> 'attributes',
    array_agg(client ->> 0 order by number), case when count(client ->> 1) > 0 then array_agg(client ->> 1 order by number) end,
    decode(value ->> 'ticket', 'hex')
  from jsonb_array_elements($1::text::jsonb) with ordinality as session (value, place),
    jsonb_array_elements((value ->> 'clients')::jsonb) with ordinality as client (client, number)
  group by place, value order by place`;
const INSERT_CLIENTS = `
  insert into rollcall_session_clients (client_id, id)
  select hashtextextended(client ->> 0, 0), (value ->> 'id')::bigint
  from jsonb_array_elements($1::text::jsonb) as session (value),
    jsonb_array_elements((value ->> 'clients')::jsonb) as client (client)`;

/**
 * Opens the stores of a database with this many sessions.
 *
 * @param {number} total
 */
export async function filledPostgres(total) {
  const { url, release } = await usePostgres();
  const fingerprint = fingerprintOf(
    postgresFingerprint(),
    new URL("../sessions.mjs", import.meta.url),
  );
  const name = await keptDatabase(url, `sessions_${total}`, fingerprint, (database) =>
    fillPostgres(database, total, (number) => makeSession(number, total)),
  );
  const { stores, close } = openPostgres(databaseUrl(url, name));
  return {
    stores,
    close: async () => {
      await close();
      await release();
    },
  };
}

/**
 * Writes sessions to a database and deletes them, without the stores.
 *
 * @param {string} url
 */
export async function writePostgres(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let number = 0;
  return {
    write: async (/** @type {StoredSession[]} */ sessions) => {
      const rows = sessions.map((session) => rowOf(session, number++));
      const values = [JSON.stringify(rows)];
      await client.query(INSERT_SESSIONS, values);
      await client.query(INSERT_CLIENTS, values);
    },
    deleteSessions: async (/** @type {string} */ subjectId) => {
      const { rowCount } = await client.query({
        name: "plain delete",
        text: "delete from rollcall_sessions where subject_id = $1",
        values: [subjectId],
      });
      return rowCount ?? 0;
    },
    close: () => client.end(),
  };
}

/** A fingerprint of the schema and of the code with which `fillPostgres` fills it. */
export function postgresFingerprint() {
  return fingerprintOf(
    migrationSql(OPTIONS),
    new URL(import.meta.url),
    new URL("rows.mjs", import.meta.url),
  );
}

/**
 * Opens the stores of a database.
 *
 * @param {string} url
 * @param {pg.PoolConfig} pooling
 * @param {LogConfig} log receives the statements
 */
export function openPostgres(url, pooling = {}, log = []) {
  const pool = new pg.Pool({ connectionString: url, ...pooling });
  // A connection can report that the server is shutting down.
  pool.on("error", () => {});
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }), log });
  return { stores: sqlStores(kysely, OPTIONS), close: () => kysely.destroy() };
}

/**
 * Fills an empty database.
 *
 * @param {string} url
 * @param {number} total
 * @param {(number: number) => StoredSession} session makes the session with a number from 0.
 *   Sessions are stored in the order of their numbers
 */
export async function fillPostgres(url, total, session) {
  const kysely = new Kysely({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  });
  await migrate(kysely, OPTIONS);
  await kysely.destroy();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (let start = 0; start < total; start += BATCH) {
    const sessions = Array.from({ length: Math.min(BATCH, total - start) }, (_, index) =>
      session(start + index),
    );
    const values = [
      JSON.stringify(sessions.map((session, index) => rowOf(session, start + index))),
    ];
    await client.query(INSERT_SESSIONS, values);
    await client.query(INSERT_CLIENTS, values);
  }
  await client.query("vacuum analyze");
  await client.query("checkpoint");
  await client.end();
}
