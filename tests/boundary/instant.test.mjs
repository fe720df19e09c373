/** Instants in every form. No result may depend on the time zone of the process. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import vm from "node:vm";
import { epochMilliseconds } from "../../pkg/instant.js";

const INSTANTS = [
  [0, 0],
  [-1_000, -1_000],
  [1_700_000_000_000.9, 1_700_000_000_000],
  [8.64e15, 8.64e15],
  [-8.64e15, -8.64e15],
  [new Date(5), 5],
  [vm.runInNewContext("new Date(5)"), 5],
  [new (class extends Date {})(5), 5],
  ["1970-01-01T00:00:00Z", 0],
  ["1970-01-01t00:00:00z", 0],
  ["1970-01-01T00:00:00.1Z", 100],
  ["1970-01-01T00:00:00.0019999Z", 1],
  ["1970-01-01T01:00:00+01:00", 0],
  ["1969-12-31T18:30:00-05:30", 0],
  ["1970-01-01T00:00:00-00:00", 0],
  ["1970-01-01T23:59:00+23:59", 0],
  ["1970-01-02", 86_400_000],
  ["2024-02-29", Date.UTC(2024, 1, 29)],
  ["2026-12-31T23:59:59Z", Date.UTC(2026, 11, 31, 23, 59, 59)],
  // `Date.UTC` reads the years 0 to 99 as years of the 20th century.
  ["0050-06-01", -60_576_249_600_000],
  ["9999-12-31T23:59:59.999Z", 253_402_300_799_999],
];

const NO_INSTANTS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  8.64e15 + 2,
  -8.64e15 - 2,
  new Date(Number.NaN),
  vm.runInNewContext("new Date(NaN)"),
  Object.create(Date.prototype),
  { [Symbol.toStringTag]: "Date" },
  { getTime: () => 5 },
  Object(5),
  5n,
  null,
  undefined,
  true,
  [],
  [5],
  {},
  () => 5,
  Symbol("odd"),
  "",
  "5",
  "2026",
  "2026-02",
  "2026-02-30",
  "2026-02-29",
  "2026-04-31T10:00:00Z",
  "2026-02-30T10:00:00+01:00",
  "2026-13-01",
  "2026-00-01",
  "2026-01-00",
  "2026-01-32",
  "2026-01-01T24:00:00Z",
  "2026-01-01T10:60:00Z",
  "2026-01-01T10:00:60Z",
  "2026-01-01T10:00:00+24:00",
  "2026-01-01T10:00:00+01:60",
  "2026-01-01T10:00:00+0100",
  "2026-01-01T10:00:00",
  "2026-01-01T10:00:00.5",
  "2026-01-01T10:00Z",
  "2026-01-01T10Z",
  "2026-01-01Z",
  "2026-01-01 10:00:00Z",
  " 2026-01-01",
  "2026-01-01\n",
  "+002026-01-01",
  "1 January 2026",
  "Thu, 01 Jan 2026 00:00:00 GMT",
];

const OWN_ZONE = process.env.TZ;

for (const zone of [OWN_ZONE, "America/New_York", "Asia/Kolkata"]) {
  describe(`instants in the time zone ${zone ?? "of the machine"}`, () => {
    before(() => setZone(zone));
    after(() => setZone(OWN_ZONE));

    test("of dates, RFC 3339 and epoch milliseconds", () => {
      for (const [time, expected] of INSTANTS) {
        assert.equal(epochMilliseconds(time), expected, inspect(time));
      }
    });

    test("anything else is refused", () => {
      for (const time of NO_INSTANTS) {
        assert.equal(epochMilliseconds(time), undefined, inspect(time));
      }
    });
  });
}

function setZone(zone) {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
}
