/**
 * The browser mode: the admin API itself, over stores in memory, called in the page.
 *
 * @module
 */

import { type Host, LogoutDelivery, SessionManagement } from "rollcall";
import { type Actor, adminApi, eventFeed } from "rollcall/http";
import type { Transport } from "../api/client";
import { answerLogout, CLIENTS, clientLookup } from "./clients";
import { filledStores } from "./fill";
import { ISSUER, OWN_SESSION_ID } from "./made-up-sessions";
import { demoOptions } from "./options";
import { ADMINISTRATOR } from "./people";

/** Starts the demo. `query` is the query of the page's address. */
export async function startDemo(query: URLSearchParams): Promise<Transport> {
  const options = demoOptions(query);
  const events = eventFeed();
  const host: Host = {
    ...(await filledStores(options.sessions, Date.now())),
    clients: clientLookup,
    sendLogout: answerLogout,
    onEvent: events.publish,
    issuers: [ISSUER],
    // A removal soon reports what is done; the rest is delivered in the background.
    delivery: { concurrency: 64, perOrigin: 16, wait: 2_000 },
  };
  const delivery = new LogoutDelivery(host);
  const actor: Actor = {
    actor: ADMINISTRATOR.subjectId,
    subjectId: ADMINISTRATOR.subjectId,
    sessionId: OWN_SESSION_ID,
    displayName: ADMINISTRATOR.displayName,
    authTime: new Date(),
    permissions: options.permissions,
    redact: options.redact,
  };
  const api = adminApi({
    management: new SessionManagement(host),
    delivery,
    events,
    authorize: () => actor,
    requireReason: options.requireReason,
    statsClients: CLIENTS.map(({ clientId }) => clientId),
  });
  delivery.start({ interval: 2_000 });

  return (request) => api(request);
}
