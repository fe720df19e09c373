/** `examples/workers/alarm` in a Durable Object, with its alarm. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { providerKey, relyingParty } from "./relying-party.mjs";
import { startWorker } from "./workers.mjs";

describe("a Durable Object with an alarm", () => {
  let answer = () => 200;
  let shop;
  let worker;
  let sessions;

  before(async () => {
    const { signingKeys, keys } = await providerKey();
    shop = await relyingParty({ keys, answer: (number) => answer(number) });
    worker = await startWorker("alarm", {
      SIGNING_KEYS: JSON.stringify(signingKeys),
      TICKET_KEY: Buffer.alloc(32).toString("base64url"),
      CLIENTS: [shop.client],
      DELIVERY: { firstRetry: 100 },
    });
    sessions = await worker.sessions();
  });
  after(async () => {
    await worker?.stop();
    await shop?.close();
  });

  const remove = async (subject) =>
    (await worker.call("DELETE", `/sessions?subject=${subject}`)).json();

  test("is only for administrators", async () => {
    assert.equal((await worker.call("DELETE", "/sessions?subject=alice", "another")).status, 401);
    assert.equal((await worker.call("DELETE", "/sessions")).status, 400);
    assert.equal((await worker.call("GET", "/sessions")).status, 404);
  });

  test("notifies a client when the alarm fires, not during the call", async () => {
    await sessions.signIn({ subjectId: "alice", clients: ["shop"] });
    const report = await remove("alice");
    assert.equal(report.sessionsRemoved, 1);
    assert.deepEqual(report.notifications, { delivered: 0, pending: 1, failed: 0, skipped: 0 });
    assert.equal((await shop.received(1))[0].sub, "alice");
  });

  test("sets the alarm again until the client has accepted the notification", async () => {
    await sessions.signIn({ subjectId: "bob", clients: ["shop"] });
    answer = (number) => (number < 3 ? 503 : 200);
    await remove("bob");
    const tokens = await shop.received(4);
    assert.deepEqual(
      tokens.map(({ sub }) => sub),
      ["alice", "bob", "bob", "bob"],
    );
    assert.equal(new Set(tokens.map(({ jti }) => jti)).size, 4, "each attempt has its own token");
  });

  test("sets no alarm without a client to notify, and sets one for the next notification", async () => {
    await sessions.signIn({ subjectId: "carol" });
    assert.equal((await remove("carol")).sessionsRemoved, 1);
    await sessions.signIn({ subjectId: "dave", clients: ["shop"] });
    await remove("dave");
    assert.equal((await shop.received(5))[4].sub, "dave");
  });
});
