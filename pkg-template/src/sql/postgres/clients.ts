/**
 * The clients of a session on PostgreSQL: an array of client ids, and an array of their `sid`s if
 * at least one client has its own.
 *
 * @module
 */

import { type Expression, type RawBuilder, sql } from "kysely";
import type { RowClients } from "../dialect.js";

export const postgresClients: RowClients = {
  columns: (json) => ({
    clients: sql`(select coalesce(array_agg(client ->> 0 order by place), '{}') from ${listIn(json)})`,
    sids: sql`(select case when count(client ->> 1) > 0 then array_agg(client ->> 1 order by place) end from ${listIn(json)})`,
  }),
  // As a string, because drivers parse JSON and arrays differently.
  asJson: () => sql`case when s.sids is null then to_json(s.clients)::text else (
    select json_agg(json_build_array(client_id, sid) order by place)::text
    from unnest(s.clients, s.sids) with ordinality as c (client_id, sid, place)) end`,
  with: (clientId, sid) => {
    const clients = sql<string>`case when ${clientId}::text = any(clients) then clients else clients || ${clientId}::text end`;
    return {
      clients,
      sids: sql`case when sids is not null or ${sid}::text is not null then array(
        select case when client_id = ${clientId}::text then coalesce(${sid}::text, sid) else sid end
        from unnest(${clients}, sids) with ordinality as c (client_id, sid, place) order by place) end`,
    };
  },
  inListing: hashOf,
  isListed: (clientId) => sql`c.client_id = any(array[${hashOf(clientId)}])`,
  tookPart: (clientId) => sql`${clientId} = any(s.clients)`,
  isListingExact: false,
  tableOf: (json) => sql`(select client ->> 0 as client_id from ${listIn(json)})`,
};

/**
 * The listing stores a 64-bit hash of a client id, not the id: with index entries of that size
 * PostgreSQL fills its pages. With wider entries, inserted in order per client, it leaves half of
 * each page empty (`_bt_afternewitemoff` of its B-tree).
 */
function hashOf(clientId: Expression<string> | string): RawBuilder<never> {
  return sql`hashtextextended(${clientId}, 0)`;
}

function listIn(json: string | RawBuilder<string>): RawBuilder<unknown> {
  return sql`jsonb_array_elements(${json}::text::jsonb) with ordinality as c (client, place)`;
}
