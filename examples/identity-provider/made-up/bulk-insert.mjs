// @ts-check
/**
 * Writes many sessions at once, directly into the tables of `rollcall/sql`. Use this for made-up
 * sessions only. For real ones use a `TicketStore`, which writes one at a time and seals its
 * ticket.
 *
 * @module
 */

/** @import { StoredSession } from "rollcall" */
/** @import { Kysely } from "kysely" */

import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";

/** Rows in one statement. */
const ROWS = 1_000;

/** Sessions per millisecond: an id is the time of creation, followed by 20 bits. */
const SEQUENCES = 2 ** 20;

/** Rows in one transaction. */
const TRANSACTION = 100_000;

/**
 * The page cache of a transaction, in KiB. It's large because rows go to random places in eight
 * indexes.
 */
const CACHE = 256 * 1024;

/**
 * Writes the first `count` of these sessions, one transaction after another.
 *
 * @param {Kysely<unknown>} kysely migrated
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
        await insert(transaction, chunk, written);
        written += chunk.length;
        // libSQL's client frees a statement in a later turn of the event loop. Awaiting its
        // promises isn't enough.
        await setImmediate();
      }
    });
  }
}

/**
 * Passes all rows as one parameter, because binding each value would take most of the time.
 *
 * @param {Kysely<unknown>} transaction
 * @param {StoredSession[]} sessions
 * @param {number} written the number of sessions written before
 */
async function insert(transaction, sessions, written) {
  const rows = JSON.stringify(
    sessions.map(({ clients, ...session }, index) => ({
      ...session,
      sequence: (written + index) % SEQUENCES,
      clients: clients.map(({ clientId, sessionId }) => [clientId, sessionId ?? null]),
    })),
  );
  const id = sql`((value ->> 'created') << 20) | (value ->> 'sequence')`;
  await sql`
    insert into rollcall_sessions (id, key, scheme, subject_id, session_id, display_name, display_name_folded,
      renewed, expires, ip_address, user_agent, clients)
    select ${id}, unhex(value ->> 'key'), value ->> 'scheme', value ->> 'subjectId', value ->> 'sessionId',
      value ->> 'displayName', value ->> 'displayNameFolded', value ->> 'renewed', value ->> 'expires',
      value ->> 'ipAddress', value ->> 'userAgent', value -> 'clients'
    from json_each(${rows})`.execute(transaction);
  await sql`
    insert into rollcall_session_clients (client_id, id)
    select client.value ->> 0, session.id
    from (select value, ${id} as id from json_each(${rows})) as session,
      json_each(session.value -> 'clients') as client`.execute(transaction);
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
    if (done) throw new RangeError("there are fewer items than requested");
    return value;
  });
}
