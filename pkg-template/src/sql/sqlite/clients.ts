/**
 * The clients of a session on SQLite: a JSON list of `[client id, sid]`.
 *
 * @module
 */

import { sql } from "kysely";
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
  // With a cast: without the affinity, SQLite 3.45 would use only the first column of the index,
  // and pass over all sessions of the client.
  unlist: (isMeant) => sql`delete from rollcall_session_clients where (client_id, id) in (
    select cast(c.value ->> 0 as text), rollcall_sessions.id from rollcall_sessions, json_each(rollcall_sessions.clients) as c
    where ${isMeant})`,
  ...listedById,
  idsIn: (json) => sql`(select value ->> 0 as client_id from json_each(${json}))`,
};
