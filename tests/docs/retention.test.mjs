/** The code of docs/operate/retention.md, and its defaults. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [times, exported, erased, ...others] = await examplesOf(
  "docs/operate/retention.md",
  import.meta.url,
);

test("there are three examples to run", () => {
  assert.ok(erased !== undefined);
  assert.equal(others.length, 0);
});

/** Stores with what alice and bob did `days` ago. */
const before = (days) => `
  import { TicketStore as Tickets, SessionManagement as Management } from "rollcall";
  import { memoryStores } from "rollcall/memory";
  const stores = memoryStores();
  const clients = (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/" });
  const sendLogout = () => ({ delivered: true });
  const then = Date.now() - ${days} * 86_400_000;
  const past = { ...stores, clients, sendLogout, now: () => then };
  const tickets = new Tickets(past, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
  const device = { ipAddress: "192.0.2.1", userAgent: "a browser" };
  await tickets.store({ subjectId: "alice", sessionId: "a1", clients: ["shop"], ...device });
  await tickets.store({ subjectId: "alice", sessionId: "a2", clients: ["shop"], ...device });
  await new Management(past).removeSessions({ subjectId: "alice", sessionId: "a1" });
  await tickets.store({ subjectId: "bob", expires: then + 3_600_000 });
  const grant = { subjectId: "alice", clientId: "shop", created: new Date(then), data: "secret" };
  await stores.grants.store({ ...grant, key: "1", type: "refresh_token", sessionId: "a2", expires: new Date(then + 60_000) });
  await stores.grants.store({ ...grant, key: "2", type: "user_consent" });
`;

test("two passes remove what is due, as written", async () => {
  assert.equal(await run(before(40) + times), "1 1 1 1\n");
  // The session of 91 days ago ends too.
  assert.equal(await run(before(91) + times), "2 1 0 1\n");
  assert.equal(await run(before(0) + times), "0 0 0 0\n");
});

test("without settings, a delivered notification is kept for seven days and devices forever", async () => {
  const defaults = times.replace(/ {2}absoluteLifetime[^}]*\},\n/, "");
  assert.ok(!defaults.includes("keepDelivered"));
  assert.equal(await run(before(6) + defaults), "1 1 0 0\n");
  assert.equal(await run(before(8) + defaults), "1 1 0 1\n");
});

test("the data of a person is exported as written", async () => {
  const program = `${before(0)} const host = past; ${exported}`;
  const { sessions, grants, notifications } = JSON.parse(await run(program));
  assert.deepEqual(
    sessions.map(({ sessionId, ipAddress }) => [sessionId, ipAddress]),
    [["a2", "192.0.2.1"]],
  );
  assert.deepEqual(grants.map(({ type }) => type).sort(), ["refresh_token", "user_consent"]);
  assert.ok(!JSON.stringify(grants).includes("secret"));
  assert.deepEqual(
    notifications.map(({ sessionId, state }) => [sessionId, state]),
    [["a1", "delivered"]],
  );
});

test("a person is erased as written", async () => {
  const program = `${before(0)} const host = past; ${erased}
    console.log(JSON.stringify([
      (await stores.sessions.list({ filter: {}, order: "newest", limit: 9 })).sessions.map(({ subjectId }) => subjectId),
      (await stores.grants.list({ subjectId: "alice" })).length,
    ]));`;
  assert.equal(await run(program), '1 1 1\n[["bob"],0]\n');
});
