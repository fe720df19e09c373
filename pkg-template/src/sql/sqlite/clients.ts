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
    // A place behind the last one is a new one.
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
 * Removes the sessions `s` that meet a condition from the listing of their clients, as far as these
 * can be read: a damaged row must be removable.
 */
export function unlist(isMeant: RawBuilder<unknown>): RawBuilder<never> {
  // With a cast: without the affinity, SQLite 3.45 would use only the first column of the index,
  // and pass over all sessions of the client.
  return sql`delete from rollcall_session_clients where (client_id, id) in (
    select cast(case c.type when 'array' then c.value ->> 0 end as text), s.id
    from rollcall_sessions as s, json_each(case when json_valid(s.clients) then s.clients else '[]' end) as c
    where ${isMeant})`;
}
