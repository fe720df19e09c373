// The spans of attempts, and the events on the active span.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { telemetry } from "../../pkg/otel.js";
import { AT, EVENTS, event, keepContexts, sdk } from "./support.mjs";

keepContexts();

const [SECONDS, NANOSECONDS] = [Math.trunc(AT.getTime() / 1_000), 250_000_000];

/** Runs a function within a span, and returns the ended span. */
function within(tracerProvider, run) {
  const span = tracerProvider.getTracer("test").startSpan("request");
  context.with(trace.setSpan(context.active(), span), run);
  span.end();
  return span;
}

describe("an attempt is a span", () => {
  test("of a client, with the start and end of the attempt", (t) => {
    const { spans, tracerProvider, meterProvider } = sdk(t);
    telemetry({ tracerProvider, meterProvider })(event("notification_delivered"));
    const [span, ...others] = spans();
    assert.deepEqual(others, []);
    assert.equal(span.name, "notify logout");
    assert.equal(span.kind, SpanKind.CLIENT);
    assert.deepEqual(span.endTime, [SECONDS, NANOSECONDS]);
    assert.deepEqual(span.startTime, [SECONDS, NANOSECONDS - 125_000_000]);
    assert.deepEqual(span.status, { code: SpanStatusCode.UNSET });
    assert.equal(span.instrumentationScope.name, "rollcall");
    assert.deepEqual(span.attributes, {
      "rollcall.notification.outcome": "delivered",
      "rollcall.notification.kind": "logout",
      "rollcall.notification.id": "notification-1",
      "rollcall.notification.attempt": 2,
      "rollcall.client.id": "shop",
      "rollcall.session.id": "session-1",
      "http.response.status_code": 204,
    });
  });

  test("with the error, if it will be retried", (t) => {
    const { spans, tracerProvider, meterProvider } = sdk(t);
    telemetry({ tracerProvider, meterProvider })(event("notification_failed"));
    const [{ status, attributes }] = spans();
    assert.deepEqual(status, { code: SpanStatusCode.ERROR, message: "the client answered 503" });
    assert.equal(attributes["rollcall.notification.outcome"], "failed");
    assert.equal(attributes["http.response.status_code"], 503);
    assert.equal(attributes["error.type"], "503");
  });

  test("with the error, if it was given up", (t) => {
    const { spans, tracerProvider, meterProvider } = sdk(t);
    telemetry({ tracerProvider, meterProvider })(event("notification_given_up"));
    const [{ name, status, attributes }] = spans();
    assert.equal(name, "notify session_revoked");
    assert.deepEqual(status, {
      code: SpanStatusCode.ERROR,
      message: "cannot reach `shop.example.com`",
    });
    assert.deepEqual(attributes, {
      "rollcall.notification.outcome": "given_up",
      "rollcall.notification.kind": "session_revoked",
      "rollcall.notification.id": "notification-1",
      "rollcall.notification.attempt": 9,
      "rollcall.client.id": "shop",
      "error.type": "_OTHER",
    });
  });

  test("without a duration, if none was measured", (t) => {
    const { spans, tracerProvider, meterProvider } = sdk(t);
    telemetry({ tracerProvider, meterProvider })(
      event("notification_failed", { duration: undefined, error: undefined }),
    );
    const [{ startTime, endTime, status }] = spans();
    assert.deepEqual([startTime, endTime], [endTime, [SECONDS, NANOSECONDS]]);
    assert.deepEqual(status, { code: SpanStatusCode.ERROR });
  });

  test("below the active one, which it doesn't change", (t) => {
    const { spans, tracerProvider, meterProvider } = sdk(t);
    const onEvent = telemetry({ tracerProvider, meterProvider });
    const parent = within(tracerProvider, () => onEvent(event("notification_delivered")));
    const [attempt] = spans();
    assert.equal(attempt.parentSpanContext.spanId, parent.spanContext().spanId);
    assert.equal(attempt.spanContext().traceId, parent.spanContext().traceId);
    assert.deepEqual(parent.events, []);
  });
});

describe("anything else", () => {
  test("is added to the active span, with its time", (t) => {
    const { tracerProvider, meterProvider } = sdk(t);
    const onEvent = telemetry({ tracerProvider, meterProvider });
    const types = Object.keys(EVENTS).filter((type) => !type.startsWith("notification_"));
    const { events } = within(tracerProvider, () => {
      for (const type of types) {
        onEvent(event(type));
      }
    });
    assert.deepEqual(
      events.map(({ name }) => name),
      types.map((type) => `rollcall.${type}`),
    );
    for (const { time } of events) {
      assert.deepEqual(time, [SECONDS, NANOSECONDS]);
    }
    const attributes = Object.fromEntries(events.map((noted) => [noted.name, noted.attributes]));
    assert.deepEqual(attributes["rollcall.session_created"], {
      "rollcall.session.id": "session-1",
    });
    assert.deepEqual(attributes["rollcall.session_denied"], {});
    assert.deepEqual(attributes["rollcall.admin_denied"], { "rollcall.admin.permission": "purge" });
    assert.deepEqual(attributes["rollcall.session_removed"], {
      "rollcall.session.id": "session-1",
      "rollcall.logout.reason": "terminated",
    });
  });

  test("is dropped if no span is active", (t) => {
    const { spans, tracerProvider, meterProvider } = sdk(t);
    telemetry({ tracerProvider, meterProvider })(event("session_created"));
    assert.deepEqual(spans(), []);
  });
});

describe("an event of an unknown type", () => {
  for (const type of ["session_moved", "constructor", "__proto__", ""]) {
    test(`\`${type}\` is added with only its name`, async (t) => {
      const { metrics, spans, tracerProvider, meterProvider } = sdk(t);
      const onEvent = telemetry({ tracerProvider, meterProvider });
      const { events } = within(tracerProvider, () =>
        onEvent({ type, at: AT, key: "0123", clientId: "shop", list: [{}] }),
      );
      assert.deepEqual(
        events.map(({ name, attributes }) => [name, attributes]),
        [[`rollcall.${type}`, {}]],
      );
      assert.equal(spans().length, 1);
      assert.deepEqual(await metrics(), []);
    });
  }
});

test("no span contains a subject, an administrator's reason or a key", (t) => {
  const { spans, tracerProvider, meterProvider } = sdk(t);
  const onEvent = telemetry({ tracerProvider, meterProvider });
  within(tracerProvider, () => {
    for (const type of Object.keys(EVENTS)) {
      onEvent(event(type, { key: "0123456789abcdef" }));
    }
  });
  const written = JSON.stringify(
    spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  );
  assert.ok(written.includes("session-1"));
  for (const secret of ["alice", "lost laptop", "carol", "0123456789abcdef"]) {
    assert.ok(!written.includes(secret), secret);
  }
});
