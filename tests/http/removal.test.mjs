// Ending sessions over HTTP: the actor, the caller's own session, and calls whose caller
// disconnects.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { CAROL, provider, refusal, request } from "./support.mjs";

const json = (response) => response.json();

const OWN_NOTE = "your own session was kept: set `includeOwn` to end it too";

test("DELETE ends a session, notifies its clients and can be repeated", async () => {
  const { call, signIn, left, sent, log } = provider();
  await signIn("bob", "bob-1");
  await signIn("bob", "bob-2");
  log.length = 0;
  const report = await json(await call("DELETE", "/v1/sessions/bob-1?reason=lost%20laptop"));
  assert.equal(report.sessionsRemoved, 1);
  assert.deepEqual(report.notifications, { delivered: 2, pending: 0, failed: 0, skipped: 0 });
  assert.deepEqual(await left(), ["bob/bob-2"]);
  assert.deepEqual(sent.sort(), [
    ["shop", "bob", "bob-1"],
    ["web", "bob", "bob-1"],
  ]);
  const { actor, reason } = log.find(({ type }) => type === "session_removed");
  assert.deepEqual({ actor, reason }, { actor: "carol", reason: "lost laptop" });
  const again = await call("DELETE", "/v1/sessions/bob-1");
  assert.equal(again.status, 200);
  assert.equal((await json(again)).sessionsRemoved, 0);
});

test("DELETE of an id of several subjects needs the subject", async () => {
  const { call, signIn, left } = provider();
  await signIn("bob", "shared");
  await signIn("eve", "shared");
  const several = await refusal(await call("DELETE", "/v1/sessions/shared"));
  assert.deepEqual([several.status, several.code], [409, "session_ambiguous"]);
  assert.deepEqual(await left(), ["bob/shared", "eve/shared"]);
  const one = await json(await call("DELETE", "/v1/sessions/shared?subjectId=eve"));
  assert.equal(one.sessionsRemoved, 1);
  assert.deepEqual(await left(), ["bob/shared"]);
});

test("DELETE revokes the tokens of a session that no longer exists", async () => {
  const { call, host } = provider();
  await host.grants.store({
    key: "t1",
    type: "refresh_token",
    subjectId: "bob",
    sessionId: "bob-1",
    clientId: "shop",
    created: new Date(),
    data: "",
  });
  const report = await json(await call("DELETE", "/v1/sessions/bob-1"));
  assert.deepEqual([report.sessionsRemoved, report.tokensRevoked], [0, 1]);
});

test("a reason has at most 1,000 characters", async () => {
  const { call, signIn, left } = provider();
  await signIn("bob", "bob-1");
  const long = "x".repeat(1_001);
  for (const response of [
    await call("DELETE", `/v1/sessions/bob-1?reason=${long}`),
    await call("POST", "/v1/sessions/remove", { subjectId: "bob", reason: long }),
    await call("POST", "/v1/sessions/purge", { filter: { subjectId: "bob" }, reason: long }),
  ]) {
    const { status, code, detail } = await refusal(response);
    assert.deepEqual([status, code], [400, "invalid_argument"]);
    assert.match(detail, /^`reason` /);
  }
  assert.deepEqual(await left(), ["bob/bob-1"]);
});

test("`actor` is the caller, never the body", async () => {
  const { call, signIn, left } = provider();
  await signIn("bob", "bob-1");
  for (const [path, body] of [
    ["/v1/sessions/remove", { subjectId: "bob", actor: "eve" }],
    ["/v1/sessions/purge", { filter: { subjectId: "bob" }, actor: "eve" }],
  ]) {
    const problem = await refusal(await call("POST", path, body));
    assert.deepEqual([problem.status, problem.parameter], [400, "actor"]);
  }
  assert.deepEqual(await left(), ["bob/bob-1"]);
});

test("the core checks a removal, and a wrong one removes nothing", async () => {
  const { call, signIn, left } = provider();
  await signIn("bob", "bob-1");
  for (const [body, code] of [
    [{}, "empty_target"],
    [{ subjectId: "" }, "invalid_argument"],
    [{ subjectId: "bob", clientIds: [] }, "invalid_argument"],
    [{ subjectId: "bob", revokeToken: false }, "invalid_argument"],
    [{ subjectId: "bob", includeOwn: "yes" }, "invalid_argument"],
    [{ subjectId: ["bob"] }, "invalid_argument"],
    [{ subjectId: "bob", dryRun: "true" }, "invalid_argument"],
  ]) {
    const problem = await refusal(await call("POST", "/v1/sessions/remove", body));
    assert.deepEqual([problem.status, problem.code], [400, code], JSON.stringify(body));
  }
  assert.deepEqual(await left(), ["bob/bob-1"]);
});

test("a removal of the caller's subject keeps the caller's session", async () => {
  const { call, signIn, left } = provider();
  for (const id of ["carol-1", "carol-2"]) await signIn("carol", id);
  await signIn("bob", "bob-1");
  const others = await json(await call("POST", "/v1/sessions/remove", { subjectId: "carol" }));
  assert.equal(others.sessionsRemoved, 1);
  assert.ok(others.notes.includes(OWN_NOTE));
  assert.deepEqual(await left(), ["carol/carol-1", "bob/bob-1"]);
  // All sessions of another subject end, with the consents, which an exception would keep.
  const bob = await json(await call("POST", "/v1/sessions/remove", { subjectId: "bob" }));
  assert.deepEqual([bob.sessionsRemoved, bob.notes], [1, []]);
  const own = { subjectId: "carol", includeOwn: true };
  assert.equal((await json(await call("POST", "/v1/sessions/remove", own))).sessionsRemoved, 1);
  assert.deepEqual(await left(), []);
});

test("a caller that excludes its own session gets no note about it", async () => {
  const { call, signIn, left } = provider();
  for (const id of ["carol-1", "carol-2"]) await signIn("carol", id);
  const scope = { exceptSessionIds: ["carol-1"] };
  const filter = { subjectId: "carol" };
  const preview = await json(await call("POST", "/v1/sessions/purge", { filter, ...scope }));
  assert.deepEqual([preview.count, preview.notes], [1, undefined]);
  const body = { subjectId: "carol", ...scope };
  const report = await json(await call("POST", "/v1/sessions/remove", body));
  assert.equal(report.sessionsRemoved, 1);
  assert.ok(!report.notes.includes(OWN_NOTE));
  assert.deepEqual(await left(), ["carol/carol-1"]);
});

test("a removal by session id ends even the caller's own session", async () => {
  const { call, signIn, left } = provider();
  for (const id of ["carol-1", "carol-2"]) await signIn("carol", id);
  assert.equal((await json(await call("DELETE", "/v1/sessions/carol-1"))).sessionsRemoved, 1);
  const body = { subjectId: "carol", sessionId: "carol-2" };
  assert.equal((await json(await call("POST", "/v1/sessions/remove", body))).sessionsRemoved, 1);
  assert.deepEqual(await left(), []);
});

test("a caller without a known subject keeps its session in every removal by subject", async () => {
  const actor = { actor: "carol", sessionId: "carol-1", permissions: ["remove"] };
  const { call, signIn, left } = provider({ actor });
  await signIn("carol", "carol-1");
  await call("POST", "/v1/sessions/remove", { subjectId: "carol" });
  assert.deepEqual(await left(), ["carol/carol-1"]);
});

test("a purge is previewed, confirmed and continued until no session is left", async () => {
  const { call, signIn, left } = provider();
  await signIn("carol", "carol-1");
  for (let index = 0; index < 5; index += 1) await signIn("bob", `bob-${index}`);
  const everything = { filter: {}, everything: true };
  const preview = await json(await call("POST", "/v1/sessions/purge", everything));
  assert.equal(preview.count, 5);
  assert.equal(preview.sample.length, 5);
  assert.deepEqual(preview.notes, [OWN_NOTE]);
  let { confirmToken } = preview;
  const removed = [];
  do {
    const body = { ...everything, confirmToken, limit: 2 };
    const report = await json(await call("POST", "/v1/sessions/purge", body));
    removed.push(report.sessionsRemoved);
    confirmToken = report.more ? report.confirmToken : undefined;
  } while (confirmToken !== undefined);
  assert.deepEqual(removed, [2, 2, 1]);
  assert.deepEqual(await left(), ["carol/carol-1"]);
});

test("a purge takes at most 10,000 sessions a call", async () => {
  const limits = [];
  const management = {
    ...Object.fromEntries(
      ["querySessions", "countSessions", "removeSessions", "capabilities", "reportDenied"].map(
        (name) => [name, () => {}],
      ),
    ),
    purgeSessions: async ({ limit }) => {
      limits.push(limit);
      return { count: 0, sample: [], confirmToken: "t" };
    },
  };
  const { call } = provider({ management });
  for (const limit of [undefined, 5, 10_000, 10_001, 1e9]) {
    await call("POST", "/v1/sessions/purge", { filter: { subjectId: "a" }, limit });
  }
  assert.deepEqual(limits, [undefined, 5, 10_000, 10_000, 10_000]);
});

test("a purge by an actor of some issuers is limited to those", async () => {
  const actor = { ...CAROL, issuers: ["https://one"] };
  const { call, signIn, left } = provider({ actor });
  await signIn("bob", "1", { issuer: "https://one" });
  await signIn("eve", "2", { issuer: "https://two" });
  await signIn("zoe", "3");
  const purge = { filter: {}, everything: true };
  const { count, confirmToken } = await json(await call("POST", "/v1/sessions/purge", purge));
  assert.equal(count, 1);
  await call("POST", "/v1/sessions/purge", { ...purge, confirmToken });
  assert.deepEqual(await left(), ["eve/2", "zoe/3"]);
  const foreign = { filter: { issuer: "https://two" } };
  assert.equal((await call("POST", "/v1/sessions/purge", foreign)).status, 403);
});

test("if a reason is required, a removal without one is refused and a dry run isn't", async () => {
  const { call, signIn, left } = provider({ requireReason: true });
  await signIn("bob", "bob-1");
  const { confirmToken } = await json(
    await call("POST", "/v1/sessions/purge", { filter: { subjectId: "bob" } }),
  );
  for (const response of [
    await call("DELETE", "/v1/sessions/bob-1"),
    await call("DELETE", "/v1/sessions/bob-1?reason=%20"),
    await call("POST", "/v1/sessions/remove", { subjectId: "bob" }),
    await call("POST", "/v1/sessions/remove", { subjectId: "bob", reason: "" }),
    await call("POST", "/v1/sessions/purge", { filter: { subjectId: "bob" }, confirmToken }),
  ]) {
    const { status, code, parameter } = await refusal(response);
    assert.deepEqual([status, code, parameter], [400, "reason_required", "reason"]);
  }
  assert.deepEqual(await left(), ["bob/bob-1"]);
  const dryRun = await call("POST", "/v1/sessions/remove", { subjectId: "bob", dryRun: true });
  assert.equal((await json(dryRun)).sessionsRemoved, 1);
  assert.deepEqual(await left(), ["bob/bob-1"]);
  await call("DELETE", "/v1/sessions/bob-1?reason=lost");
  assert.deepEqual(await left(), []);
});

test("a removal whose caller disconnects is completed, in `waitUntil` if there is one", async () => {
  for (const [method, path, body] of [
    ["DELETE", "/v1/sessions/bob-1"],
    ["POST", "/v1/sessions/remove", { subjectId: "bob" }],
    ["POST", "/v1/sessions/purge", { filter: { subjectId: "bob" } }],
  ]) {
    const caller = new AbortController();
    const waiting = [];
    const { api, signIn, left, sent } = provider({
      host: {
        sendLogout: async (message) => {
          caller.abort();
          await new Promise((resolve) => setTimeout(resolve, 5));
          sent.push([message.clientId]);
          return { delivered: true };
        },
      },
    });
    await signIn("bob", "bob-1");
    const made = (members = {}) =>
      new Request(request(method, path, body && { ...body, ...members }), {
        signal: caller.signal,
      });
    const context = { waitUntil: (rest) => waiting.push(rest) };
    let first = made();
    if (path.endsWith("purge")) {
      const { confirmToken } = await json(await api(made(), context));
      first = made({ confirmToken });
    }
    const answer = api(first, context);
    // A platform that discards the answer waits for the promises that `waitUntil` got.
    await answer.then((response) => response.json());
    await Promise.all(waiting);
    assert.ok(waiting.length > 0);
    assert.ok(caller.signal.aborted);
    assert.deepEqual(await left(), []);
    assert.equal(sent.length, 2);
  }
});

test("a failing store is 503 without the cause, and the same call completes the removal", async () => {
  const stores = memoryStores();
  let fails = true;
  const sessions = {
    ...stores.sessions,
    remove: (...found) => {
      if (fails) throw new Error("password=hunter2");
      return stores.sessions.remove(...found);
    },
  };
  const { call, signIn, left, errors } = provider({ host: { ...stores, sessions } });
  await signIn("bob", "bob-1");
  const response = await call("DELETE", "/v1/sessions/bob-1");
  const text = await response.text();
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.deepEqual(JSON.parse(text), {
    type: "urn:rollcall:problem:store-failed",
    title: "Store failed",
    status: 503,
    code: "store_failed",
    detail: "a store failed: repeat the call to complete it",
  });
  assert.equal(errors[0].code, "store_failed");
  assert.equal(errors[0].cause.message, "password=hunter2");
  fails = false;
  assert.equal((await json(await call("DELETE", "/v1/sessions/bob-1"))).sessionsRemoved, 1);
  assert.deepEqual(await left(), []);
});

test("a list of sessions ends in one call with one report", async () => {
  const { call, signIn, left, sent } = provider();
  for (let index = 0; index < 30; index += 1) await signIn(`user-${index}`, "s1");
  const sessions = Array.from({ length: 20 }, (_, index) => ({
    subjectId: `user-${index}`,
    sessionId: "s1",
  }));
  const named = { sessions: [...sessions, { subjectId: "nobody", sessionId: "s1" }] };
  const report = await json(await call("POST", "/v1/sessions/remove", named));
  assert.equal(report.sessionsRemoved, 20);
  assert.equal(report.notifications.delivered, 40);
  assert.equal(sent.length, 40);
  assert.equal((await left()).length, 10);
  const many = Array.from({ length: 501 }, () => sessions[0]);
  for (const wrong of [[], many, [{ subjectId: "bob" }], [{ sessionId: "s1" }], "bob"]) {
    const problem = await refusal(await call("POST", "/v1/sessions/remove", { sessions: wrong }));
    assert.deepEqual([problem.status, problem.code], [400, "invalid_argument"]);
  }
});

test("a removal by an actor of some issuers is limited to those", async () => {
  for (const issuers of [["https://one"], ["https://one", "https://four"]]) {
    const { call, signIn, left } = provider({ actor: { ...CAROL, issuers } });
    await signIn("bob", "1", { issuer: "https://one" });
    await signIn("bob", "2", { issuer: "https://two" });
    await signIn("bob", "3");
    await call("POST", "/v1/sessions/remove", { subjectId: "bob" });
    assert.deepEqual(await left(), ["bob/2", "bob/3"]);
    for (const id of ["2", "3"]) {
      assert.equal((await json(await call("DELETE", `/v1/sessions/${id}`))).sessionsRemoved, 0);
      await call("POST", "/v1/sessions/remove", { sessionId: id });
      await call("POST", "/v1/sessions/remove", {
        sessions: [{ subjectId: "bob", sessionId: id }],
      });
    }
    assert.deepEqual(await left(), ["bob/2", "bob/3"]);
    for (const response of [
      await call("DELETE", "/v1/sessions/2?issuer=https://two"),
      await call("POST", "/v1/sessions/remove", { subjectId: "bob", issuer: "https://two" }),
    ]) {
      assert.equal(response.status, 403);
    }
  }
});

test("a member of the body in the URL is refused", async () => {
  const { call, signIn, left } = provider();
  await signIn("bob", "bob-1");
  for (const path of ["/v1/sessions/remove", "/v1/sessions/purge", "/v1/sessions/query"]) {
    const { status, parameter } = await refusal(
      await call("POST", `${path}?dryRun=true`, { subjectId: "bob" }),
    );
    assert.deepEqual([status, parameter], [400, "dryRun"]);
  }
  assert.deepEqual(await left(), ["bob/bob-1"]);
});

test("a member that is null is refused, and not read as absent", async () => {
  const { call, signIn, left } = provider();
  await signIn("bob", "bob-1");
  for (const [path, body, parameter] of [
    ["/v1/sessions/remove", { subjectId: "bob", sessionId: null }, "sessionId"],
    ["/v1/sessions/purge", { filter: { subjectId: "bob", state: null } }, "state"],
    ["/v1/sessions/query", { created: { after: null } }, "after"],
  ]) {
    const problem = await refusal(await call("POST", path, body));
    assert.deepEqual(
      [problem.status, problem.code, problem.parameter],
      [400, "invalid_argument", parameter],
    );
  }
  assert.deepEqual(await left(), ["bob/bob-1"]);
});
