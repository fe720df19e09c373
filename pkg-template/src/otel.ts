/**
 * Counts and traces what happens, by OpenTelemetry. The guide, with every metric, span and
 * attribute, is `docs/events.md`.
 *
 * It needs `@opentelemetry/api` alone: where the host has set up no SDK, it does nothing.
 *
 * ```js
 * const management = new SessionManagement({ ...stores, onEvent: telemetry() });
 * ```
 *
 * Metrics have only attributes of few values: no ids but those of clients. Spans also have the ids
 * of sessions and notifications. Neither ever has a subject or a key.
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
 * Each attempt at a notification is counted, its duration measured, and it becomes a client span
 * with the times at which it began and ended, a child of the active span if there is one.
 * Everything else is counted, and added to the active span as an event. A type of event that it
 * does not know is only added to the active span, by its name.
 *
 * @throws {RollcallError} `invalid_argument`, when an option is unknown or no provider.
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
