// The providers of the whole process, which a program registers when it is ready to. In a file of
// its own: they stay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { metrics, trace } from "@opentelemetry/api";
import { telemetry } from "../../pkg/otel.js";
import { EVENTS, event, sdk } from "./support.mjs";

test("without options it goes to the global providers, from when there are some", async (t) => {
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
