/**
 * The listing of the sessions of each client, on engines where it stores the client ids themselves.
 *
 * @module
 */

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { RowClients } from "./dialect.js";

/**
 * Looks the session up. A count (0 or 1) instead of `exists`, because the planner may turn `exists`
 * into a join and start with all sessions of the client.
 */
function tookPart(clientId: string): RawBuilder<SqlBool> {
  return sql`(select count(*) from rollcall_session_clients as t where t.client_id = ${clientId} and t.id = s.id) > 0`;
}

export const listedById: Pick<
  RowClients,
  "inListing" | "isListed" | "tookPart" | "isListingExact"
> = {
  inListing: (clientId) => sql`${clientId}`,
  isListed: (clientId) => sql`c.client_id = ${clientId}`,
  tookPart,
  isListingExact: true,
};
