// Telemetry as the `onEvent` of a host, with the events of the core.
import assert from "node:assert/strict";
import { test } from "node:test";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { telemetry } from "../../pkg/otel.js";
import { keepContexts, sdk } from "./support.mjs";

keepContexts();

const KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };

/** A provider whose client `shop` answers as `sendLogout` says. */
function provider(t, sendLogout) {
  const { tracerProvider, meterProvider, ...exported } = sdk(t);
  const host = {
    ...memoryStores(),
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
    sendLogout,
    onEvent: telemetry({ tracerProvider, meterProvider }),
  };
  return {
    tracer: tracerProvider.getTracer("test"),
    tickets: new TicketStore(host, { keys: KEYS }),
    management: new SessionManagement(host),
    ...exported,
  };
}

test("counts a sign-in, its removal and the notification", async (t) => {
  const { tickets, management, total, spans } = provider(t, () => ({
    delivered: true,
    status: 204,
  }));
  await tickets.store({ subjectId: "alice", sessionId: "one", clients: ["shop"] });
  await tickets.store({ subjectId: "alice", sessionId: "two" });
  const began = Date.now();
  await management.removeSessions({ subjectId: "alice" });
  assert.equal(await total("rollcall.sessions.created"), 2);
  assert.equal(await total("rollcall.sessions.removed"), 2);
  assert.equal(await total("rollcall.notifications"), 1);
  const [span] = spans();
  assert.equal(span.kind, SpanKind.CLIENT);
  assert.equal(span.status.code, SpanStatusCode.UNSET);
  assert.equal(span.attributes["rollcall.client.id"], "shop");
  assert.match(span.attributes["rollcall.notification.id"], /./);
  const ended = span.endTime[0] * 1_000 + span.endTime[1] / 1_000_000;
  assert.ok(ended >= began && ended <= Date.now());
});

test("counts a notification that will be retried", async (t) => {
  const { tickets, management, points, spans } = provider(t, () => ({
    delivered: false,
    retry: true,
    error: "busy",
  }));
  await tickets.store({ subjectId: "alice", clients: ["shop"] });
  await management.removeSessions({ subjectId: "alice" });
  const [[attributes, count]] = await points("rollcall.notifications");
  assert.deepEqual([attributes["rollcall.notification.outcome"], count], ["failed", 1]);
  assert.deepEqual(spans()[0].status, { code: SpanStatusCode.ERROR, message: "busy" });
});

test("adds a removal to the span of its request, with the attempts as children", async (t) => {
  const { tickets, management, tracer, spans } = provider(t, async () => ({ delivered: true }));
  await tickets.store({ subjectId: "alice", sessionId: "one", clients: ["shop"] });
  const request = tracer.startSpan("request");
  await context.with(trace.setSpan(context.active(), request), () =>
    management.removeSessions({ subjectId: "alice" }),
  );
  request.end();
  assert.deepEqual(
    request.events.map(({ name, attributes }) => [name, attributes["rollcall.session.id"]]),
    [["rollcall.session_removed", "one"]],
  );
  const attempt = spans().find(({ kind }) => kind === SpanKind.CLIENT);
  assert.equal(attempt.parentSpanContext?.spanId, request.spanContext().spanId);
});

test("adds concurrent removals each to their own span", async (t) => {
  const { tickets, management, tracer } = provider(t, async () => ({ delivered: true }));
  const subjects = Array.from({ length: 20 }, (_, index) => `subject-${index}`);
  for (const subjectId of subjects) {
    await tickets.store({ subjectId, sessionId: `session of ${subjectId}`, clients: ["shop"] });
  }
  const requests = subjects.map((subjectId) => {
    const span = tracer.startSpan(subjectId);
    return {
      span,
      done: context.with(trace.setSpan(context.active(), span), () =>
        management.removeSessions({ subjectId }),
      ),
    };
  });
  await Promise.all(requests.map(({ done }) => done));
  for (const { span } of requests) {
    assert.deepEqual(
      span.events.map(({ attributes }) => attributes["rollcall.session.id"]),
      [`session of ${span.name}`],
    );
  }
});
