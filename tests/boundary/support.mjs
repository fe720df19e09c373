/** Hosts for the tests of the boundary: memory stores, with one member replaced by a faulty one. */

import assert from "node:assert/strict";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import {
  LogoutDelivery,
  RollcallError,
  SessionManagement,
  TicketStore,
} from "../../pkg/entry/node.js";

export const KEYS = { current: "k1", keys: { k1: new Uint8Array(32).fill(7) } };

/** A complete host, and the calls of its sender. */
export function completeHost() {
  const sent = [];
  const host = {
    ...memoryStores(),
    clients: async (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example/logout`,
    }),
    sendLogout: async (message) => {
      sent.push(message);
      return { delivered: true, status: 200 };
    },
  };
  return { host, sent };
}

/** Replaces a member of the host by its path. `atomic` still covers the same stores. */
export function withMember(host, path, member) {
  const [owner, name] = path.split(".");
  if (name === undefined) return { ...host, [owner]: member };
  const replaced = { ...host[owner], [name]: member };
  const { atomic } = host;
  if (atomic?.covers[owner] === undefined) return { ...host, [owner]: replaced };
  const covers = { ...atomic.covers, [owner]: replaced };
  return { ...host, [owner]: replaced, atomic: { ...atomic, covers } };
}

/** Signs `subjectId` in at `web` this many times, and returns the cookie values. */
export async function signIn(host, subjectId, times = 1) {
  const tickets = new TicketStore(host, { keys: KEYS });
  const cookies = [];
  for (let time = 0; time < times; time += 1) {
    cookies.push(await tickets.store({ subjectId, clients: ["web"], ticket: { time } }));
  }
  return cookies;
}

/** Ends alice's sessions without waiting for deliveries, and returns the recorded notifications. */
export async function recordNotifications(host) {
  await new SessionManagement({ ...host, delivery: { wait: 0 } }).removeSessions({
    subjectId: "alice",
  });
  return host.outbox.list({ state: "pending" });
}

/** A function whose promise never settles. */
export const never = () => new Promise(() => {});

/** Returns the `RollcallError` that a promise rejects with. */
export async function rejection(promise) {
  const error = await promise.then(
    (value) => assert.fail(`it resolved with ${JSON.stringify(value)}`),
    (error) => error,
  );
  assert.ok(error instanceof RollcallError, `not a RollcallError: ${error}`);
  return error;
}

/**
 * A call that reaches each callback, by the callback's path, on a host where alice has one session.
 */
export const CALLS = {
  "sessions.list": (host) => new SessionManagement(host).querySessions(),
  "sessions.count": (host) => new SessionManagement(host).querySessions(),
  "sessions.create": (host) => new TicketStore(host, { keys: KEYS }).store({ subjectId: "bob" }),
  "sessions.get": (host, cookie) => new TicketStore(host, { keys: KEYS }).retrieve(cookie),
  "sessions.update": (host, cookie) => new TicketStore(host, { keys: KEYS }).renew(cookie, {}),
  "sessions.sharePartition": (host, cookie) => new TicketStore(host, { keys: KEYS }).rotate(cookie),
  "sessions.addClient": (host, cookie) =>
    new TicketStore(host, { keys: KEYS }).addClient(cookie, "app"),
  "sessions.remove": (host, cookie) => new TicketStore(host, { keys: KEYS }).remove(cookie),
  "grants.remove": ({ atomic: _, ...host }) =>
    new SessionManagement(host).removeSessions({ subjectId: "alice" }),
  "grants.count": (host) =>
    new SessionManagement(host).removeSessions({ subjectId: "alice", dryRun: true }),
  "outbox.add": ({ atomic: _, ...host }) =>
    new SessionManagement(host).removeSessions({ subjectId: "alice" }),
  // One entry that can't be settled doesn't fail the call, but three in a row do.
  "outbox.settle": async (host) => {
    const entry = { clientId: "web", reason: "terminated", attempt: 0 };
    const entries = ["1", "2", "3"].map((id) => ({ ...entry, id, created: Date.now() }));
    // Added without the core, because the error of `deliverDue` is the one to test.
    await Promise.resolve(host.outbox.add(entries)).catch(() => {});
    return await new LogoutDelivery(host).deliverDue();
  },
  "outbox.claim": (host) => new LogoutDelivery(host).deliverDue(),
  "outbox.list": (host) => new LogoutDelivery(host).list().next(),
  "outbox.retry": (host) => new LogoutDelivery(host).retry("id"),
  "atomic.clientsOf": (host) => new SessionManagement(host).removeSessions({ subjectId: "alice" }),
  "atomic.endSessions": (host) =>
    new SessionManagement(host).removeSessions({ subjectId: "alice" }),
  "atomic.admit": (host) =>
    new TicketStore(host, {
      keys: KEYS,
      maxSessionsPerSubject: { limit: 5, policy: "deny" },
    }).store({ subjectId: "bob" }),
};
