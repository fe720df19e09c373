/**
 * The options of `telemetry`, and their check.
 *
 * @module
 */
import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import { RollcallError } from "../errors.js";
import { unknownMember } from "../stores/members.js";

/** Where metrics and spans go to. */
export interface TelemetryOptions {
  /** Default: the global one, also when the host registers it later. */
  tracerProvider?: TracerProvider;
  /** Default: the global one, also when the host registers it later. */
  meterProvider?: MeterProvider;
}

const OPTIONS: ReadonlySet<string> = new Set<keyof TelemetryOptions>([
  "tracerProvider",
  "meterProvider",
]);

/** @throws {RollcallError} `invalid_argument`, naming the option. */
export function checkedOptions(options: TelemetryOptions): TelemetryOptions {
  if (typeof options !== "object" || options === null) {
    throw invalid("the options must be an object");
  }
  const unknown = unknownMember(options, OPTIONS);
  if (unknown !== undefined) {
    throw invalid(
      `unknown option \`${unknown}\`; the options can have \`tracerProvider\`, \`meterProvider\``,
    );
  }
  const { tracerProvider, meterProvider } = options;
  if (tracerProvider !== undefined && typeof tracerProvider?.getTracer !== "function") {
    throw invalid("`tracerProvider` must be a provider of tracers, with the function `getTracer`");
  }
  if (meterProvider !== undefined && typeof meterProvider?.getMeter !== "function") {
    throw invalid("`meterProvider` must be a provider of meters, with the function `getMeter`");
  }
  return options;
}

function invalid(message: string): RollcallError {
  return new RollcallError("invalid_argument", message);
}
