/** Hosts that replace a store that `atomic` covers with another one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { completeHost, KEYS, rejection, signIn } from "./support.mjs";

const GRANT = {
  key: "token",
  type: "refresh_token",
  subjectId: "alice",
  clientId: "web",
  created: new Date(),
  data: "",
};

for (const name of ["sessions", "grants", "outbox"]) {
  test(`a host with its own ${name} ends sessions in steps, and completely`, async () => {
    const { host: complete, sent } = completeHost();
    const host = { ...complete, [name]: memoryStores()[name] };
    await signIn(host, "alice", 2);
    await host.grants.store(GRANT);
    const report = await new SessionManagement(host).removeSessions({ subjectId: "alice" });
    assert.deepEqual(
      [report.sessionsRemoved, report.tokensRevoked, report.notifications.delivered],
      [2, 1, 2],
    );
    assert.deepEqual(report.notes, [
      `sessions were ended in steps: \`atomic\` doesn't cover \`${name}\``,
    ]);
    assert.equal(await host.grants.get("token"), undefined);
    assert.equal((await host.outbox.list({ state: "delivered" })).length, 2);
    assert.equal(sent.length, 2);
  });
}

test("a limit with `deny` counts the sessions of the host's own store", async () => {
  const { host: complete } = completeHost();
  const host = { ...complete, sessions: memoryStores().sessions };
  const limited = new TicketStore(host, {
    keys: KEYS,
    maxSessionsPerSubject: { limit: 1, policy: "deny" },
  });
  await limited.store({ subjectId: "alice" });
  const error = await rejection(limited.store({ subjectId: "alice" }));
  assert.equal(error.code, "session_limit_reached");
});

test("a host whose `atomic` has no valid `covers` is refused", () => {
  const { host } = completeHost();
  for (const covers of [undefined, null, "sessions", () => {}]) {
    const broken = { ...host, atomic: { ...host.atomic, covers } };
    assert.throws(() => new SessionManagement(broken), {
      code: "invalid_argument",
      message: "the host: `atomic.covers` must be an object of the stores that it covers",
    });
  }
});

/** A host whose steps find that another call has ended all of their sessions meanwhile. */
function overtaken(times) {
  const { host } = completeHost();
  let left = times;
  const endSessions = async (step) => {
    if (left-- <= 0) return host.atomic.endSessions(step);
    const { more: _, last: __, ...none } = await host.atomic.endSessions({ ...step, keys: [] });
    return { ...none, more: true };
  };
  return { ...host, atomic: { ...host.atomic, endSessions } };
}

test("a step whose sessions another call has ended is repeated", async () => {
  const host = overtaken(3);
  await signIn(host, "alice", 2);
  const report = await new SessionManagement(host).removeSessions({ subjectId: "alice" });
  assert.equal(report.sessionsRemoved, 2);
  assert.equal(await host.sessions.count({}), 0);
});

test("a surplus is picked again from the beginning after each step", async () => {
  const { host } = completeHost();
  const { endSessions } = host.atomic;
  const steps = [];
  host.atomic = {
    ...host.atomic,
    // It ends one session at a time, as a store may, and reports more.
    endSessions: async (step) => {
      steps.push([step.surplus?.keep, step.after]);
      return endSessions({ ...step, limit: 1 });
    },
  };
  await signIn(host, "alice", 4);
  const maxSessionsPerSubject = { limit: 2, policy: "removeLeastRecent" };
  const tickets = new TicketStore(host, { keys: KEYS, maxSessionsPerSubject });
  await tickets.store({ subjectId: "alice" });
  assert.equal(await host.sessions.count({}), 2);
  assert.deepEqual(
    steps,
    Array.from({ length: steps.length }, () => [2, undefined]),
  );
  assert.ok(steps.length >= 3);
});

test("a store that always reports more fails the call", async () => {
  const host = overtaken(Number.POSITIVE_INFINITY);
  await signIn(host, "alice", 1);
  const management = new SessionManagement(host);
  const { code, message } = await rejection(management.removeSessions({ subjectId: "alice" }));
  assert.deepEqual(
    [code, message],
    ["store_failed", "other calls kept changing the session: try again"],
  );
});
