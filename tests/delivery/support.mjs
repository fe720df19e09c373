// A provider with an outbox, real stores and the real sender, and a clock that the test sets.
import { once } from "node:events";
import net from "node:net";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { LogoutDelivery, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { ISSUER, localSender } from "../logout/support.mjs";
import { engine } from "../stores/engines.mjs";
import { openStores } from "../stores/support.mjs";

const KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };

/** The duration of each attempt on the host's clock, in milliseconds. */
export const DURATION = 1_234;

/** The stores that the tests use, by name. */
export const STORES = {
  memory: async () => memoryStores(),
  libSQL: async (t) => {
    const { sessions, grants, outbox, atomic } = await openStores(t, await engine("libsql"));
    return { sessions, grants, outbox, atomic };
  },
};

/** A sender that never times out if a server listens, however busy the machine is. */
export const patient = localSender({ timeout: 60_000 });

/**
 * Makes the provider.
 *
 * @param {object} options `stores`: one of `STORES`; `delivery`: the host's; `send`: by default the
 *   patient sender; `clock`: as below
 * @returns `clock.now` is the time; `jtis` has the `jti` of every attempt; `events` has the events
 */
export function provider({ stores, delivery = {}, send = patient, clock = { now: Date.now() } }) {
  const [registry, jtis, events] = [new Map(), [], []];
  const host = {
    ...stores,
    delivery,
    now: () => clock.now,
    clients: (clientId) => registry.get(clientId),
    sendLogout: async (message, options) => {
      jtis.push(message.claims.jti);
      const outcome = await send(message, options);
      clock.now += DURATION;
      return outcome;
    },
    onEvent: (event) => events.push(event),
  };
  const tickets = new TicketStore(host, { keys: KEYS });
  const outbox = new LogoutDelivery(host);
  return {
    host,
    clock,
    jtis,
    events,
    management: new SessionManagement(host),
    delivery: outbox,
    register: (clientId, backChannelLogoutUri) =>
      registry.set(clientId, { clientId, backChannelLogoutUri, idTokenSignedResponseAlg: "ES256" }),
    signIn: (subjectId, sessionId, clients) =>
      tickets.store({ subjectId, sessionId, issuer: ISSUER, clients }),
    entries: () => all(outbox.list()),
  };
}

/** Collects the items of an async generator. */
export async function all(generator) {
  const items = [];
  for await (const item of generator) items.push(item);
  return items;
}

/** The URI of a server that accepts every connection and never answers. */
export async function silentUri(t) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${server.address().port}/logout`;
}
