/** The code of docs/operate/rotate-keys.md, and its claims that no other test covers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { TicketStore } from "../../pkg/entry/node.js";
import { examplesOf, run } from "./examples.mjs";

const [ring, left, sender, ...others] = await examplesOf(
  "docs/operate/rotate-keys.md",
  import.meta.url,
);

const oldKey = new Uint8Array(32).fill(1);
const newKey = new Uint8Array(32).fill(2);

test("there are three examples to run", () => {
  assert.ok(sender !== undefined);
  assert.equal(others.length, 0);
});

const before = `
  import { TicketStore } from "rollcall";
  import { memoryStores } from "rollcall/memory";
  const [oldKey, newKey] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const stores = memoryStores();
  const host = stores;
  const former = new TicketStore(host, { keys: { current: "2026", keys: { 2026: oldKey } } });
  const cookie = await former.store({ subjectId: "alice", sessionId: "a", ticket: "old" });
`;

test("the ring with two keys opens tickets of both", async () => {
  const printed = await run(`
    ${before} ${ring}
    const other = await tickets.store({ subjectId: "bob", ticket: "new" });
    for (const value of [cookie, other]) console.log((await tickets.retrieve(value)).ticket);
  `);
  assert.equal(printed, "old\nnew\n");
});

test("the sessions that need the old key are printed as written, and none after a renewal", async () => {
  const program = (change) => `
    ${before} ${ring}
    await tickets.store({ subjectId: "bob", ticket: "new" });
    await tickets.store({ subjectId: "carol" });
    ${change} ${left}
  `;
  assert.equal(await run(program("")), "1 of 3 active sessions need another key\nalice a\n");
  assert.equal(
    await run(program("await tickets.renew(cookie, {});")),
    "0 of 3 active sessions need another key\n",
  );
});

test("a token is signed with the first key", async () => {
  const program = `
    import { createServer } from "node:http";
    import { once } from "node:events";
    import { generateKeyPairSync } from "node:crypto";
    const [oldSigningKey, newSigningKey] = ["2026", "2027"].map((kid) => ({
      ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
      kid,
      alg: "RS256",
    }));
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const [header] = new URLSearchParams(body).get("logout_token").split(".");
      console.log(JSON.parse(Buffer.from(header, "base64url")).kid);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const backChannelLogoutUri = "http://127.0.0.1:" + server.address().port;
    ${sender.replace("],\n", "],\n  allowInsecure: true,\n")}
    const { TicketStore, SessionManagement } = await import("rollcall");
    const { memoryStores } = await import("rollcall/memory");
    const host = { ...memoryStores(), clients: (clientId) => ({ clientId, backChannelLogoutUri }), sendLogout };
    const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
    await new TicketStore(host, { keys }).store({ subjectId: "alice", clients: ["shop"] });
    console.log((await new SessionManagement(host).removeSessions({ subjectId: "alice" })).notifications.delivered);
    process.exit();
  `;
  assert.equal(await run(program), "2027\n1\n");
});

const keyIdOf = async ({ sessions }) => {
  const page = await sessions.list({ filter: {}, order: "newest", limit: 1 });
  return page.sessions[0].ticket.split(".")[1];
};

test("only `renew` and `rotate` seal a ticket again", async () => {
  const host = memoryStores();
  const former = new TicketStore(host, { keys: { current: "old", keys: { old: oldKey } } });
  const both = new TicketStore(host, {
    keys: { current: "new", keys: { old: oldKey, new: newKey } },
  });
  const cookie = await former.store({ subjectId: "alice", ticket: 1 });
  await both.retrieve(cookie);
  await both.addClient(cookie, "shop");
  assert.equal(await keyIdOf(host), "old");
  await both.renew(cookie, { displayName: "Alice" });
  assert.equal(await keyIdOf(host), "new");
  assert.equal((await both.retrieve(cookie)).ticket, 1);
  await former.renew(cookie, { ticket: 3 });
  assert.equal(await keyIdOf(host), "old");
  const rotated = await both.rotate(cookie);
  assert.equal(await keyIdOf(host), "new");
  assert.equal(await former.retrieve(rotated), undefined);
  // The row is kept, so putting the key back signs the user in again.
  assert.equal((await both.retrieve(rotated)).ticket, 3);
});
