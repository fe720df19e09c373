// Telemetry, as a host creates it. Only compiled, never run.

import { type MeterProvider, metrics, type TracerProvider, trace } from "@opentelemetry/api";
import { MeterProvider as SdkMeterProvider } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { type Host, type SessionEvent, SessionManagement } from "rollcall";
import { memoryStores } from "rollcall/memory";
import { type TelemetryOptions, telemetry } from "rollcall/otel";

declare const log: { write(entry: { type: string; at: string }): void };

/** It's used directly as a host's `onEvent`. */
export const management = new SessionManagement({ ...memoryStores(), onEvent: telemetry() });
export const onEvent: NonNullable<Host["onEvent"]> = telemetry({});

/** The global providers, those of the SDK, and any others with the same interface. */
declare const tracerProvider: TracerProvider;
declare const meterProvider: MeterProvider;
export const all: ((event: SessionEvent) => void)[] = [
  telemetry({
    tracerProvider: trace.getTracerProvider(),
    meterProvider: metrics.getMeterProvider(),
  }),
  telemetry({ tracerProvider: new BasicTracerProvider(), meterProvider: new SdkMeterProvider() }),
  telemetry({ tracerProvider }),
  telemetry({ meterProvider }),
];

/** Besides the host's own log: both are functions. */
const measure = telemetry();
export const both: Pick<Host, "onEvent"> = {
  onEvent: (event) => {
    measure(event);
    log.write({ type: event.type, at: event.at.toISOString() });
  },
};

const options: TelemetryOptions = { tracerProvider };
export const withOptions = telemetry(options);

// @ts-expect-error: no such option
telemetry({ tracer: trace.getTracer("rollcall") });
// @ts-expect-error: a tracer isn't a tracer provider
telemetry({ tracerProvider: trace.getTracer("rollcall") });
// @ts-expect-error: a tracer provider has no meters
telemetry({ meterProvider: tracerProvider });
telemetry({ meterProvider: undefined });
// @ts-expect-error: an event needs a time
measure({ type: "session_created" });
