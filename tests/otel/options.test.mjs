// The options of telemetry, which are checked when it's created.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RollcallError } from "../../pkg/errors.js";
import { telemetry } from "../../pkg/otel.js";

describe("telemetry cannot be created", () => {
  const badTracers =
    "`tracerProvider` must be a provider of tracers, with the function `getTracer`";
  const badMeters = "`meterProvider` must be a provider of meters, with the function `getMeter`";
  const noObject = "the options of `telemetry` must be a plain object";
  for (const [name, options, message] of [
    ["from a string", "rollcall", noObject],
    ["from a Map", new Map([["tracerProvider", {}]]), noObject],
    ["from a promise", Promise.resolve({}), `${noObject} and not a promise: await it first`],
    [
      "with an unknown option",
      { tracer: {} },
      "the options of `telemetry`: unknown option `tracer`; the options are `tracerProvider`, " +
        "`meterProvider`",
    ],
    ["with an object that isn't a tracer provider", { tracerProvider: {} }, badTracers],
    [
      "with an object that isn't a meter provider",
      { meterProvider: { getMeter: true } },
      badMeters,
    ],
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

test("null counts as absent", () => {
  const observe = telemetry({ tracerProvider: null, meterProvider: null });
  observe({ type: "session_created", at: new Date(), subjectId: "alice", sessionId: "s1" });
});
