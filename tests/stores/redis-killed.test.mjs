// Redis dies in the middle of a removal. The call fails, and once the server is running again on
// its files the same call completes the removal.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { SessionManagement } from "../../pkg/entry/node.js";
import { redisStores } from "../../pkg/redis.js";
import { startRedis } from "../servers/redis.mjs";
import { byName } from "./names.mjs";
import { available } from "./redis-cases.mjs";
import { grant, session } from "./samples.mjs";

const SESSIONS = 2_000;
const OTHERS = 100;
const CLIENTS = ["shop", "forum", "mail"];

// With these settings no acknowledged write is lost.
const settings = { appendonly: "yes", appendfsync: "always" };

// A command that was being sent when the connection broke is not repeated, because it may have run.
const CONNECTS = {
  "node-redis": async (url) => {
    const client = createClient({ url, disableOfflineQueue: true });
    client.on("error", () => {});
    await client.connect();
    return { client, isReady: () => client.isReady, close: () => client.destroy() };
  },
  ioredis: async (url) => {
    const client = new Redis(url, { maxRetriesPerRequest: 0 });
    client.on("error", () => {});
    await client.ping();
    return { client, isReady: () => client.status === "ready", close: () => client.disconnect() };
  },
};

/** When the server is killed: while the n-th command is being sent, or after so many sessions. */
const MOMENTS = [
  ["the first command is being sent", { command: 1 }],
  ["the first sessions end", { command: 2 }],
  ["a command in the middle is being sent", { command: 9, isDelivering: true }],
  ["three steps are done", { sessions: 600, isDelivering: true }],
  ["all but one step are done", { sessions: SESSIONS - 200, isDelivering: true }],
  [
    "all sessions have ended, and notifications are pending",
    { sessions: SESSIONS, isDelivering: true },
  ],
];

const server = await available("a removal while Redis is killed", () => startRedis({ settings }));
if (server !== undefined) {
  after(() => server.stop());
  for (const [driver, connect] of Object.entries(CONNECTS)) {
    // Reconnecting takes most of the time.
    for (const partitions of driver === "node-redis" ? [1, 3] : [1]) {
      describe(`a removal while Redis is killed, with ${driver}, ${partitions} partitions`, () => {
        for (const [name, moment] of MOMENTS) {
          test(`when ${name}`, async (t) => {
            const connection = await connect(server.url);
            t.after(connection.close);
            await killAndRepeat(connection, partitions, `${driver}-${partitions}-${name}`, moment);
          });
        }
      });
    }
  }
}

async function killAndRepeat(
  { client, isReady },
  partitions,
  prefix,
  { command, sessions, isDelivering = false },
) {
  // Commands that fill the stores aren't counted.
  let sent = Number.NEGATIVE_INFINITY;
  let killed;
  const stores = redisStores(
    watched(client, () => ++sent === command && kill()),
    { prefix, partitions },
  );
  const kill = () => {
    killed ??= server.kill();
  };
  await fill(byName(stores));
  sent = 0;

  const sentLogouts = [];
  const management = new SessionManagement({
    ...stores,
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example.com/logout`,
    }),
    sendLogout: ({ clientId, claims }) => {
      sentLogouts.push(`${clientId}, ${claims.sid}`);
      return { delivered: true };
    },
  });
  const onProgress = (done) => done.sessions >= sessions && kill();
  const failed = await management
    .removeSessions({ subjectId: "alice" }, { onProgress })
    .catch((error) => error);
  await killed;
  if (killed !== undefined) await server.start();
  assert.equal(failed.code, "store_failed");
  assert.ok(failed.cause instanceof Error, "the client's error is the cause");
  while (!isReady()) await new Promise((resolve) => setTimeout(resolve, 10));

  await management.removeSessions({ subjectId: "alice" });
  assert.equal(await stores.sessions.count({ subjectId: { equals: "alice" } }), 0);
  assert.equal(await stores.sessions.count({}), OTHERS);
  for (const clientId of CLIENTS) assert.equal(await stores.sessions.count({ clientId }), OTHERS);
  assert.deepEqual(await stores.grants.count({ types: ["refresh_token"] }), {
    tokens: OTHERS,
    consents: 0,
    other: 0,
  });

  const due = CLIENTS.flatMap((clientId) =>
    Array.from({ length: SESSIONS }, (_, n) => `${clientId}, sid of key ${n}`),
  ).sort();
  const entries = await listAll(stores.outbox);
  const name = ({ clientId, sessionId }) => `${clientId}, ${sessionId}`;
  assert.deepEqual(entries.map(name).sort(), due, "each notification is recorded once");
  const waiting = entries.filter(({ state }) => state === "pending").map(name);
  const delivered = [...sentLogouts, ...waiting].sort();
  assert.deepEqual([...new Set(delivered)], due, "each notification is delivered or pending");
  // A failed removal still sends the notifications that it has recorded. A notification that is
  // sent after the server has died is sent again, because its delivery can't be recorded.
  if (!isDelivering) assert.deepEqual(delivered, due, "each notification is delivered once");
}

async function listAll(outbox) {
  const entries = [];
  for (let after = ""; ; after = entries.at(-1).id) {
    const page = await outbox.list({}, after, 1_000);
    entries.push(...page);
    if (page.length < 1_000) return entries;
  }
}

/** Sends the commands of a client, and calls `onCommand` as soon as one has been written. */
function watched(client, onCommand) {
  const send =
    client.call === undefined
      ? (command) => client.sendCommand(command)
      : ([name, ...args]) => client.call(name, args);
  return (_, command) => {
    const reply = send(command);
    setImmediate(onCommand);
    return reply;
  };
}

async function fill({ sessions, grants }) {
  const clients = CLIENTS.map((clientId) => ({ clientId }));
  const fillOne = async (n) => {
    const subjectId = n < SESSIONS ? "alice" : "bob";
    await sessions.create(session(`key ${n}`, { subjectId, created: n, clients }));
    await grants.store(grant(`grant ${n}`, { subjectId, sessionId: `sid of key ${n}` }));
  };
  for (let start = 0; start < SESSIONS + OTHERS; start += 300) {
    await Promise.all(
      Array.from({ length: Math.min(300, SESSIONS + OTHERS - start) }, (_, n) =>
        fillOne(start + n),
      ),
    );
  }
}
