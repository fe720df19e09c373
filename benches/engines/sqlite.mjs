// @ts-check
/**
 * SQLite with libSQL's client, filled with made-up sessions.
 *
 * A database stays under `target/bench/`. Later runs reuse it until the schema or the sessions
 * change.
 *
 * @module
 */

/** @import { StoredSession } from "../../pkg/index.js" */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { libsqlDialect, migrate, migrationSql, sqlStores } from "../../pkg/sql.js";
import { makeSession } from "../sessions.mjs";
import { rowOf } from "./rows.mjs";

/** @type {{ dialect: "sqlite" }} */
const OPTIONS = { dialect: "sqlite" };

/** The data that the benchmarks keep between runs. */
const FOLDER = new URL("../../target/bench/", import.meta.url);

/** Sessions in one statement. */
const BATCH = 1_000;

// All rows are one parameter, because binding each value would take longer than the rest.
const INSERT_SESSIONS = `
  insert into rollcall_sessions (id, key, scheme, subject_id, session_id, display_name, display_name_folded, issuer, renewed,
    expires, ip_address, user_agent, attributes, clients, ticket)
  select cast(value ->> 'id' as integer), unhex(value ->> 'key'), value ->> 'scheme', value ->> 'subjectId', value ->> 'sessionId',
    value ->> 'displayName', value ->> 'displayNameFolded', value ->> 'issuer', value ->> 'renewed', value ->> 'expires',
    value ->> 'ipAddress', value ->> 'userAgent', value ->> 'attributes', value ->> 'clients', unhex(value ->> 'ticket')
  from json_each(?) order by json_each.key`;
const INSERT_CLIENTS = `
  insert into rollcall_session_clients (client_id, id)
  select client.value ->> 0, cast(session.value ->> 'id' as integer)
  from json_each(?) as session, json_each(session.value ->> 'clients') as client`;

// Safe, because a database whose filling was interrupted is discarded.
const FOR_FILLING =
  "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -1000000";

/**
 * Opens the stores of an SQLite file with this many sessions.
 *
 * @param {number} total
 */
export async function filledSqlite(total) {
  return openSqlite(await keptDatabase(total));
}

/**
 * Opens the stores of an SQLite file.
 *
 * @param {URL} file
 */
export function openSqlite(file) {
  const { client, kysely } = open(file);
  return { client, stores: sqlStores(kysely, OPTIONS), close: () => kysely.destroy() };
}

/**
 * Writes sessions to a database and deletes them, without the stores.
 *
 * @param {ReturnType<typeof openSqlite>} database
 */
export function writeSqlite({ client }) {
  let number = 0;
  return {
    write: async (/** @type {StoredSession[]} */ sessions) => {
      const args = [JSON.stringify(sessions.map((session) => rowOf(session, number++)))];
      const statements = [INSERT_SESSIONS, INSERT_CLIENTS].map((sql) => ({ sql, args }));
      await client.batch(statements, "write");
    },
    deleteSessions: async (/** @type {string} */ subjectId) => {
      const sql = "delete from rollcall_sessions where subject_id = ?";
      return (await client.execute({ sql, args: [subjectId] })).rowsAffected;
    },
  };
}

/**
 * Makes an SQLite file with these sessions in one transaction.
 *
 * @param {URL} file
 * @param {number} total
 * @param {(number: number) => StoredSession} session makes the session with a number from 0.
 *   Sessions are stored in the order of their numbers
 */
export async function fillSqlite(file, total, session) {
  const { client, kysely } = open(file);
  await migrate(kysely, OPTIONS);
  await client.executeMultiple(FOR_FILLING);
  // One transaction only: each further one would write its changed pages again, and the changes of
  // an index are spread over all pages.
  const transaction = await client.transaction("write");
  for (let start = 0; start < total; start += BATCH) {
    const sessions = Array.from({ length: Math.min(BATCH, total - start) }, (_, index) =>
      session(start + index),
    );
    const args = [JSON.stringify(sessions.map((session, index) => rowOf(session, start + index)))];
    await transaction.batch([INSERT_SESSIONS, INSERT_CLIENTS].map((sql) => ({ sql, args })));
  }
  await transaction.commit();
  const stored = await sqlStores(kysely, OPTIONS).sessions.count({});
  await kysely.destroy();
  if (stored !== total) throw new Error(`the database has ${stored} sessions instead of ${total}`);
}

/** @param {number} total */
async function keptDatabase(total) {
  const file = new URL(`sessions-${total}-${fingerprint()}.db`, FOLDER);
  mkdirSync(FOLDER, { recursive: true });
  const found = readdirSync(FOLDER);
  if (!found.includes(nameOf(file))) {
    for (const name of found.filter((name) => name.startsWith(`sessions-${total}-`)))
      rmSync(new URL(name, FOLDER));
    const unfinished = new URL(`${nameOf(file)}.unfinished`, FOLDER);
    remove(unfinished);
    console.error(
      `filling SQLite with ${total.toLocaleString("en")} sessions; later runs reuse them`,
    );
    await fillSqlite(unfinished, total, (number) => makeSession(number, total));
    renameSync(unfinished, file);
  }
  return file;
}

/** A fingerprint of the schema and of the sources of the sessions. */
function fingerprint() {
  const sources = ["../sessions.mjs", "rows.mjs", "sqlite.mjs"].map((name) =>
    readFileSync(new URL(name, import.meta.url)),
  );
  const hash = createHash("sha256").update(migrationSql(OPTIONS));
  for (const source of sources) hash.update(source);
  return hash.digest("hex").slice(0, 12);
}

/** @param {URL} file */
function open(file) {
  const client = createClient({ url: file.href });
  return { client, kysely: new Kysely({ dialect: libsqlDialect(client) }) };
}

/**
 * Removes a database and its other files.
 *
 * @param {URL} file
 */
function remove(file) {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(new URL(file.href + suffix), { force: true });
}

/** @param {URL} file */
function nameOf(file) {
  return fileURLToPath(file).split(/[\\/]/).at(-1) ?? "";
}
