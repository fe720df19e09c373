/**
 * The options of `telemetry`, and their check.
 *
 * @module
 */

import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import { optionsObject, requiredInstance } from "../options.js";

/**
 * The providers of metrics and spans.
 *
 * @example
 * const onEvent = telemetry({ tracerProvider, meterProvider });
 */
export interface TelemetryOptions {
  /** Default: the global one, even if the host registers it later. */
  tracerProvider?: TracerProvider | undefined;
  /** Default: the global one, even if the host registers it later. */
  meterProvider?: MeterProvider | undefined;
}

const OPTIONS = ["tracerProvider", "meterProvider"] as const satisfies (keyof TelemetryOptions)[];

/** @throws {RollcallError} `invalid_argument`, naming the option. */
export function checkedOptions(options: TelemetryOptions): TelemetryOptions {
  const given = optionsObject(options, "the options of `telemetry`", OPTIONS);
  if (given.tracerProvider != null) {
    requiredInstance(
      given.tracerProvider,
      ["getTracer"],
      "`tracerProvider` must be a provider of tracers, with the function `getTracer`",
    );
  }
  if (given.meterProvider != null) {
    requiredInstance(
      given.meterProvider,
      ["getMeter"],
      "`meterProvider` must be a provider of meters, with the function `getMeter`",
    );
  }
  return {
    tracerProvider: given.tracerProvider ?? undefined,
    meterProvider: given.meterProvider ?? undefined,
  };
}
