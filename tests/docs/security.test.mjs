/** The code of docs/operate/security.md, and the claims that no other test covers. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { TicketStore } from "../../pkg/entry/node.js";
import { examplesOf, run } from "./examples.mjs";

const oldKey = new Uint8Array(32).fill(1);
const newKey = new Uint8Array(32).fill(2);

const keyIdOf = async ({ sessions }) => {
  const page = await sessions.list({ filter: {}, order: "newest", limit: 1 });
  return page.sessions[0].ticket.split(".")[1];
};

test("the ring with two keys opens tickets of both", async () => {
  const [example, ...others] = await examplesOf("docs/operate/security.md", import.meta.url);
  assert.deepEqual(others, []);
  const printed = await run(`
    import { TicketStore } from "rollcall";
    import { memoryStores } from "rollcall/memory";
    const [oldKey, newKey] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
    const host = memoryStores();
    const former = new TicketStore(host, { keys: { current: "2026", keys: { 2026: oldKey } } });
    const cookie = await former.store({ subjectId: "alice", ticket: "old" });
    ${example}
    const other = await tickets.store({ subjectId: "bob", ticket: "new" });
    for (const value of [cookie, other]) console.log((await tickets.retrieve(value)).ticket);
  `);
  assert.equal(printed, "old\nnew\n");
});

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
});

test("a row that an attacker inserted signs in, but has no ticket", async () => {
  const host = memoryStores();
  const tickets = new TicketStore(host, { keys: { current: "old", keys: { old: oldKey } } });
  await tickets.store({ subjectId: "alice", ticket: "hers" });
  const page = await host.sessions.list({ filter: {}, order: "newest", limit: 1 });
  const [{ ticket, ...row }] = page.sessions;
  const cookie = "ab".repeat(32);
  const key = createHash("sha256").update(Buffer.from(cookie, "hex")).digest("hex");
  await host.sessions.create({ ...row, key, sessionId: "forged" });
  const { subjectId, ticket: none } = await tickets.retrieve(cookie);
  assert.deepEqual([subjectId, none], ["alice", undefined]);
  // A ticket that was moved to this row doesn't open.
  await host.sessions.update(key, { ticket }, {});
  assert.equal(await tickets.retrieve(cookie), undefined);
});
