/**
 * The clients of a session on SQLite: a JSON list of `[client id, sid]`.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { RowClients } from "../dialect.js";
import { listedById } from "../listing.js";

export const sqliteClients: RowClients = {
  columns: (json) => ({ clients: json }),
  asJson: () => sql`s.clients`,
  with: (clientId, sid) => ({
    // An index after the last one appends.
    clients: sql`(
      select json_set(rollcall_sessions.clients,
        '$[' || coalesce(max(c.key), json_array_length(rollcall_sessions.clients)) || ']',
        json_array(${clientId}, coalesce(${sid}, max(c.value ->> 1))))
      from json_each(rollcall_sessions.clients) as c where c.value ->> 0 = ${clientId})`,
  }),
  ...listedById,
  tableOf: (json) =>
    sql`(select value ->> 0 as client_id, value ->> 1 as sid from json_each(${json}))`,
};

/**
 * Removes the sessions `s` that meet a condition from the listing of their clients. Even a damaged
 * row must be removable, so it is looked up under every client that exists.
 */
export function unlist(isSelected: RawBuilder<unknown>): RawBuilder<never> {
  // With a cast: without its affinity, SQLite 3.45 would only use the first column of the index,
  // and scan all sessions of the client.
  return sql`delete from rollcall_session_clients where (client_id, id) in (
    select cast(c.value ->> 0 as text), s.id
    from rollcall_sessions as s, json_each(case when ${isReadable} then s.clients else ${everyClient} end) as c
    where ${isSelected})`;
}

/** Whether the clients of the session `s` are lists that begin with a client id. */
const isReadable = sql`case when json_valid(s.clients)
  then json_type(s.clients) = 'array' and not exists (
    select 1 from json_each(s.clients) as e
    where case e.type when 'array' then json_type(e.value, '$[0]') is not 'text' else true end)
  else false end`;

/** All clients in the listing, with one index step per client. Only evaluated if needed. */
const everyClient = sql`(
  with recursive listed (client_id) as (
    select min(client_id) from rollcall_session_clients
    union all
    select (select min(t.client_id) from rollcall_session_clients as t where t.client_id > listed.client_id)
    from listed where listed.client_id is not null)
  select json_group_array(json_array(client_id)) from listed where client_id is not null)`;
