/**
 * The API in a Worker with the memory stores, for the mutated requests. `/errors` has its failures.
 */

import { LogoutDelivery, SessionManagement, TicketStore } from "rollcall";
import { adminApi, eventFeed, staticSecret } from "rollcall/http";
import { memoryStores } from "rollcall/memory";

const errors = [];
// Created in global scope. That works, although its readers would wait for each other's requests.
const events = eventFeed({ keep: 50 });
const host = {
  ...memoryStores(),
  clients: (clientId) => ({ clientId, backChannelLogoutUri: `https://${clientId}.example.com/` }),
  sendLogout: ({ clientId }) => ({ delivered: clientId === "shop", retry: false, error: "no" }),
  onEvent: events.publish,
};
const management = new SessionManagement(host);
const api = adminApi({
  management,
  delivery: new LogoutDelivery(host),
  events: { subscribe: finished },
  authorize: staticSecret({
    secret: "a-secret-of-thirty-two-bytes-at-least",
    actor: "carol",
    permissions: ["read", "remove", "purge"],
  }),
  basePath: "/admin",
  onError: (error) => errors.push(String(error)),
});

async function* finished() {
  yield { type: "hello" };
}

let isFilled = false;

async function fill() {
  const tickets = new TicketStore(host, {
    keys: { current: "1", keys: { 1: new Uint8Array(32) } },
  });
  for (let number = 0; number < 300; number += 1) {
    await tickets.store({
      subjectId: `subject-${number % 100}`,
      sessionId: `session-${number}`,
      displayName: `Bob ${number}`,
      issuer: `https://id-${number % 2}.example.com`,
      clients: ["shop", "web", "down"].slice(0, 1 + (number % 3)),
    });
  }
  for (let number = 0; number < 20; number += 1) {
    await management.removeSessions({ subjectId: `subject-${number}` });
  }
}

export default {
  async fetch(request, _env, context) {
    if (!isFilled) {
      isFilled = true;
      await fill();
    }
    if (new URL(request.url).pathname === "/errors") return Response.json(errors);
    return api(request, context);
  },
};
