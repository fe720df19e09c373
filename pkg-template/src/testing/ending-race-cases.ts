/**
 * Cases of steps that run at the same time as each other and as other calls.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { EndedSessions } from "../types.js";
import type { PortCase } from "./case.js";
import {
  endAll,
  endedIn,
  idsIn,
  notices,
  noticesIn,
  OF_ALICE,
  row,
  rowIdsOf,
  step,
} from "./ending-samples.js";
import { otherKey } from "./key-cases.js";
import { createAll, grant, keysOf, sessionsIn, times, together } from "./samples.js";

const total = (results: readonly EndedSessions[], member: "ended" | "recorded" | "tokens") =>
  results.reduce((sum, result) => sum + result[member], 0);

export const endingRaceCases: readonly PortCase[] = [
  {
    name: "ends each session in only one of many concurrent steps",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const keys = times(60, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key, n) => row(key, { created: 1_000 + (n % 5), expires: 9_000 - (n % 7) })),
      );
      const results = await Promise.all(
        times(8, (n) => {
          const order = n % 2 === 0 ? "oldest" : "expiry";
          return endAll(atomic, step({ order, limit: 5 + n }));
        }),
      );
      assert.deepEqual(results.flat().flatMap(endedIn).sort(), [...keys].sort());
      assert.equal(total(results.flat(), "ended"), keys.length);
      assert.deepEqual(await sessionsIn(sessions), []);
    },
  },
  {
    name: "records each notification in only one of many concurrent steps",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const keys = times(40, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => row(key, { clients: [{ clientId: "shop" }, { clientId: "forum" }] })),
      );
      const id = await rowIdsOf(sessions);
      const notify = notices();
      const results = await Promise.all(
        times(8, (n) => endAll(atomic, step({ keys: keys.slice(n, n + 33), limit: 9, notify }))),
      );
      const expected = keys
        .flatMap((key) => ["shop", "forum"].map((clientId) => `session:${id(key)}:${clientId}`))
        .sort();
      assert.equal(total(results.flat(), "recorded"), expected.length);
      const returned = results.flat().flatMap(noticesIn);
      assert.deepEqual(returned.map((entry) => entry.id).sort(), expected);
      assert.deepEqual(await idsIn(outbox), expected);
      for (const result of results.flat()) {
        const ended = noticesIn(result).map(({ sessionId }) => sessionId);
        assert.deepEqual([...new Set(ended)].sort(), endedIn(result), "of the sessions it ended");
      }
    },
  },
  {
    name: "counts each grant in only one of many concurrent steps",
    needs: ["atomic.covers.grants"],
    run: async ({ open }) => {
      const { sessions, grants, atomic } = await open();
      const keys = times(24, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => row(key)),
      );
      for (const key of keys) {
        await grants.store(grant(key, { subjectId: "alice", sessionId: key }));
      }
      await grants.store(grant("without a session", { subjectId: "alice" }));
      const revoke = { matching: [{ subjectId: "alice" }], ofSessions: { types: [] } };
      const results = await Promise.all(
        times(8, async (n) => atomic.endSessions(step({ limit: 1 + n, revoke }))),
      );
      assert.equal(total(results, "tokens"), 25);
      assert.deepEqual(await grants.list({ subjectId: "alice" }), []);
    },
  },
  {
    name: "notifies a client that is added during a step, if it was added",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const keys = times(40, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => row(key, { clients: [{ clientId: "shop" }] })),
      );
      const id = await rowIdsOf(sessions);
      const isAdded = await Promise.all(
        keys.map(async (key, n) => {
          const [isAdded, result] = await together(
            n,
            () => sessions.addClient(key, { clientId: "late" }, 0),
            () => atomic.endSessions(step({ keys: [key], notify: notices() })),
          );
          assert.equal(result.ended, 1, key);
          assert.equal(result.recorded, isAdded ? 2 : 1, key);
          return isAdded;
        }),
      );
      const expected = keys.flatMap((key, n) =>
        ["shop", ...(isAdded[n] ? ["late"] : [])].map(
          (clientId) => `session:${id(key)}:${clientId}`,
        ),
      );
      assert.deepEqual(await idsIn(outbox), expected.sort());
    },
  },
  {
    name: "notifies clients that are added during a large step, if they were added",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const keys = times(60, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => row(key)),
      );
      const id = await rowIdsOf(sessions);
      const add = async (key: string) => sessions.addClient(key, { clientId: "late" }, 0);
      const half = keys.length / 2;
      const [early, , late] = await Promise.all([
        Promise.all(keys.slice(0, half).map(add)),
        endAll(atomic, step({ notify: notices() })),
        Promise.all(keys.slice(half).map(add)),
      ]);
      const isAdded = [...early, ...late];
      const expected = keys.flatMap((key, n) => (isAdded[n] ? [`session:${id(key)}:late`] : []));
      assert.deepEqual(await idsIn(outbox), expected.sort());
      assert.deepEqual(await sessionsIn(sessions), []);
    },
  },
  {
    name: "either renews a session or ends it as expired, if both run at once",
    filters: [{ expiredAt: 6_000 }],
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const keys = times(40, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => row(key, { expires: 5_000 })),
      );
      await Promise.all(
        keys.map(async (key, n) => {
          const [isRenewed, result] = await together(
            n,
            () => sessions.update(key, { expires: 9_000 }),
            () => atomic.endSessions(step({ keys: [key], filter: { expiredAt: 6_000 } })),
          );
          // A step may skip a session that another call is changing; then it returns `more`.
          const [ended] = result.more
            ? await endAll(atomic, step({ keys: [key], filter: { expiredAt: 6_000 } }))
            : [result];
          assert.equal((ended?.ended ?? 0) + result.ended > 0, !isRenewed, key);
          assert.equal((await sessions.get(key))?.expires, isRenewed ? 9_000 : undefined, key);
        }),
      );
    },
  },
  {
    name: "returns each session to either a step or a removal, if both run at once",
    needs: ["atomic.covers.outbox"],
    run: async ({ open }) => {
      const { sessions, outbox, atomic } = await open();
      const keys = times(40, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => row(key, { clients: [{ clientId: "shop" }] })),
      );
      const id = await rowIdsOf(sessions);
      const [results, removed] = await Promise.all([
        endAll(atomic, step({ limit: 6, notify: notices() })),
        Promise.all(times(10, async (n) => sessions.remove(keys.slice(36 - 4 * n, 40 - 4 * n)))),
      ]);
      const ended = results.flatMap(endedIn);
      assert.deepEqual([...ended, ...keysOf(removed.flat())].sort(), [...keys].sort());
      const expected = ended.map((key) => `session:${id(key)}:shop`).sort();
      assert.deepEqual(await idsIn(outbox), expected, "a removal by itself notifies no client");
    },
  },
  {
    name: "ends a session of a subject while its key changes",
    filters: [OF_ALICE],
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      for (const [n, name] of times(20, (n) => `key ${n}`).entries()) {
        await sessions.create(row(name));
        const key = await otherKey(sessions, name, `other than ${name},`);
        const [, results] = await together(
          n,
          () => sessions.update(name, { key }),
          () => endAll(atomic, step({ filter: OF_ALICE })),
        );
        assert.deepEqual(results.flatMap(endedIn), [name]);
        assert.equal(await sessions.get(name), undefined);
        assert.equal(await sessions.get(key), undefined);
      }
    },
  },
  {
    name: "leaves no more than the kept sessions, if several surpluses end at once",
    filters: [OF_ALICE],
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const rows = times(12, (n) => row(`${n}`, { created: 1_000 + n }));
      const surplus = { keep: 3, by: "created", activeAt: 0 } as const;
      const results = await Promise.all(
        rows.map(async (row) => {
          await sessions.create(row);
          return endAll(atomic, step({ filter: OF_ALICE, surplus }));
        }),
      );
      const left = keysOf(await sessionsIn(sessions));
      assert.deepEqual(left, ["10", "11", "9"], "the last three stay, in whatever order they come");
      assert.equal(total(results.flat(), "ended"), 9);
    },
  },
];
