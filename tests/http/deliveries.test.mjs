// Notifications over HTTP: pages, retries, and the notifications that an actor of some issuers may
// see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BASE, CAROL, provider, refusal } from "./support.mjs";

const json = (response) => response.json();

test("notifications are listed in pages, with links", async () => {
  const { call, signIn } = provider();
  for (const id of ["1", "2", "3"]) await signIn("bob", id, { clients: ["shop", "down"] });
  await call("POST", "/v1/sessions/remove", { subjectId: "bob" });
  const ids = [];
  let path = "/v1/deliveries?limit=4";
  const sizes = [];
  while (path !== undefined) {
    const response = await call("GET", path);
    const { deliveries, after } = await json(response);
    sizes.push(deliveries.length);
    ids.push(...deliveries.map(({ id }) => id));
    const link = response.headers.get("link");
    assert.equal(link === null, after === undefined);
    const next = /^<([^>]+)>; rel="next"$/.exec(link ?? "")?.[1];
    path = next && `/v1/deliveries${new URL(next, `${BASE}/v1/deliveries`).search}`;
  }
  assert.deepEqual(sizes, [4, 2]);
  assert.equal(new Set(ids).size, 6);
  const failed = await json(await call("GET", "/v1/deliveries?state=failed&clientId=down"));
  assert.equal(failed.deliveries.length, 3);
  assert.deepEqual(
    failed.deliveries.map(({ state, error, attempts }) => ({ state, error, attempts })),
    Array(3).fill({ state: "failed", error: "it is down", attempts: 1 }),
  );
  const one = await json(await call("GET", "/v1/deliveries?sessionId=2&subjectId=bob"));
  assert.equal(one.deliveries.length, 2);
});

test("a given-up notification is due again after a retry", async () => {
  const { call, signIn, delivery } = provider();
  await signIn("bob", "1", { clients: ["down"] });
  await call("DELETE", "/v1/sessions/1");
  const [{ id }] = (await json(await call("GET", "/v1/deliveries?state=failed"))).deliveries;
  const path = `/v1/deliveries/${encodeURIComponent(id)}/retry`;
  assert.deepEqual(await json(await call("POST", path)), { retried: true });
  assert.deepEqual(await json(await call("POST", path)), { retried: false });
  assert.equal(
    (await json(await call("GET", "/v1/deliveries?state=pending"))).deliveries.length,
    1,
  );
  assert.equal((await delivery.deliverDue()).failed, 1);
  const none = await call("POST", "/v1/deliveries/nothing/retry");
  assert.deepEqual(await json(none), { retried: false });
});

test("the error names a wrong parameter", async () => {
  const { call } = provider();
  for (const [search, parameter] of [
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["state=skipped", "state"],
    ["clientId=", "clientId"],
    ["issuers=a", "issuers"],
  ]) {
    const problem = await refusal(await call("GET", `/v1/deliveries?${search}`));
    assert.deepEqual([problem.status, problem.parameter], [400, parameter]);
  }
});

test("an actor of some issuers sees and retries only the notifications of those", async () => {
  const { call, signIn, host, delivery, management } = provider({
    actor: { ...CAROL, issuers: ["https://one", "https://four"] },
  });
  await signIn("bob", "1", { clients: ["down"], issuer: "https://one" });
  await signIn("bob", "2", { clients: ["down"], issuer: "https://two" });
  await signIn("bob", "3", { clients: ["down"] });
  await management.removeSessions({ subjectId: "bob" });
  const all = await host.outbox.list({});
  const listed = (await json(await call("GET", "/v1/deliveries"))).deliveries;
  assert.deepEqual(
    listed.map(({ sessionId, issuer }) => [sessionId, issuer]),
    [["1", "https://one"]],
  );
  const retried = [];
  for (const { id, sessionId } of all) {
    const answer = await json(await call("POST", `/v1/deliveries/${encodeURIComponent(id)}/retry`));
    retried.push([sessionId, answer.retried]);
  }
  assert.deepEqual(retried.sort(), [
    ["1", true],
    ["2", false],
    ["3", false],
  ]);
  assert.equal((await delivery.page({ state: "pending" })).deliveries.length, 1);
});

test("without `delivery` and `events` their routes aren't configured", async () => {
  const { call } = provider({ delivery: undefined, events: undefined });
  for (const [method, path] of [
    ["GET", "/v1/deliveries"],
    ["POST", "/v1/deliveries/1/retry"],
    ["GET", "/v1/events"],
  ]) {
    const problem = await refusal(await call(method, path));
    assert.deepEqual([problem.status, problem.code], [501, "not_configured"]);
  }
});
