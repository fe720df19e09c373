// What telemetry is made from, checked when it is made.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RollcallError } from "../../pkg/errors.js";
import { telemetry } from "../../pkg/otel.js";

describe("telemetry cannot be made", () => {
  const badTracers =
    "`tracerProvider` must be a provider of tracers, with the function `getTracer`";
  const badMeters = "`meterProvider` must be a provider of meters, with the function `getMeter`";
  for (const [name, options, message] of [
    ["from null", null, "the options must be an object"],
    ["from a text", "rollcall", "the options must be an object"],
    [
      "with an unknown option",
      { tracer: {} },
      "unknown option `tracer`; the options can have `tracerProvider`, `meterProvider`",
    ],
    ["with a null for tracers", { tracerProvider: null }, badTracers],
    ["with something that gives no tracers", { tracerProvider: {} }, badTracers],
    ["with a null for meters", { meterProvider: null }, badMeters],
    ["with something that gives no meters", { meterProvider: { getMeter: true } }, badMeters],
  ]) {
    test(name, () => {
      assert.throws(
        () => telemetry(options),
        (error) => {
          assert.ok(error instanceof RollcallError);
          assert.deepEqual([error.code, error.message], ["invalid_argument", message]);
          return true;
        },
      );
    });
  }
});
