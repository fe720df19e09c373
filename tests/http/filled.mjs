// The API with a database full of sessions, served by `node:http`.

import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { LogoutDelivery, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { adminApi, staticSecret } from "../../pkg/http.js";
import { openDatabase } from "../kills/databases.mjs";
import { newPlaces } from "../kills/places.mjs";

/** The bearer token of the only program that may call. */
export const SECRET = "a-secret-of-thirty-two-bytes-at-least";

const KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };
const SUBJECTS = 150;
const SESSIONS_EACH = 3;
const TYPES = ["refresh_token", "reference_token", "user_consent"];

/**
 * Starts the API on a fresh database with some hundred sessions, clients, grants and notifications.
 *
 * @param {"SQLite" | "PostgreSQL"} engine
 * @returns {Promise<{ url: string, errors: unknown[], close: () => Promise<void> }>} `errors` has
 *   the errors that `onError` got
 */
export async function startFilled(engine) {
  const { places, close } = await newPlaces(engine, 1);
  const [place] = places;
  const { kysely, stores } = await openDatabase(engine, place);
  const events = [];
  const errors = [];
  const host = {
    ...stores,
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example.com/logout`,
    }),
    // One client accepts it, one is busy, and one always fails.
    sendLogout: ({ clientId }) =>
      clientId === "shop"
        ? { delivered: true, status: 200 }
        : { delivered: false, retry: clientId === "web", error: "no answer" },
    onEvent: (event) => {
      events.push(event);
      if (events.length > 100) events.shift();
    },
  };
  const management = new SessionManagement(host);
  await fill(host, management);
  const api = adminApi({
    management,
    delivery: new LogoutDelivery(host),
    events: { subscribe: () => finished(events) },
    authorize: staticSecret({
      secret: SECRET,
      actor: "carol",
      permissions: ["read", "remove", "purge"],
    }),
    basePath: "/admin",
    statsClients: ["shop", "web"],
    onError: (error) => errors.push(error),
  });
  const server = createServer(getRequestListener((request) => api(request)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/admin`,
    errors,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await kysely.destroy();
      await close();
    },
  };
}

/** Ends after the events so far: a reader that follows forever would block a tester. */
async function* finished(events) {
  yield { type: "hello", last: String(events.length) };
  for (const [index, event] of events.entries()) {
    yield { type: "event", id: String(index), event };
  }
}

async function fill(host, management) {
  const tickets = new TicketStore(host, { keys: KEYS });
  for (let number = 0; number < SUBJECTS * SESSIONS_EACH; number += 1) {
    const subjectId = `subject-${number % SUBJECTS}`;
    const sessionId = `session-${number}`;
    await tickets.store({
      subjectId,
      sessionId,
      displayName: `Bob ${number}`,
      issuer: `https://id-${number % 2}.example.com`,
      clients: ["shop", "web", "down"].slice(0, 1 + (number % 3)),
      ipAddress: "192.0.2.1",
      userAgent: "Firefox",
      attributes: { team: "red" },
      ...(number % 5 === 0 && { expires: new Date(Date.now() + 3_600_000) }),
    });
    await host.grants.store({
      key: `grant-${number}`,
      type: TYPES[number % 3],
      subjectId,
      ...(number % 3 < 2 && { sessionId }),
      clientId: "shop",
      created: Date.now(),
      data: "{}",
    });
  }
  // Notifications in each state.
  for (let number = 0; number < 40; number += 1) {
    await management.removeSessions({ subjectId: `subject-${number}` });
  }
}
