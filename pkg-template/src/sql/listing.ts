/**
 * The listing of the sessions of each client, where it has the client ids themselves.
 *
 * @module
 */

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { RowClients } from "./dialect.js";

/**
 * Looks the session up. A count, which is 0 or 1: what `exists` asks for the planner may join, and
 * begin with all sessions of the client.
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
