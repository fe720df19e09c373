// `rollcall deliveries list` and `retry`.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { provider, rows, SECRET } from "./support.mjs";

let api;
before(async () => {
  api = await provider();
  await api.signIn("bob", "bob-1", { clients: ["down", "shop"] });
  await api.signIn("eve", "eve-1", { clients: ["down", "slow"] });
  await api.management.removeSessions({ subjectId: "bob" });
  await api.management.removeSessions({ subjectId: "eve" });
});
after(() => api.close());

const listed = async (...args) => {
  const { out, err, status } = await api.rollcall(["deliveries", "list", ...args]);
  assert.equal(status, 0, err);
  const [head, ...lines] = rows(out);
  assert.deepEqual(head, [
    ...["id", "clientId", "state", "error", "nextAttempt", "attempts", "status"],
    ...["subjectId", "sessionId"],
  ]);
  return lines.map(([, client, state, , , , , subject]) => `${client} ${state} ${subject}`).sort();
};

test("notifications are listed by state, client and subject", async () => {
  assert.deepEqual(await listed(), [
    ...["down failed bob", "down failed eve", "shop delivered bob", "slow pending eve"],
  ]);
  assert.deepEqual(await listed("--state", "failed", "--subject", "eve"), ["down failed eve"]);
  assert.deepEqual(await listed("--client", "slow"), ["slow pending eve"]);
  assert.deepEqual(await listed("--session", "bob-1", "--client", "shop"), ["shop delivered bob"]);
  assert.equal((await listed("--limit", "1")).length, 1);
  assert.equal((await listed("--all")).length, 4);
});

test("`--json` prints the API's JSON", async () => {
  const { out } = await api.rollcall(["deliveries", "list", "--json", "--state", "failed"]);
  const response = await fetch(`${api.url}/v1/deliveries?state=failed`, {
    headers: { authorization: `Bearer ${SECRET}` },
  });
  assert.deepEqual(JSON.parse(out), await response.json());
});

test("a failed notification is retried by its id, and others are refused", async () => {
  const { out } = await api.rollcall(["deliveries", "list", "--subject", "bob"]);
  const idOf = (client) => rows(out).find((line) => line[1] === client)[0];
  const retried = await api.rollcall(["deliveries", "retry", idOf("down")]);
  assert.deepEqual(retried, { out: "", err: "1 notification will be sent again\n", status: 0 });
  assert.deepEqual(await listed("--state", "failed"), ["down failed eve"]);
  const delivered = await api.rollcall(["deliveries", "retry", idOf("shop")]);
  assert.equal(delivered.status, 1);
  assert.match(delivered.err, /^error: no failed notification has the id `[^\n]*\n$/);
  assert.equal((await api.rollcall(["deliveries", "retry", "--json", "--", "-x"])).status, 1);
});

test("`--all-failed` retries the failed ones of a client", async () => {
  const none = await api.rollcall(["deliveries", "retry", "--all-failed", "--client", "shop"]);
  assert.deepEqual(none, { out: "", err: "0 notifications will be sent again\n", status: 0 });
  const all = await api.rollcall(["deliveries", "retry", "--all-failed", "--client", "down"]);
  assert.deepEqual(all, { out: "", err: "1 notification will be sent again\n", status: 0 });
  assert.deepEqual(await listed("--state", "failed"), []);
});

test("usage errors exit with 2", async () => {
  const both = await api.rollcall(["deliveries", "retry", "x", "--all-failed"]);
  assert.deepEqual(
    [both.err, both.status],
    ["error: give either ids of notifications or `--all-failed`\n", 2],
  );
  for (const args of [
    ["deliveries", "retry"],
    ["deliveries", "retry", "x", "--client", "shop"],
    ["deliveries", "list", "--state", "odd"],
    ["deliveries", "list", "--client", ""],
  ]) {
    assert.equal((await api.rollcall(args)).status, 2, args.join(" "));
  }
});
