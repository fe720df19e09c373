// Runs cases as tests of Node's test runner.
import { describe, test } from "node:test";

/** Declares a test for each case. */
export function testCases(title, cases) {
  describe(title, () => {
    for (const { name, run } of cases) test(name, run);
  });
}
