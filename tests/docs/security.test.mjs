/** The claims of docs/operate/security.md that no other test covers. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { TicketStore } from "../../pkg/entry/node.js";

const oldKey = new Uint8Array(32).fill(1);

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
