/**
 * Counts and traces events with OpenTelemetry. The guide, with every metric, span and attribute, is
 * `docs/reference/events.md`.
 *
 * It only needs `@opentelemetry/api`. Without an SDK in the host, it does nothing.
 *
 * Metrics only have attributes with few values, so the only ids are those of clients. Spans also
 * have the ids of sessions and notifications. Neither ever contains a subject or a key.
 *
 * @example
 * const management = new SessionManagement({ ...stores, onEvent: telemetry() });
 *
 * @module
 */
import { attemptOf } from "./otel/attempt.js";
import { Measurements } from "./otel/measurements.js";
import { checkedOptions, type TelemetryOptions } from "./otel/options.js";
import { Traces } from "./otel/traces.js";
import type { SessionEvent } from "./types.js";

export type { TelemetryOptions } from "./otel/options.js";

/**
 * Makes the `onEvent` of a host.
 *
 * Each delivery attempt is counted and its duration measured. It also becomes a client span with
 * its start and end times, a child of the active span if there is one. Every other event is counted
 * and added to the active span. An event of an unknown type is only added to the active span, by
 * its name.
 *
 * @throws {RollcallError} `invalid_argument` if an option is unknown or not a provider.
 * @example
 * const host = { ...memoryStores(), onEvent: telemetry() };
 * const management = new SessionManagement(host);
 */
export function telemetry(options: TelemetryOptions = {}): (event: SessionEvent) => void {
  const { tracerProvider, meterProvider } = checkedOptions(options);
  const measurements = new Measurements(meterProvider);
  const traces = new Traces(tracerProvider);

  return (event) => {
    const attempt = attemptOf(event);
    if (attempt === undefined) {
      measurements.count(event);
      traces.note(event);
    } else {
      measurements.measure(attempt);
      traces.record(attempt);
    }
  };
}
