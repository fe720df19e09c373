// Removes values from a driver's error.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect, types } from "node:util";
import { withoutMembers } from "../../pkg/stores/driver-error-values.js";

class DriverError extends Error {
  name = "DriverError";
}

function driverError() {
  return Object.assign(new DriverError("it failed", { cause: new Error("why") }), {
    code: "23505",
    detail: "secret",
  });
}

describe("a driver's error without the values", () => {
  test("is the original if they can be deleted", () => {
    const error = driverError();
    assert.equal(withoutMembers(error, ["detail", "unknown"]), error);
    assert.ok(!("detail" in error));
  });

  test("is a copy with all other members if they can't", () => {
    const error = driverError();
    const { stack, cause } = error;
    // Like an error of postgres.js.
    Object.defineProperties(error, {
      parameters: { value: ["secret"], enumerable: true },
      query: { value: "select 1", enumerable: false },
      stack: { value: `${stack}\n    at the caller`, enumerable: false },
    });
    const copy = withoutMembers(error, ["detail", "parameters"]);
    assert.ok(copy instanceof DriverError && types.isNativeError(copy));
    const { name, message, code, query } = copy;
    assert.deepEqual(
      { name, message, code, query },
      { name: "DriverError", message: "it failed", code: "23505", query: "select 1" },
    );
    assert.equal(copy.stack, `${stack}\n    at the caller`);
    assert.equal(copy.cause, cause);
    assert.ok(!inspect(copy, { showHidden: true, depth: 10 }).includes("secret"));
    assert.deepEqual(
      Object.keys(copy).sort(),
      ["code", "name"],
      "members that logs don't show are still not enumerable",
    );
  });

  test("is a copy if the driver has frozen it", () => {
    const copy = withoutMembers(Object.freeze(driverError()), ["detail"]);
    assert.equal(copy.code, "23505");
    assert.ok(!("detail" in copy));
  });

  test("can be any thrown value", () => {
    for (const thrown of [undefined, null, "text", 5])
      assert.equal(withoutMembers(thrown, ["detail"]), thrown);
  });
});
