// @ts-check
/**
 * A back end on Node that ends sessions, with timers that deliver notifications and end expired
 * sessions.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { LogoutDelivery, SessionCoordination, SessionManagement } from "rollcall";
import { backChannelSender } from "rollcall/logout";
import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";
import * as settings from "./settings.mjs";

const client = createClient({ url: `file:${settings.database}` });
const kysely = new Kysely({ dialect: libsqlDialect(client) });
await migrate(kysely, { dialect: "sqlite" });

/** @type {import("rollcall").Host} */
const host = {
  ...sqlStores(kysely, { dialect: "sqlite" }),
  clients: (clientId) => settings.clients.find((registered) => registered.clientId === clientId),
  sendLogout: backChannelSender({
    issuer: settings.issuer,
    signingKeys: settings.signingKeys,
    allowInsecure: settings.allowInsecure,
  }),
  delivery: settings.deliveryOptions,
  onEvent: (event) => console.log(JSON.stringify(event)),
};
const management = new SessionManagement(host);

// Every instance can run these, because an outbox entry is leased to one instance at a time.
const runners = [
  new LogoutDelivery(host).start({ interval: settings.interval }),
  new SessionCoordination(host).start(), // every ten minutes
];

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch((error) => {
    console.error(error);
    return { status: 500, body: undefined };
  });
  response
    .writeHead(status, { "content-type": "application/json" })
    .end(body && JSON.stringify(body));
});
server.listen(settings.port, "127.0.0.1");
await once(server, "listening");
console.log("listening on", server.address());

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    const closed = once(server, "close");
    server.close();
    await closed;
    // Ends the running passes. The notifications that they claimed are due again, on any instance,
    // when the leases end.
    await Promise.all(runners.map((runner) => runner.stop()));
    await kysely.destroy();
    client.close();
    console.log("stopped");
  });
}

/**
 * `DELETE /sessions?subject=…` ends all sessions of a subject.
 *
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<{ status: number, body?: object }>}
 */
async function answer({ method, url = "/", headers }) {
  if (!isAdministrator(headers.authorization)) return { status: 401 };
  const { pathname, searchParams } = new URL(url, "http://localhost");
  if (method !== "DELETE" || pathname !== "/sessions") return { status: 404 };
  const subjectId = searchParams.get("subject");
  if (!subjectId) return { status: 400 };
  return {
    status: 200,
    body: await management.removeSessions({ subjectId, actor: "an administrator" }),
  };
}

/** @param {string} [authorization] */
function isAdministrator(authorization = "") {
  const given = Buffer.from(authorization);
  const right = Buffer.from(`Bearer ${settings.adminToken}`);
  return given.length === right.length && timingSafeEqual(given, right);
}
