// @ts-check
/**
 * PostgreSQL, full of made-up sessions: a server of the benchmarks' own, whose files are kept under
 * `target/bench/` for as long as the schema and the sessions stay what they are.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { migrate, migrationSql, sqlStores } from "../../pkg/sql.js";
import { startPostgres } from "../../tests/servers/postgres.mjs";
import { makeSession } from "../sessions.mjs";
import { rowOf } from "./rows.mjs";

/** @type {{ dialect: "postgres" }} */
const OPTIONS = { dialect: "postgres" };

const FOLDER = new URL("../../target/bench/", import.meta.url);

/** How many sessions go into one statement. */
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
  select client ->> 0, (value ->> 'id')::bigint
  from jsonb_array_elements($1::text::jsonb) as session (value),
    jsonb_array_elements((value ->> 'clients')::jsonb) as client (client)`;

/** @type {Promise<{ url: string, stop: () => Promise<void> }> | undefined} */
let server;
let users = 0;

/**
 * The stores of a database with this many sessions. The databases of all sizes are on one server,
 * which ends with its last user.
 *
 * @param {number} total
 */
export async function filledPostgres(total) {
  users += 1;
  server ??= start();
  const { url, stop } = await server;
  const name = `sessions_${total}`;
  await createDatabase(url, name, total);
  const kysely = open(url, name);
  const close = async () => {
    await kysely.destroy();
    users -= 1;
    if (users === 0) {
      server = undefined;
      await stop();
    }
  };
  return { stores: sqlStores(kysely, OPTIONS), kysely, close };
}

function start() {
  mkdirSync(FOLDER, { recursive: true });
  const name = `postgres-${fingerprint()}`;
  for (const other of readdirSync(FOLDER).filter(
    (other) => other.startsWith("postgres-") && other !== name,
  )) {
    rmSync(new URL(other, FOLDER), { recursive: true });
  }
  const settings = { shared_buffers: "1GB", max_wal_size: "8GB", work_mem: "32MB" };
  return startPostgres({ folder: fileURLToPath(new URL(name, FOLDER)), settings });
}

/** A word for the schema and for all that the sessions in it depend on. */
function fingerprint() {
  const sources = ["../sessions.mjs", "rows.mjs", "postgres.mjs"].map((name) =>
    readFileSync(new URL(name, import.meta.url)),
  );
  const hash = createHash("sha256").update(migrationSql(OPTIONS));
  for (const source of sources) hash.update(source);
  return hash.digest("hex").slice(0, 12);
}

/**
 * @param {string} url of the server
 * @param {string} database
 */
function open(url, database) {
  const pool = new pg.Pool({ connectionString: url.replace(/[^/]+$/, database) });
  // A connection may still say that the server ends.
  pool.on("error", () => {});
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

/**
 * Creates and fills the database, unless it is there.
 *
 * @param {string} url
 * @param {string} name
 * @param {number} total
 */
async function createDatabase(url, name, total) {
  const administrator = new pg.Client({ connectionString: url });
  await administrator.connect();
  const { rows } = await administrator.query("select datname from pg_database where datname = $1", [
    name,
  ]);
  if (rows.length === 0) {
    console.error(`filling PostgreSQL with ${total.toLocaleString("en")} sessions, once`);
    // Under another name until it is whole.
    await administrator.query(`drop database if exists ${name}_unfinished`);
    await administrator.query(`create database ${name}_unfinished`);
    await fill(url, `${name}_unfinished`, total);
    await administrator.query(`alter database ${name}_unfinished rename to ${name}`);
  }
  await administrator.end();
}

/**
 * @param {string} url
 * @param {string} name
 * @param {number} total
 */
async function fill(url, name, total) {
  const kysely = open(url, name);
  await migrate(kysely, OPTIONS);
  await kysely.destroy();
  const client = new pg.Client({ connectionString: url.replace(/[^/]+$/, name) });
  await client.connect();
  for (let start = 0; start < total; start += BATCH) {
    const sessions = Array.from({ length: Math.min(BATCH, total - start) }, (_, index) =>
      makeSession(start + index, total),
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
