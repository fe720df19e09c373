// The global providers of a process, which a program registers when it's ready. They can't be
// removed, so this test has its own file.
import assert from "node:assert/strict";
import { test } from "node:test";
import { metrics, trace } from "@opentelemetry/api";
import { telemetry } from "../../pkg/otel.js";
import { EVENTS, event, sdk } from "./support.mjs";

test("without options telemetry uses the global providers as soon as they are registered", async (t) => {
  const onEvent = telemetry();
  for (const type of Object.keys(EVENTS)) {
    onEvent(event(type));
  }

  const { tracerProvider, meterProvider, spans, total } = sdk(t);
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  onEvent(event("session_created"));
  onEvent(event("notification_delivered"));
  assert.equal(await total("rollcall.sessions.created"), 1);
  assert.equal(await total("rollcall.notifications"), 1);
  assert.equal(spans().length, 1);
});
