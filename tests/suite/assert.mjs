/** Assertions for hosts without `node:assert`: chai's, with the names of `node:assert/strict`. */

import { assert as chai } from "chai";

const NOTHING = Symbol("nothing was thrown");

export const assert = {
  ok: chai.isOk,
  equal: chai.strictEqual,
  notEqual: chai.notStrictEqual,
  deepEqual: chai.deepStrictEqual,
  match: chai.match,
  doesNotMatch: chai.notMatch,

  /**
   * @param expected a class, an arrow function that returns true, or an object whose members the
   *   error must have
   */
  throws(run, expected) {
    let thrown = NOTHING;
    try {
      run();
    } catch (error) {
      thrown = error;
    }
    check(thrown, expected);
  },

  /** @param expected as in `throws` */
  async rejects(promise, expected) {
    let thrown = NOTHING;
    try {
      await (typeof promise === "function" ? promise() : promise);
    } catch (error) {
      thrown = error;
    }
    check(thrown, expected);
  },
};

function check(thrown, expected) {
  chai.notStrictEqual(thrown, NOTHING, "an error was expected and nothing was thrown");
  if (expected === undefined) return;
  if (typeof expected === "function") {
    const isClass = expected.prototype !== undefined;
    if (isClass) chai.instanceOf(thrown, expected);
    else chai.isTrue(expected(thrown), `unexpected error: ${thrown}`);
    return;
  }
  for (const [name, value] of Object.entries(expected)) {
    if (value instanceof RegExp) chai.match(thrown[name], value);
    else chai.deepStrictEqual(thrown[name], value, `the error's \`${name}\``);
  }
}
