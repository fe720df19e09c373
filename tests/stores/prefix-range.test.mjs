// The range of the strings that start with a prefix.
import assert from "node:assert/strict";
import { test } from "node:test";
import { prefixRange } from "../../pkg/sql/prefix-range.js";

test("the range ends where the last code point is one higher", () => {
  assert.deepEqual(prefixRange("ab"), { from: "ab", before: "ac" });
  assert.deepEqual(prefixRange("a\u{10ffff}"), { from: "a\u{10ffff}", before: "b" });
  assert.deepEqual(prefixRange("\ud7ff"), { from: "\ud7ff", before: "\ue000" });
  assert.deepEqual(prefixRange("\u{10ffff}"), { from: "\u{10ffff}" });
  assert.deepEqual(prefixRange(""), { from: "" });
});

test("a prefix can have any length", () => {
  const long = "a".repeat(1_000_000);
  assert.deepEqual(prefixRange(`${long}b`), { from: `${long}b`, before: `${long}c` });
});
