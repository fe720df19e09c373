/**
 * The browser mode: the admin API itself, over stores in memory, called in the page.
 *
 * @module
 */

import { LogoutDelivery, SessionManagement } from "rollcall";
import { adminApi, eventFeed } from "rollcall/http";
import { memoryStores } from "rollcall/memory";
import type { Transport } from "../api/client";

/** @param _options the query of the page's address */
export async function startDemo(_options: URLSearchParams): Promise<Transport> {
  const events = eventFeed();
  const host = { ...memoryStores(), onEvent: events.publish };
  const api = adminApi({
    management: new SessionManagement(host),
    delivery: new LogoutDelivery(host),
    events,
    authorize: () => ({ actor: "you", permissions: ["read", "remove", "purge"] }),
  });
  return (request) => api(request);
}
