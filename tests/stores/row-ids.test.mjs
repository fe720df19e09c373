// The ids of session rows, and the positions that are derived from them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodePosition, encodePosition } from "../../pkg/sql/position.js";
import { createdAt, firstIdAt, newRowId, rowIdOf, sequenceOf } from "../../pkg/sql/row-id.js";
import { engine } from "./engines.mjs";
import { session } from "./samples.mjs";
import { openForKit } from "./support.mjs";

const [EARLIEST, LATEST] = [-(2 ** 43), 2 ** 43 - 2];
const SEQUENCES = 2 ** 20;
const LEAST_ID = -(2n ** 63n);
/** The greatest id of a session. The first ids of the millisecond after it have 64 bits too. */
const GREATEST_ID = 2n ** 63n - 2n ** 20n - 1n;

const anyTime = fc.oneof(
  fc.integer({ min: EARLIEST, max: LATEST }),
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.constantFrom(EARLIEST, -1, 0, 1, LATEST),
);
const anySequence = fc.integer({ min: 0, max: SEQUENCES - 1 });
const anyId = fc.tuple(anyTime, anySequence).map((parts) => rowIdOf(...parts));

describe("the id of a row", () => {
  test("contains the creation time, from the first to the last possible one", () => {
    fc.assert(
      fc.property(anyTime, (created) => {
        const id = newRowId(created);
        assert.equal(createdAt(id), created);
        assert.ok(id >= LEAST_ID && id <= GREATEST_ID);
        assert.ok(id >= firstIdAt(created));
        assert.ok(id < firstIdAt(created + 1));
      }),
    );
  });

  test("is in the order of the times, and of the sequence within a millisecond", () => {
    fc.assert(
      fc.property(anyTime, anySequence, anyTime, anySequence, (time, number, other, another) => {
        const isFirst = time < other || (time === other && number < another);
        assert.equal(rowIdOf(time, number) < rowIdOf(other, another), isFirst);
      }),
    );
  });

  test("is generated again, from a random start, if it is taken", async () => {
    const { sessions, query, close } = await openForKit(await engine("libsql"));
    const created = 1_764_000_000_000;
    const next = newRowId(created) + 1n;
    for (let n = 0; n < 20; n += 1) {
      await query(`insert into rollcall_sessions (id, key, scheme, subject_id, session_id, renewed, clients)
        values (${next + BigInt(n)}, randomblob(32), 's', 'another process', 's', 1, '[]')`);
    }
    await sessions.create(session("a".repeat(64), { created }));
    assert.equal(await sessions.count({}), 21);
    await close();
  });

  test("increases with each call in a millisecond, until the sequence restarts", () => {
    for (const created of [-5, 0, 1_764_000_000_000]) {
      let falls = 0;
      let last = newRowId(created);
      for (let n = 0; n < SEQUENCES; n += 1) {
        const id = newRowId(created);
        if (id < last) falls += 1;
        assert.ok(id !== last);
        last = id;
      }
      assert.equal(falls, 1, "a million calls don't restart the sequence once");
    }
  });

  test("can be split into both parts again", () => {
    fc.assert(
      fc.property(anyTime, anySequence, (created, sequence) => {
        const id = rowIdOf(created, sequence);
        assert.deepEqual([createdAt(id), sequenceOf(id)], [created, sequence]);
      }),
    );
    assert.equal(rowIdOf(EARLIEST, 0), LEAST_ID);
    assert.equal(rowIdOf(LATEST, SEQUENCES - 1), GREATEST_ID);
    for (const parts of [
      [EARLIEST - 1, 0],
      [LATEST + 1, 0],
      [0, SEQUENCES],
    ]) {
      assert.equal(rowIdOf(...parts), undefined);
    }
  });

  test("is refused for a time that it can't contain", () => {
    for (const created of [EARLIEST - 1, LATEST + 1, Number.MAX_SAFE_INTEGER, -(2 ** 53)]) {
      assert.throws(() => newRowId(created), {
        name: "RollcallError",
        code: "invalid_argument",
        message: /`created`/,
      });
    }
  });

  test("that starts a range exists for any time", () => {
    assert.equal(firstIdAt(0.5), firstIdAt(1), "a session that was created at 0 isn't before it");
    assert.equal(firstIdAt(-0.5), firstIdAt(0));
    assert.equal(firstIdAt(Number.MIN_SAFE_INTEGER), LEAST_ID);
    assert.equal(firstIdAt(Number.NEGATIVE_INFINITY), LEAST_ID);
    for (const time of [LATEST + 1, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      assert.equal(firstIdAt(time), GREATEST_ID + 1n);
      assert.ok(firstIdAt(time) < 2n ** 63n, "it has more than 64 bits");
    }
  });
});

const PLACES = {
  newest: fc.record({ id: anyId }),
  oldest: fc.record({ id: anyId }),
  expiry: fc.record({
    id: anyId,
    expires: fc.oneof(
      fc.maxSafeInteger(),
      fc.constantFrom(Number.MIN_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER),
    ),
  }),
};

describe("a position", () => {
  for (const [order, places] of Object.entries(PLACES)) {
    test(`round-trips in the order \`${order}\`, and is refused if it's damaged`, () => {
      fc.assert(
        fc.property(
          places,
          fc.nat(),
          fc.constantFrom("0", "1", "z", ".", "-", "A", " ", ""),
          (place, at, other) => {
            const position = encodePosition(place);
            assert.deepEqual({ ...decodePosition(position, order) }, { ...place });
            const index = at % position.length;
            const damaged = position.slice(0, index) + other + position.slice(index + 1);
            // The damaged one is refused, or it's the position of a different place.
            try {
              assert.equal(encodePosition(decodePosition(damaged, order)), damaged);
            } catch (error) {
              assert.equal(error.code, "invalid_results_token", damaged);
            }
          },
        ),
      );
    });
  }

  test("of one order is refused in another", () => {
    const id = rowIdOf(1_000, 5);
    const byCreation = encodePosition({ id });
    const byExpiry = encodePosition({ id, expires: 2_000 });
    const refusal = { name: "RollcallError", code: "invalid_results_token" };
    assert.throws(() => decodePosition(byCreation, "expiry"), refusal);
    for (const order of ["newest", "oldest"]) {
      assert.throws(() => decodePosition(byExpiry, order), refusal);
    }
  });

  test("that names a time or a number out of range is refused", () => {
    const digits = (number) => number.toString(36);
    for (const [order, position] of [
      ["newest", `${digits(LATEST + 1)}.0`],
      ["newest", `${digits(EARLIEST - 1)}.0`],
      ["newest", `0.${digits(SEQUENCES)}`],
      ["newest", "zzzzzzzzzzz.0"],
      ["expiry", "zzzzzzzzzzz.0.0"],
      ["expiry", `0.${digits(LATEST + 1)}.0`],
      ["expiry", `${digits(2 ** 53)}.0.0`],
      ["expiry", "-0.0.0"],
    ]) {
      assert.throws(
        () => decodePosition(position, order),
        { name: "RollcallError", code: "invalid_results_token" },
        position,
      );
    }
  });
});
