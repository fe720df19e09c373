// Cases as tests of Node's runner.
import { describe, test } from "node:test";

/** Declares a test for each. */
export function testCases(title, cases) {
  describe(title, () => {
    for (const { name, run } of cases) test(name, run);
  });
}
