/**
 * The clients of a session on MySQL and MariaDB: a JSON list of `[client id, sid]`.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { RowClients } from "../dialect.js";
import { listedById } from "../listing.js";
import type { Collation } from "./collation.js";

export function mysqlClients(collation: Collation): RowClients {
  const text = sql`longtext character set utf8mb4 collate ${sql.raw(collation)}`;
  const listIn = (json: string | RawBuilder<string>) => sql`json_table(${json}, '$[*]' columns (
    place for ordinality, client_id ${text} path '$[0]', sid ${text} path '$[1]'))`;
  const inRow = sql<string>`rollcall_sessions.clients`;
  return {
    columns: (json) => ({ clients: json }),
    asJson: () => sql`s.clients`,
    with: (clientId, sid) => ({
      // An index after the last one appends.
      clients: sql`(
        select json_set(${inRow}, concat('$[', coalesce(max(c.place) - 1, json_length(${inRow})), ']'),
          json_array(${clientId}, coalesce(${sid}, max(c.sid))))
        from ${listIn(inRow)} as c where c.client_id = ${clientId})`,
    }),
    ...listedById,
    tableOf: listIn,
  };
}
