/** Plain objects and their members. Anything else is refused, and never read as an empty object. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import vm from "node:vm";
import * as plainObjectModule from "../../pkg/plain-object.js";
import { isPlainObject, isThenable, member, members } from "../../pkg/plain-object.js";

class WithGetters {
  #subjectId = "alice";
  get subjectId() {
    return this.#subjectId;
  }
  set count(_value) {}
  describe() {
    return "not a member";
  }
}

class WithMoreGetters extends WithGetters {
  get subjectId() {
    return "bob";
  }
  get issuer() {
    return undefined;
  }
}

class WithoutMembers {
  #hidden = "alice";
  read() {
    return this.#hidden;
  }
}

const inherits = (prototype, own = {}) => Object.assign(Object.create(prototype), own);

// biome-ignore lint/suspicious/noThenProperty: the test needs it
const withThen = (value) => ({ then: value });

const throwing = {
  get subjectId() {
    throw new RangeError("no");
  },
};

const PLAIN = [
  ["nothing", {}, []],
  ["own members in their order", { b: 1, a: null }, ["b", 1, "a", null]],
  ["a member that is undefined", { a: undefined, b: 0 }, ["b", 0]],
  ["only members that are undefined", { a: undefined }, []],
  ["an own function", { now: Date.now }, ["now", Date.now]],
  ["an own getter", Object.defineProperty({}, "a", { get: () => 1, enumerable: true }), ["a", 1]],
  ["no member that isn't enumerable", Object.defineProperty({ b: 2 }, "a", { value: 1 }), ["b", 2]],
  ["no symbols", { [Symbol("a")]: 1, b: 2 }, ["b", 2]],
  ["no prototype", inherits(null, { a: 1 }), ["a", 1]],
  ["no prototype and nothing", Object.create(null), []],
  ["a member named as one of `Object.prototype`", { constructor: 1 }, ["constructor", 1]],
  ["a member `__proto__`", JSON.parse('{"__proto__":1}'), ["__proto__", 1]],
  ["a `then` that is not a function", withThen(1), ["then", 1]],
  ["the getters of a class", new WithGetters(), ["subjectId", "alice"]],
  ["the nearest getter of a name", new WithMoreGetters(), ["subjectId", "bob"]],
  [
    "an own member over a getter",
    Object.defineProperty(new WithGetters(), "subjectId", { value: "carol", enumerable: true }),
    ["subjectId", "carol"],
  ],
  ["an instance with only undefined", Object.assign(new WithoutMembers(), { a: undefined }), []],
  ["inherited data", inherits({ a: 1, f() {} }, { b: 2 }), ["b", 2, "a", 1]],
  ["inherited data of a prototype without one", inherits(inherits(null, { a: 1 })), ["a", 1]],
  ["a proxy", new Proxy({ a: 1 }, {}), ["a", 1]],
  ["another realm", vm.runInNewContext("({ a: 1 })"), ["a", 1]],
  ["nothing in another realm", vm.runInNewContext("({})"), []],
  [
    "a class of another realm",
    vm.runInNewContext("new (class { get a() { return 1; } })()"),
    ["a", 1],
  ],
];

const NOT_PLAIN = [
  7,
  "text",
  "",
  true,
  1n,
  Symbol("odd"),
  () => {},
  class {},
  [],
  [{}],
  new Map([["subjectId", "alice"]]),
  new Set(),
  new WeakMap(),
  new Date(),
  new URLSearchParams({ subjectId: "alice" }),
  new FormData(),
  new Headers(),
  new URL("https://id.example.com"),
  new Error("odd"),
  /odd/,
  Object("text"),
  Object(7),
  new Uint8Array(3),
  new ArrayBuffer(3),
  vm.runInNewContext("(function () { return arguments; })()"),
  Promise.resolve({}),
  Object.assign(Promise.resolve({}), { subjectId: "alice" }),
  withThen(() => {}),
  inherits(
    withThen(() => {}),
    { subjectId: "alice" },
  ),
  new WithoutMembers(),
  inherits({}),
  vm.runInNewContext("new Map()"),
  vm.runInNewContext("[]"),
  vm.runInNewContext("Promise.resolve({})"),
  vm.runInNewContext("new (class { read() {} })()"),
];

/** Runs a function with a member added to `Object.prototype`. */
function polluted(name, value, run) {
  Object.defineProperty(Object.prototype, name, { value, enumerable: true, configurable: true });
  try {
    run();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

describe("the members of a plain object", () => {
  for (const [name, value, expected] of PLAIN) {
    test(name, () => {
      assert.deepEqual(members(value), expected);
      assert.equal(isPlainObject(value), true);
      assert.equal(isThenable(value), false);
    });
  }

  test("a module has members", () => {
    const names = members(plainObjectModule).filter((_, index) => index % 2 === 0);
    assert.ok(names.includes("members"), `${names}`);
  });

  test("undefined and null have none, and aren't plain objects", () => {
    for (const value of [undefined, null]) {
      assert.deepEqual(members(value), []);
      assert.equal(isPlainObject(value), false);
    }
  });

  test("everything else is refused", () => {
    for (const value of NOT_PLAIN) {
      assert.equal(members(value), undefined, inspect(value));
      assert.equal(isPlainObject(value), false, inspect(value));
    }
  });

  test("a polluted `Object.prototype` adds no members", () => {
    polluted("subjectId", "mallory", () => {
      assert.deepEqual(members({}), []);
      assert.deepEqual(members({ a: 1 }), ["a", 1]);
      assert.deepEqual(members(new WithGetters()), ["subjectId", "alice"]);
      assert.equal(members(new WithoutMembers()), undefined);
      assert.equal(member({}, "subjectId"), undefined);
    });
    polluted(
      "then",
      () => {},
      () => {
        assert.deepEqual(members({ a: 1 }), ["a", 1]);
      },
    );
  });

  test("the error names a getter or an object that throws", () => {
    assert.throws(
      () => members(throwing),
      (error) => {
        assert.equal(error.code, "invalid_argument");
        assert.match(error.message, /^`\w+` could not be read$/);
        return error.cause instanceof RangeError;
      },
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.throws(() => members(proxy), {
      code: "invalid_argument",
      message: "the object could not be read",
    });
  });

  test("the check for a plain object reads no member", () => {
    assert.equal(isPlainObject(throwing), true);
  });
});

describe("one member", () => {
  test("is an own member, a getter, or a method of a class", () => {
    const object = new WithMoreGetters();
    assert.equal(member({ a: 1 }, "a"), 1);
    assert.equal(member(object, "subjectId"), "bob");
    assert.equal(member(object, "describe"), WithGetters.prototype.describe);
    assert.equal(member(object, "count"), undefined);
    assert.equal(member(inherits(null, { a: 1 }), "a"), 1);
  });

  test("is never one of `Object.prototype`, in any realm", () => {
    for (const name of ["toString", "constructor", "hasOwnProperty", "__proto__"]) {
      assert.equal(member({}, name), undefined, name);
      assert.equal(member(vm.runInNewContext("({})"), name), undefined, name);
    }
  });
});

test("a promise of any kind is thenable", () => {
  const thenables = [
    Promise.resolve(),
    vm.runInNewContext("Promise.resolve()"),
    withThen(() => {}),
    Object.assign(
      () => {},
      withThen(() => {}),
    ),
  ];
  for (const value of thenables) {
    assert.equal(isThenable(value), true);
  }
  for (const value of [undefined, null, 7, "text", {}, () => {}, new Map()]) {
    assert.equal(isThenable(value), false);
  }
});
