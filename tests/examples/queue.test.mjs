/** `examples/workers/queue` on D1, with the messages of a queue. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TicketStore } from "rollcall";
import { migrate, sqlStores } from "rollcall/sql";
import { providerKey, relyingParty } from "./relying-party.mjs";
import { startWorker } from "./workers.mjs";

const OPTIONS = { dialect: "sqlite" };

describe("a Worker with a queue", () => {
  let answer = () => 200;
  let shop;
  let worker;
  let tickets;

  before(async () => {
    const { signingKeys, keys } = await providerKey();
    shop = await relyingParty({ keys, answer: (number) => answer(number) });
    worker = await startWorker("queue", {
      SIGNING_KEYS: JSON.stringify(signingKeys),
      CLIENTS: [shop.client],
      DELIVERY: { firstRetry: 1 },
    });
    const database = await worker.database();
    await migrate(database, OPTIONS);
    tickets = new TicketStore(sqlStores(database, OPTIONS), {
      keys: { current: "1", keys: { 1: new Uint8Array(32) } },
    });
  });
  after(async () => {
    await worker?.stop();
    await shop?.close();
  });

  const signIn = (subjectId) => tickets.store({ subjectId, clients: ["shop"] });
  const remove = async (subject) =>
    (await worker.call("DELETE", `/sessions?subject=${subject}`)).json();

  test("is only for administrators", async () => {
    assert.equal((await worker.call("DELETE", "/sessions?subject=alice", "another")).status, 401);
    assert.equal((await worker.call("DELETE", "/sessions")).status, 400);
    assert.equal((await worker.call("GET", "/sessions")).status, 404);
  });

  test("notifies a client when the message arrives, not during the call", async () => {
    await signIn("alice");
    const report = await remove("alice");
    assert.equal(report.sessionsRemoved, 1);
    assert.deepEqual(report.notifications, { delivered: 0, pending: 1, failed: 0, skipped: 0 });
    assert.equal((await shop.received(1))[0].sub, "alice");
  });

  test("retries when the cron trigger fires", async () => {
    await signIn("bob");
    answer = () => 503;
    await remove("bob");
    await shop.received(2);
    answer = () => 200;
    // The attempt may not be settled yet.
    while ((await shop.received(0)).length < 3) assert.equal((await worker.cron()).outcome, "ok");
    assert.deepEqual(
      (await shop.received(3)).map(({ sub }) => sub),
      ["alice", "bob", "bob"],
    );
  });
});
