/**
 * The listing of clients, after a session has ended on PostgreSQL.
 *
 * To delete a session's rows of the listing with it would cost several times the rest. So they stay
 * there and are noted in a small table, in one row for all sessions with the same clients. Reads
 * look each session up or subtract those that are noted. Calls of the background, which deliver
 * notifications and end what has expired, remove both a portion at a time.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { SqlDialect } from "../dialect.js";
import { allOf, type FilterValues, withinIds } from "../session-filter.js";
import type { WorkUnits } from "../unit-of-work.js";

/** So many rows of the listing, and those of one more note, are removed at a time. */
const PORTION = 10_000;

/** A part of a statement: notes the sessions of another part. */
export function noteEnded(sessions: string): RawBuilder<unknown> {
  return sql`(insert into rollcall_ended_sessions (clients, ids, listed)
    select clients, array_agg(id), count(*) * cardinality(clients) from ${sql.ref(sessions)} where clients <> '{}' group by clients)`;
}

/** The same of a part that has the sessions with equal lists of clients together already. */
export function noteLists(lists: string): RawBuilder<unknown> {
  return sql`(insert into rollcall_ended_sessions (clients, ids, listed)
    select clients, ids, n * cardinality(clients) from ${sql.ref(lists)} where clients <> '{}')`;
}

/** How many sessions of this client, with ids in this range, are in the listing but have ended. */
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

/** Removes a portion of what was noted. Elsewhere than on PostgreSQL there is nothing to do. */
export async function removeEndedListings(work: WorkUnits): Promise<void> {
  const { dialect } = work;
  if (dialect.clients.isListingExact) return;
  const limit = sql.lit(PORTION);
  const clientId = dialect.clients.inListing(sql.ref<string>("noted.client_id"));
  const statement = work.statement("remove ended listings", {}, () =>
    work.raw(sql`with summed as (
        select id, sum(listed) over (order by id) - listed as before
        from (select id, listed from rollcall_ended_sessions order by id limit ${limit}) as first),
      portion as materialized (select id from rollcall_ended_sessions
        where id = any(array(select id from summed where before < ${limit})) order by id for update skip locked),
      noted as (delete from rollcall_ended_sessions where id = any(array(select id from portion)) returning clients, ids)
      delete from rollcall_session_clients as c using (select unnest(clients) as client_id, ids from noted) as noted
      where c.client_id = ${clientId} and c.id = any(noted.ids)`),
  );
  await work.one(statement);
}
