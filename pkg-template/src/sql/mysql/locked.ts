/**
 * Changes of sessions on MySQL and MariaDB. They have no RETURNING, so the rows are locked first.
 *
 * They are always locked by the primary key. A statement that finds a row by another index locks
 * the index entry and then the row; one that deletes the row locks them in the opposite order, so
 * the two would deadlock.
 *
 * @module
 */

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { ONE } from "../session-condition.js";
import type { RunInTransaction, WorkUnits } from "../unit-of-work.js";

/**
 * Changes the session with this key if it meets the condition, and returns whether it does.
 *
 * @param change gets the condition that finds the row
 */
export async function changeLocked(
  work: WorkUnits,
  key: string,
  condition: RawBuilder<SqlBool>,
  change: (run: RunInTransaction, isIt: RawBuilder<SqlBool>) => Promise<void>,
): Promise<boolean> {
  const { db, dialect } = work;
  const hasKey = sql<SqlBool>`${sql.ref("key")} = ${dialect.bytes(key)}`;
  const found = db
    .selectFrom("rollcall_sessions")
    .select(dialect.digits(sql.ref("id")).as("id"))
    .where(hasKey);
  return await work.interactive(async (run) => {
    const [row] = await run(found);
    if (row === undefined) return false;
    const isIt = sql<SqlBool>`id = ${dialect.rowId(row.id)}`;
    const locked = db
      .selectFrom("rollcall_sessions")
      .select(ONE)
      .where(isIt)
      // Another session may have the key by now.
      .where(hasKey)
      .where(condition)
      .forUpdate();
    if ((await run(locked)).length === 0) return false;
    await change(run, isIt);
    return true;
  });
}

/** A locked session. */
export interface LockedRow {
  id: string;
  /** Whether its clients can be read. */
  readable: number | bigint | string | boolean;
}

export function isReadable(row: LockedRow): boolean {
  return Number(row.readable) !== 0;
}

/** The sessions, for lookups by id. */
export const SESSIONS_BY_ID = sql`rollcall_sessions as s force index (${sql.ref("PRIMARY")})`;

/** Whether the session `s` is one of these. */
export function hasId(rows: readonly { id: string }[]): RawBuilder<SqlBool> {
  return sql`s.id in ${idsOf(rows)}`;
}

function idsOf(rows: readonly { id: string }[]): RawBuilder<unknown> {
  // Each id is a number that the database returned.
  return sql`(${sql.raw(rows.map(({ id }) => BigInt(id)).join(", "))})`;
}

/**
 * Whether the clients of the session `s` can be read: lists that each begin with a client id. The
 * first items can only be extracted from valid JSON.
 */
export const HAS_READABLE_CLIENTS = sql<SqlBool>`case when json_valid(s.clients)
  then json_type(s.clients) = 'ARRAY' and json_length(s.clients) = (
    select count(*) from json_table(s.clients, '$[*]' columns (client json path '$[0]')) as e
    where json_type(e.client) = 'STRING')
  else false end`;

/**
 * Deletes locked sessions, and their rows in the listing of clients. Even a damaged row must be
 * removable, so it is looked up under every client that exists.
 */
export async function deleteLocked(
  run: RunInTransaction,
  { dialect, raw }: WorkUnits,
  rows: readonly LockedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const damaged = rows.filter((row) => !isReadable(row));
  if (damaged.length > 0) {
    // Skips through the index from one client to the next.
    const clients = await run(
      raw(sql<{ client_id: string }>`select distinct client_id from rollcall_session_clients`),
    );
    for (const { client_id } of clients) {
      await run(
        raw(
          sql`delete from rollcall_session_clients where client_id = ${client_id} and ${sql.ref("id")} in ${idsOf(damaged)}`,
        ),
      );
    }
  }
  const readable = sql<string>`case when json_valid(s.clients) then s.clients else '[]' end`;
  const clients = dialect.clients.tableOf(readable);
  await run(
    raw(sql`delete listed from ${SESSIONS_BY_ID} straight_join ${clients} as c
      straight_join rollcall_session_clients as listed on listed.client_id = c.client_id and listed.id = s.id
      where ${hasId(rows)}`),
  );
  await run(raw(sql`delete s from ${SESSIONS_BY_ID} where ${hasId(rows)}`));
}
