// Several processes that deliver from one outbox.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { decodeJwt } from "jose";
import { relyingParty } from "../logout/support.mjs";
import { engine } from "../stores/engines.mjs";
import { openStores } from "../stores/support.mjs";
import { all, provider } from "./support.mjs";

const WORKER = fileURLToPath(new URL("worker.mjs", import.meta.url));
const NOTIFICATIONS = 300;
const PROCESSES = ["one", "two"];

function start(file, uri) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const worker = fork(WORKER, [file, uri], { env, execArgv: [] });
  const messages = [];
  worker.on("message", (message) => messages.push(message));
  return {
    ready: once(worker, "message"),
    begin: () => worker.send("begin"),
    result: once(worker, "exit").then(([status]) => {
      assert.equal(status, 0, "a process failed");
      return messages.at(-1);
    }),
  };
}

test("two processes on one SQLite file deliver 300 notifications, each once", async (t) => {
  const { place, ...stores } = await openStores(t, await engine("libsql"));
  const { sessions, grants, outbox, atomic } = stores;
  const { management, delivery, register, signIn } = provider({
    stores: { sessions, grants, outbox, atomic },
    delivery: { wait: 0 },
  });
  const clients = ["shop", "forum", "mail"];
  // No request is answered before both processes have sent one, so both take part.
  const seen = new Set();
  let open;
  const gate = new Promise((resolve) => {
    open = resolve;
  });
  const party = await relyingParty(t, async (request, response) => {
    seen.add(request.url);
    if (seen.size === PROCESSES.length) open();
    await gate;
    response.end();
  });
  for (const clientId of clients) register(clientId, party.uri);
  for (let subject = 0; subject < NOTIFICATIONS / clients.length; subject += 1) {
    await signIn(`subject${subject}`, `s${subject}`, clients);
    await management.removeSessions({ subjectId: `subject${subject}` });
  }
  assert.equal((await all(delivery.list({ state: "pending" }))).length, NOTIFICATIONS);

  const workers = PROCESSES.map((name) => start(place, `${party.uri}/${name}`));
  await Promise.all(workers.map(({ ready }) => ready));
  for (const { begin } of workers) begin();
  const results = await Promise.all(workers.map(({ result }) => result));

  for (const { delivered, failed, rescheduled } of results) {
    assert.ok(delivered > 0);
    assert.deepEqual([failed, rescheduled], [0, 0]);
  }
  assert.equal(
    results.reduce((sum, { delivered }) => sum + delivered, 0),
    NOTIFICATIONS,
  );
  const tokens = party.requests.map(({ body }) =>
    decodeJwt(new URLSearchParams(body).get("logout_token")),
  );
  assert.equal(tokens.length, NOTIFICATIONS);
  assert.equal(
    new Set(tokens.map(({ sub, aud }) => `${aud} ${sub}`)).size,
    NOTIFICATIONS,
    "each client is notified of each subject once",
  );
  assert.equal(new Set(tokens.map(({ jti }) => jti)).size, NOTIFICATIONS);
  const entries = await all(delivery.list());
  assert.equal(entries.length, NOTIFICATIONS);
  assert.ok(entries.every(({ state, attempts }) => state === "delivered" && attempts === 1));
});
