/** `examples/workers/cron` on D1, with a cron trigger and `waitUntil`. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { LogoutDelivery, TicketStore } from "rollcall";
import { migrate, sqlStores } from "rollcall/sql";
import { ISSUER, providerKey, relyingParty } from "./relying-party.mjs";
import { startWorker } from "./workers.mjs";

const OPTIONS = { dialect: "sqlite" };

describe("a Worker with a cron trigger", () => {
  let answer = () => 200;
  let shop;
  let worker;
  let stores;
  let tickets;

  before(async () => {
    const { signingKeys, keys } = await providerKey();
    shop = await relyingParty({ keys, answer: (number) => answer(number) });
    worker = await startWorker("cron", {
      ISSUER,
      SIGNING_KEYS: JSON.stringify(signingKeys),
      CLIENTS: [{ ...shop.client, coordinateLifetimeWithUserSession: true }],
      DELIVERY: { firstRetry: 1, wait: 2_000 },
    });
    const database = await worker.database();
    await migrate(database, OPTIONS);
    stores = sqlStores(database, OPTIONS);
    tickets = new TicketStore(stores, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
  });
  after(async () => {
    await worker?.stop();
    await shop?.close();
  });

  const signIn = (subjectId) => tickets.store({ subjectId, clients: ["shop"] });
  const remove = async (subject) =>
    (await worker.call("DELETE", `/sessions?subject=${subject}`)).json();
  const list = async (path) => (await worker.call("GET", path)).json();

  /** The notifications of a subject, once none is pending. */
  async function settled(subjectId) {
    for (;;) {
      const entries = [];
      for await (const entry of new LogoutDelivery(stores).list({ subjectId })) entries.push(entry);
      if (entries.every(({ state }) => state !== "pending")) return entries;
      await setTimeout(20);
    }
  }

  test("is only for administrators", async () => {
    assert.equal((await worker.call("DELETE", "/sessions?subject=alice", "another")).status, 401);
    assert.equal((await worker.call("DELETE", "/sessions")).status, 400);
    assert.equal((await worker.call("GET", "/")).status, 404);
  });

  test("notifies a client during the call if it answers", async () => {
    await signIn("alice");
    const report = await remove("alice");
    assert.equal(report.sessionsRemoved, 1);
    assert.deepEqual(report.notifications, { delivered: 1, pending: 0, failed: 0, skipped: 0 });
    assert.equal((await shop.received(1))[0].sub, "alice");
  });

  test("continues after the response if the client is slow", async () => {
    await signIn("bob");
    let release;
    answer = () =>
      new Promise((resolve) => {
        release = () => resolve(200);
      });
    const report = await remove("bob");
    assert.equal(report.sessionsRemoved, 1);
    assert.equal(report.notifications.pending, 1);
    release();
    assert.deepEqual(
      (await settled("bob")).map(({ state, attempts }) => [state, attempts]),
      [["delivered", 1]],
    );
  });

  test("retries when the trigger fires", async () => {
    await signIn("carol");
    answer = () => 503;
    const report = await remove("carol");
    assert.equal(report.notifications.pending, 1);
    assert.equal(report.deliveries[0].status, 503);
    answer = () => 200;
    assert.deepEqual(worker.crons, ["* * * * *"]);
    assert.equal((await worker.cron()).outcome, "ok");
    const [{ state, attempts }] = await settled("carol");
    assert.deepEqual([state, attempts], ["delivered", 2]);
  });

  test("lists given-up notifications, and retries one if an operator asks for it", async () => {
    await signIn("dave");
    answer = () => 400;
    assert.equal((await remove("dave")).notifications.failed, 1);
    const [failed] = await list("/deliveries?state=failed");
    assert.deepEqual([failed.subjectId, failed.clientId, failed.status], ["dave", "shop", 400]);

    answer = () => 200;
    const retried = await worker.call(
      "POST",
      `/deliveries/retry?id=${encodeURIComponent(failed.id)}`,
    );
    assert.deepEqual(await retried.json(), { due: true });
    await worker.cron();
    assert.equal((await settled("dave"))[0].state, "delivered");
    assert.deepEqual(await list("/deliveries?state=failed"), []);
  });

  test("ends expired sessions when the trigger fires", async () => {
    const before = (await shop.received(0)).length;
    await stores.sessions.create({
      key: "0".repeat(64),
      scheme: "default",
      subjectId: "erin",
      sessionId: "of erin",
      created: 1,
      renewed: 1,
      expires: 2,
      clients: [{ clientId: "shop" }],
    });
    await worker.cron();
    const claims = (await shop.received(before + 1)).at(-1);
    assert.deepEqual([claims.sub, claims.logout_reason], ["erin", "session_expiration"]);
    assert.equal(await stores.sessions.count({}), 0);
  });
});
