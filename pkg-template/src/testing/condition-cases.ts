/**
 * Cases of conditions: a session store changes or removes a row only if the row meets them.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { SessionCondition } from "../types.js";
import type { PortCase } from "./case.js";
import { otherKey } from "./key-cases.js";
import { createAll, fullSession, keysOf, session, sessionsIn, times, together } from "./samples.js";

/** The session that conditions are tested on: it expires at 3,000, and was renewed at 2,000. */
const EXPIRING = fullSession("a");
const FOREVER = session("forever");

/** Conditions that `EXPIRING` meets. */
const MET: readonly SessionCondition[] = [
  {},
  { subjectId: "alice" },
  { sessionId: "sid of a" },
  { expires: 3_000 },
  { renewed: 2_000 },
  { expiredAt: 3_000 },
  { expiredAt: 3_001 },
  {
    subjectId: "alice",
    sessionId: "sid of a",
    expires: 3_000,
    renewed: 2_000,
    expiredAt: 3_000,
  },
];

/** For each member, a value that `EXPIRING` doesn't meet. */
const MISSES: readonly SessionCondition[] = [
  { subjectId: "bob" },
  { subjectId: "Alice" },
  { subjectId: "alice " },
  { subjectId: "" },
  { sessionId: "sid of b" },
  { sessionId: "SID OF A" },
  { sessionId: "sid of a " },
  { expires: 2_999 },
  { expires: 3_001 },
  { expires: null },
  { renewed: 1_999 },
  { renewed: 2_001 },
  { expiredAt: 2_999 },
];

/** Alone, and combined with members that are met. */
const UNMET: readonly SessionCondition[] = MISSES.flatMap((miss) => [
  miss,
  ...MET.slice(1).map((condition) => ({ ...condition, ...miss })),
]);

export const conditionCases: readonly PortCase[] = [
  {
    name: "changes a session that meets a condition",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [EXPIRING, fullSession("b")]);
      for (const [n, condition] of MET.entries()) {
        const message = JSON.stringify(condition);
        const change = { userAgent: `agent ${n}` };
        assert.equal(await sessions.update("a", change, condition), true, message);
        assert.deepEqual(await sessions.get("a"), { ...EXPIRING, ...change }, message);
        assert.equal(await sessions.update("unknown", change, condition), false, message);
      }
      assert.deepEqual(await sessions.get("b"), fullSession("b"));
    },
  },
  {
    name: "changes nothing if a session doesn't meet a condition",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [EXPIRING, fullSession("b")]);
      const key = await otherKey(sessions, "a");
      const changes = [{ userAgent: "changed" }, { key, expires: null }, {}];
      for (const condition of UNMET) {
        for (const change of changes) {
          const message = JSON.stringify(condition);
          assert.equal(await sessions.update("a", change, condition), false, message);
        }
      }
      assert.deepEqual(await sessionsIn(sessions), [EXPIRING, fullSession("b")]);
    },
  },
  {
    name: "removes a session only if it meets a condition",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [EXPIRING, fullSession("b")]);
      for (const condition of UNMET) {
        const message = JSON.stringify(condition);
        assert.deepEqual(await sessions.remove(["a"], condition), [], message);
      }
      assert.deepEqual(await sessions.get("a"), EXPIRING, "no removal removed it");
      for (const condition of MET) {
        const removed = await sessions.remove(["a"], condition);
        assert.deepEqual(keysOf(removed), ["a"], JSON.stringify(condition));
        assert.equal(await sessions.get("a"), undefined);
        await sessions.create(EXPIRING);
      }
      assert.deepEqual(await sessions.get("b"), fullSession("b"));
    },
  },
  {
    name: "matches a null expiry in a condition with sessions that never expire",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [EXPIRING, FOREVER]);
      const change = { userAgent: "changed" };
      const keys = ["a", "forever"];
      for (const condition of [{ expires: 3_000 }, { expires: 0 }, { expiredAt: 3_000 }]) {
        const message = JSON.stringify(condition);
        assert.equal(await sessions.update("forever", change, condition), false, message);
        assert.deepEqual(await sessions.remove(["forever"], condition), [], message);
      }
      assert.equal(await sessions.update("a", change, { expires: null }), false);
      assert.equal(await sessions.update("forever", change, { expires: null }), true);
      assert.deepEqual(await sessions.get("forever"), { ...FOREVER, ...change });
      assert.deepEqual(keysOf(await sessions.remove(keys, { expires: null })), ["forever"]);
      assert.deepEqual(await sessionsIn(sessions), [EXPIRING]);
    },
  },
  {
    name: "checks a condition against the row as it was changed last",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(EXPIRING);
      await sessions.update("a", {
        subjectId: "bob",
        sessionId: "new sid",
        expires: null,
        renewed: 9_000,
      });
      const former = [
        { subjectId: "alice" },
        { sessionId: "sid of a" },
        { expires: 3_000 },
        { renewed: 2_000 },
        { expiredAt: 9_000 },
      ];
      for (const condition of former) {
        const message = JSON.stringify(condition);
        assert.equal(await sessions.update("a", { scheme: "x" }, condition), false, message);
        assert.deepEqual(await sessions.remove(["a"], condition), [], message);
      }
      const now = { subjectId: "bob", sessionId: "new sid", expires: null, renewed: 9_000 };
      assert.equal(await sessions.update("a", { scheme: "x" }, now), true);
      assert.deepEqual(keysOf(await sessions.remove(["a"], now)), ["a"]);
    },
  },
  {
    name: "removes only those of many sessions that meet a condition",
    run: async ({ open }) => {
      const { sessions } = await open();
      const rows = times(300, (n) =>
        session(`key ${n}`, {
          subjectId: n % 2 === 0 ? "alice" : "bob",
          ...(n % 3 > 0 && { expires: 1_000 * (n % 3) }),
        }),
      );
      await createAll(sessions, rows);
      const removed = await sessions.remove(keysOf(rows), { subjectId: "alice", expiredAt: 1_000 });
      const isRemoved = (n: number) => n % 2 === 0 && n % 3 === 1;
      assert.deepEqual(keysOf(removed).sort(), keysOf(rows.filter((_, n) => isRemoved(n))).sort());
      assert.deepEqual(
        keysOf(await sessionsIn(sessions)),
        keysOf(rows.filter((_, n) => !isRemoved(n))).sort(),
      );
    },
  },
  {
    name: "applies only one of many concurrent changes that rely on the same value",
    run: async ({ open }) => {
      const { sessions } = await open();
      const keys = times(10, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key)),
      );
      for (const key of keys) {
        const changed = await Promise.all(
          times(8, async (n) =>
            sessions.update(key, { renewed: 2_000 + n, userAgent: `${n}` }, { renewed: 1_000 }),
          ),
        );
        const winners = changed.flatMap((isChanged, n) => (isChanged ? [n] : []));
        assert.equal(winners.length, 1, key);
        const stored = await sessions.get(key);
        assert.equal(stored?.renewed, 2_000 + Number(winners[0]), key);
        assert.equal(stored?.userAgent, `${winners[0]}`, key);
      }
    },
  },
  {
    name: "either renews a session or removes it as expired, if both run at once",
    run: async ({ open }) => {
      const { sessions } = await open();
      const keys = times(40, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key, { expires: 5_000 })),
      );
      await Promise.all(
        keys.map(async (key, n) => {
          const [isRenewed, removed] = await together(
            n,
            () => sessions.update(key, { expires: 9_000 }),
            () => sessions.remove([key], { expiredAt: 6_000 }),
          );
          assert.deepEqual(keysOf(removed), isRenewed ? [] : [key]);
          assert.equal((await sessions.get(key))?.expires, isRenewed ? 9_000 : undefined);
        }),
      );
    },
  },
];
