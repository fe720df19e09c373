// Shared by all tests of the admin API: a provider with sessions, and the API in front of it.

import { memoryStores } from "../../pkg/entry/memory-node.js";
import { LogoutDelivery, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { adminApi, eventFeed } from "../../pkg/http.js";

export const ORIGIN = "https://id.example.com";

/** The mount point of the API. */
export const BASE = `${ORIGIN}/admin`;

const KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };

/** An administrator with all permissions and her own session. */
export const CAROL = {
  actor: "carol",
  subjectId: "carol",
  sessionId: "carol-1",
  permissions: ["read", "remove", "purge"],
};

/**
 * A host with the clients `shop` and `web`, its events, and its API for `actor`. The client `down`
 * never accepts a notification. `options` override the default ones.
 */
export function provider({ actor = CAROL, host: members = {}, ...options } = {}) {
  const log = [];
  const sent = [];
  const errors = [];
  const events = eventFeed();
  const host = {
    ...memoryStores(),
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example.com/logout`,
    }),
    sendLogout: ({ clientId, subjectId, sessionId }) => {
      if (clientId === "down") return { delivered: false, retry: false, error: "it is down" };
      sent.push([clientId, subjectId, sessionId]);
      return { delivered: true, status: 200 };
    },
    onEvent: (event) => {
      log.push(event);
      events.publish(event);
    },
    ...members,
  };
  const management = new SessionManagement(host);
  const delivery = new LogoutDelivery(host);
  const tickets = new TicketStore(host, { keys: KEYS });
  const api = adminApi({
    management,
    delivery,
    events,
    authorize: () => actor,
    onError: (error) => errors.push(error),
    ...options,
  });
  return {
    api,
    host,
    management,
    delivery,
    events,
    /** Every event. */
    log,
    /** The client, the subject and the session of each accepted notification. */
    sent,
    /** The errors that `onError` got. */
    errors,
    signIn: (subjectId, sessionId, members = {}) =>
      tickets.store({ subjectId, sessionId, clients: ["shop", "web"], ...members }),
    /** Makes a call like a program: with a bearer token and no cookie. */
    call: (method, path, body, headers = {}) => api(request(method, path, body, headers)),
    /** All remaining sessions, as `subject/session`. */
    left: async () => {
      const { results } = await management.querySessions({ countRequested: 1000, order: "oldest" });
      return results.map(({ subjectId, sessionId }) => `${subjectId}/${sessionId}`);
    },
  };
}

/** The request of a program: with a bearer token and no cookie. */
export function request(method, path, body, headers = {}) {
  return new Request(`${BASE}${path}`, {
    method,
    headers: {
      authorization: "Bearer token",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** The status and the code of a refusal. */
export async function refusal(response) {
  const { code, ...problem } = await response.json();
  return { status: response.status, code, ...problem };
}
