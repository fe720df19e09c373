/**
 * A defect in the core rejects one promise of the host, and has no other effect. This is tested
 * with a build whose core exports a function that panics (`cargo xtask build --test-panic`).
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { panicAfter } from "../../target/pkg-test-panic/core.js";
import { memoryStores } from "../../target/pkg-test-panic/entry/memory-node.js";
import { SessionManagement, TicketStore } from "../../target/pkg-test-panic/entry/node.js";

const KEYS = { current: "k1", keys: { k1: new Uint8Array(32) } };

/** A store with a slow `list`, so that calls are under way while others panic. */
function slowHost() {
  const stores = memoryStores();
  const list = async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return stores.sessions.list(request);
  };
  return { ...stores, sessions: { ...stores.sessions, list } };
}

test("a panic rejects its own call with an error, and concurrent and later calls succeed", async () => {
  const uncaught = [];
  const onUncaught = (error) => uncaught.push(error);
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onUncaught);
  const host = slowHost();
  await new TicketStore(host, { keys: KEYS }).store({ subjectId: "alice" });
  const management = new SessionManagement(host);

  for (let round = 0; round < 20; round += 1) {
    const before = management.querySessions({ subjectId: "alice" });
    const panic = panicAfter(new Promise((resolve) => setTimeout(resolve, 5)));
    const after = management.querySessions({ subjectId: "alice" });
    const [first, defect, second] = await Promise.allSettled([before, panic, after]);
    assert.equal(defect.status, "rejected");
    assert.ok(defect.reason instanceof Error);
    assert.match(defect.reason.message, /a defect, made for a test/);
    for (const result of [first, second]) {
      assert.equal(result.status, "fulfilled");
      assert.equal(result.value.totalCount, 1);
    }
  }
  const report = await management.removeSessions({ subjectId: "alice" });
  assert.equal(report.sessionsRemoved, 1);
  await new Promise(setImmediate);
  process.off("uncaughtException", onUncaught);
  process.off("unhandledRejection", onUncaught);
  assert.deepEqual(uncaught, []);
});

test("the released module exports no such function", async () => {
  assert.equal("panicAfter" in (await import("../../pkg/core.js")), false);
});
