/**
 * The listing of clients after sessions have ended on PostgreSQL.
 *
 * Deleting a session's rows of the listing together with the session would cost several times as
 * much as the rest. So they stay, and a small table records them, with one row for all sessions
 * that have the same clients. Reads look each session up or subtract the recorded ones. Background
 * calls, which deliver notifications and end expired sessions, remove both in portions.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { SqlDialect } from "../dialect.js";
import { allOf, type FilterValues, withinIds } from "../session-filter.js";
import type { WorkUnits } from "../unit-of-work.js";

/** About how many rows of the listing to remove at a time. Each record is removed whole. */
const PORTION = 10_000;

/** A part of a statement that records the sessions of another part. */
export function recordEnded(sessions: string): RawBuilder<unknown> {
  return sql`(insert into rollcall_ended_sessions (clients, ids, listed)
    select clients, array_agg(id), count(*) * cardinality(clients) from ${sql.ref(sessions)} where clients <> '{}' group by clients)`;
}

/** The same for a part that has already grouped the sessions by their lists of clients. */
export function recordLists(lists: string): RawBuilder<unknown> {
  return sql`(insert into rollcall_ended_sessions (clients, ids, listed)
    select clients, ids, n * cardinality(clients) from ${sql.ref(lists)} where clients <> '{}')`;
}

/** How many ended sessions of this client, with ids in this range, are still in the listing. */
export function countEnded(
  dialect: SqlDialect,
  clientId: string,
  range: FilterValues["id"],
): RawBuilder<number> {
  const within = withinIds(dialect, sql.ref("ended.id"), range);
  // Without a range the ids need not be read.
  const count =
    within.length === 0
      ? sql`listed / cardinality(clients)`
      : sql`(select count(*) from unnest(ids) as ended (id) where ${allOf(within)})`;
  return sql`(select coalesce(sum(${count}), 0)::bigint from rollcall_ended_sessions where ${clientId} = any(clients))`;
}

/** Removes a portion of the recorded rows. Does nothing on engines other than PostgreSQL. */
export async function removeEndedListings(work: WorkUnits): Promise<void> {
  const { dialect } = work;
  if (dialect.clients.isListingExact) return;
  const limit = sql.lit(PORTION);
  const clientId = dialect.clients.inListing(sql.ref<string>("recorded.client_id"));
  const statement = work.statement("remove ended listings", {}, () =>
    work.raw(sql`with summed as (
        select id, sum(listed) over (order by id) - listed as before
        from (select id, listed from rollcall_ended_sessions order by id limit ${limit}) as first),
      portion as materialized (select id from rollcall_ended_sessions
        where id = any(array(select id from summed where before < ${limit})) order by id for update skip locked),
      recorded as (delete from rollcall_ended_sessions where id = any(array(select id from portion)) returning clients, ids)
      delete from rollcall_session_clients as c using (select unnest(clients) as client_id, ids from recorded) as recorded
      where c.client_id = ${clientId} and c.id = any(recorded.ids)`),
  );
  await work.one(statement);
}
