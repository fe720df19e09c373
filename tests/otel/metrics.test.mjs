// The counters and histograms of telemetry.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { telemetry } from "../../pkg/otel.js";
import { EVENTS, event, sdk } from "./support.mjs";

describe("an event is counted", () => {
  for (const [type, name, attributes] of [
    ["session_created", "rollcall.sessions.created", {}],
    ["session_renewed", "rollcall.sessions.renewed", {}],
    ["session_removed", "rollcall.sessions.removed", { "rollcall.logout.reason": "terminated" }],
    ["session_expired", "rollcall.sessions.expired", {}],
    ["session_removal_failed", "rollcall.sessions.removal_failures", {}],
    ["session_unreadable", "rollcall.sessions.unreadable", {}],
    ["client_unreadable", "rollcall.clients.unreadable", {}],
    ["pruning_failed", "rollcall.pruning.failures", {}],
    ["session_denied", "rollcall.sessions.denied", {}],
    ["admin_denied", "rollcall.admin.denied", { "rollcall.admin.permission": "purge" }],
    ["ticket_unreadable", "rollcall.tickets.unreadable", {}],
  ]) {
    test(type, async (t) => {
      const { points, metrics, ...providers } = sdk(t);
      const onEvent = telemetry(only(providers));
      onEvent(event(type));
      onEvent(event(type));
      assert.deepEqual(await points(name), [[attributes, 2]]);
      assert.equal((await metrics()).length, 1);
    });
  }

  test("by the reason of a removal", async (t) => {
    const { points, ...providers } = sdk(t);
    const onEvent = telemetry(only(providers));
    for (const logoutReason of ["terminated", "user_logout", "user_logout", undefined]) {
      onEvent(event("session_removed", { logoutReason }));
    }
    assert.deepEqual(await points("rollcall.sessions.removed"), [
      [{ "rollcall.logout.reason": "terminated" }, 1],
      [{ "rollcall.logout.reason": "user_logout" }, 2],
      [{}, 1],
    ]);
  });
});

describe("an attempt", () => {
  const attributes = (outcome, kind = "logout") => ({
    "rollcall.notification.outcome": outcome,
    "rollcall.notification.kind": kind,
    "rollcall.client.id": "shop",
  });

  test("is counted by outcome, kind and client", async (t) => {
    const { points, ...providers } = sdk(t);
    const onEvent = telemetry(only(providers));
    onEvent(event("notification_delivered"));
    onEvent(event("notification_delivered", { id: "notification-2", subjectId: "bob" }));
    onEvent(event("notification_failed"));
    onEvent(event("notification_given_up"));
    onEvent(event("notification_delivered", { clientId: "forum" }));
    assert.deepEqual(await points("rollcall.notifications"), [
      [attributes("delivered"), 2],
      [attributes("failed"), 1],
      [attributes("given_up", "session_revoked"), 1],
      [{ ...attributes("delivered"), "rollcall.client.id": "forum" }, 1],
    ]);
  });

  test("is measured in seconds", async (t) => {
    const { points, metrics, ...providers } = sdk(t);
    const onEvent = telemetry(only(providers));
    onEvent(event("notification_delivered", { duration: 125 }));
    onEvent(event("notification_delivered", { duration: 2_000 }));
    onEvent(event("notification_failed", { duration: 0 }));
    const [[delivered, times], [failed, none]] = await points("rollcall.notification.duration");
    assert.deepEqual(delivered, attributes("delivered"));
    assert.deepEqual([times.count, times.sum, times.min, times.max], [2, 2.125, 0.125, 2]);
    assert.deepEqual(failed, attributes("failed"));
    assert.deepEqual([none.count, none.sum], [1, 0]);
    const { descriptor } = (await metrics()).find(
      (metric) => metric.descriptor.name === "rollcall.notification.duration",
    );
    assert.equal(descriptor.unit, "s");
    assert.deepEqual(times.buckets.boundaries.slice(0, 2), [0.005, 0.01]);
  });

  for (const duration of [undefined, -1, Number.NaN, "125"]) {
    test(`with the duration ${duration} is counted but not measured`, async (t) => {
      const { points, ...providers } = sdk(t);
      telemetry(only(providers))(event("notification_delivered", { duration }));
      assert.deepEqual(await points("rollcall.notifications"), [[attributes("delivered"), 1]]);
      assert.deepEqual(await points("rollcall.notification.duration"), []);
    });
  }

  test("without a client and a kind is counted as a logout", async (t) => {
    const { points, ...providers } = sdk(t);
    telemetry(only(providers))(
      event("notification_failed", { clientId: undefined, kind: undefined }),
    );
    const { "rollcall.client.id": _, ...rest } = attributes("failed");
    assert.deepEqual(await points("rollcall.notifications"), [[rest, 1]]);
  });
});

test("no metric contains a subject, a session or a notification", async (t) => {
  const { metrics, ...providers } = sdk(t);
  const onEvent = telemetry(only(providers));
  for (const type of Object.keys(EVENTS)) {
    onEvent(event(type));
  }
  const written = JSON.stringify(await metrics());
  for (const id of ["alice", "session-1", "notification-1", "carol", "lost laptop"]) {
    assert.ok(!written.includes(id), id);
  }
});

test("the meter is that of `rollcall`, and every metric has a description", async (t) => {
  const { metrics, ...providers } = sdk(t);
  const names = [];
  const { getMeter } = providers.meterProvider;
  t.mock.method(providers.meterProvider, "getMeter", function (...values) {
    names.push(values[0]);
    return getMeter.apply(this, values);
  });
  const onEvent = telemetry(only(providers));
  for (const type of Object.keys(EVENTS)) {
    onEvent(event(type));
  }
  assert.deepEqual(names, ["rollcall"]);
  for (const { descriptor } of await metrics()) {
    assert.match(descriptor.description, /^[A-Z].+\.$/);
    assert.match(descriptor.unit, /^(s|\{\w+\})$/);
  }
});

function only({ tracerProvider, meterProvider }) {
  return { tracerProvider, meterProvider };
}
