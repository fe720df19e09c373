// @ts-check
/**
 * Writes very many sessions at once, straight into the tables of `rollcall/sql`. Only for made-up
 * ones: a program that has sessions to keep uses a `TicketStore`, which writes one at a time and
 * seals its ticket.
 *
 * @module
 */

/** @import { StoredSession } from "rollcall" */
/** @import { GeneratedAlways, Kysely } from "kysely" */

import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";

/**
 * What is filled of the tables.
 *
 * @typedef {object} Tables
 * @property {SessionRow & { id: GeneratedAlways<number> }} rollcall_sessions
 * @property {{ session_id: number, ordinal: number, client_id: string, sid: string | null, created:
 * number }} rollcall_session_clients
 */

/**
 * @typedef {object} SessionRow
 * @property {string} key
 * @property {string} scheme
 * @property {string} subject_id
 * @property {string} session_id
 * @property {string | null} display_name
 * @property {string | null} display_name_folded
 * @property {number} created
 * @property {number} renewed
 * @property {number | null} expires
 * @property {string | null} ip_address
 * @property {string | null} user_agent
 */

/**
 * Rows in one statement: times the columns, well below what SQLite takes in parameters (32,766).
 */
const ROWS = 1_000;

/** Rows in one transaction. */
const TRANSACTION = 100_000;

/**
 * Memory for the pages of the file while a transaction runs, in KiB: eight indexes are written to
 * in random places.
 */
const CACHE = 256 * 1024;

/**
 * Writes the first `count` of these sessions, one transaction after the other.
 *
 * @param {Kysely<Tables>} kysely migrated
 * @param {Iterator<StoredSession>} sessions
 * @param {number} count
 * @param {(written: number) => void} onProgress
 * @returns {Promise<void>}
 */
export async function bulkInsert(kysely, sessions, count, onProgress) {
  for (let written = 0; written < count; onProgress(written)) {
    const end = Math.min(written + TRANSACTION, count);
    await kysely.transaction().execute(async (transaction) => {
      await sql.raw(`pragma cache_size = -${CACHE}`).execute(transaction);
      while (written < end) {
        const chunk = take(sessions, Math.min(ROWS, end - written));
        await insert(transaction, chunk);
        written += chunk.length;
        // libSQL's client frees a statement when the event loop turns, which awaiting its promises
        // does not make it do.
        await setImmediate();
      }
    });
  }
}

/**
 * @param {Kysely<Tables>} transaction
 * @param {StoredSession[]} sessions
 */
async function insert(transaction, sessions) {
  const rows = sessions.map(rowOf);
  const inserted = await transaction
    .insertInto("rollcall_sessions")
    .values(rows)
    .returning(["id", "key"])
    .execute();
  const ids = new Map(inserted.map(({ id, key }) => [key, id]));
  const clients = sessions.flatMap(({ key, created, clients }) =>
    clients.map(({ clientId, sessionId }, ordinal) => ({
      session_id: idOf(ids, key),
      ordinal,
      client_id: clientId,
      sid: sessionId ?? null,
      created,
    })),
  );
  for (let start = 0; start < clients.length; start += ROWS) {
    await transaction
      .insertInto("rollcall_session_clients")
      .values(clients.slice(start, start + ROWS))
      .execute();
  }
}

/**
 * @param {Map<string, number>} ids
 * @param {string} key
 * @returns {number}
 */
function idOf(ids, key) {
  const id = ids.get(key);
  if (id === undefined) throw new Error("the database did not return a row that it inserted");
  return id;
}

/**
 * @param {StoredSession} session
 * @returns {SessionRow}
 */
function rowOf(session) {
  return {
    key: session.key,
    scheme: session.scheme,
    subject_id: session.subjectId,
    session_id: session.sessionId,
    display_name: session.displayName ?? null,
    display_name_folded: session.displayNameFolded ?? null,
    created: session.created,
    renewed: session.renewed,
    expires: session.expires ?? null,
    ip_address: session.ipAddress ?? null,
    user_agent: session.userAgent ?? null,
  };
}

/**
 * @template T
 * @param {Iterator<T>} items
 * @param {number} count
 * @returns {T[]}
 */
function take(items, count) {
  return Array.from({ length: count }, () => {
    const { value, done } = items.next();
    if (done) throw new RangeError("there are fewer items than were asked for");
    return value;
  });
}
