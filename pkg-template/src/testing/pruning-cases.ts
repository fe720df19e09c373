/**
 * Cases of removing entries that are no longer needed, in batches.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { LogoutOutbox, StoredSession } from "../types.js";
import type { PortCase, Stores } from "./case.js";
import {
  createAll,
  fullSession,
  grant,
  notification,
  session,
  sessionsIn,
  times,
} from "./samples.js";

const CLIENTS = { clientIds: ["shop"] };

const keysIn = async (grants: Stores["grants"]) =>
  (await grants.list(CLIENTS)).map(({ key }) => key).sort();

const idsIn = async (outbox: Pick<LogoutOutbox, "list">) =>
  (await outbox.list({})).map(({ id }) => id);

const failed = { state: "failed", error: "gone", status: 410 } as const;
const again = { state: "pending", nextAttempt: 9_000, error: "busy" } as const;

/** Calls `batch` until it finds no more, and returns the result of each call. */
async function allBatches(batch: () => Promise<number>): Promise<number[]> {
  const counts = [await batch()];
  // Limited, so that a store that always finds more fails instead of hanging.
  while (counts.at(-1) !== 0 && counts.length < 100) counts.push(await batch());
  return counts;
}

const withoutDevice = ({ ipAddress: _, userAgent: __, ...rest }: StoredSession) => rest;

export const forgettingCases: readonly PortCase[] = [
  {
    name: "clears the devices of older sessions, and changes nothing else",
    needs: ["sessions.forgetDevices"],
    run: async ({ open, serves }) => {
      const { sessions } = await open();
      const ipAddress = "192.0.2.1";
      const old = [
        { ...fullSession("a"), created: 1_000 },
        { ...session("b", { ipAddress }), created: 2_000 },
        { ...session("c", { userAgent: "Browser/1.0" }), created: 2_999 },
        { ...session("d"), created: 500 },
      ];
      const younger = [
        { ...session("e", { ipAddress, userAgent: "Browser/1.0" }), created: 3_000 },
        { ...fullSession("f"), created: 4_000 },
      ];
      await createAll(sessions, [...younger, ...old]);
      assert.equal(await sessions.forgetDevices(3_000, 100), 3);
      assert.deepEqual(await sessionsIn(sessions), [...old.map(withoutDevice), ...younger]);
      assert.equal(await sessions.forgetDevices(3_000, 100), 0, "they are forgotten");
      const filter = { ipAddress };
      if (serves(filter)) {
        const { sessions: found } = await sessions.list({ filter, order: "oldest", limit: 10 });
        assert.deepEqual(
          found.map(({ key }) => key),
          ["e"],
        );
        assert.equal(await sessions.count(filter), 1);
      }
    },
  },
  {
    name: "clears devices in batches",
    needs: ["sessions.forgetDevices"],
    run: async ({ open }) => {
      const { sessions } = await open();
      const rows = times(7, (n) => session(`s${n}`, { created: 1_000 + (n % 3), userAgent: "x" }));
      await createAll(sessions, rows);
      assert.equal(await sessions.forgetDevices(2_000, 0), 0);
      const left = async () =>
        (await sessionsIn(sessions)).filter(({ userAgent }) => userAgent !== undefined).length;
      assert.equal(await sessions.forgetDevices(2_000, 3), 3);
      assert.equal(await left(), 4);
      const counts = await allBatches(async () => sessions.forgetDevices(2_000, 3));
      assert.deepEqual(counts, [3, 1, 0]);
      assert.equal(await left(), 0);
    },
  },
  {
    name: "clears a device that was added later, or on a session that was added later",
    needs: ["sessions.forgetDevices"],
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [fullSession("a"), fullSession("b"), session("c")]);
      assert.equal(await sessions.forgetDevices(2_000, 100), 2);
      await sessions.update("a", { ipAddress: "192.0.2.1" });
      await sessions.update("c", { userAgent: "Browser/2.0", renewed: 1_500 });
      await sessions.create({ ...fullSession("d"), created: 900 });
      await sessions.create({ ...fullSession("e"), created: 2_000 });
      assert.equal((await sessions.get("a"))?.ipAddress, "192.0.2.1");
      assert.equal(await sessions.forgetDevices(2_000, 100), 3);
      assert.deepEqual(await sessionsIn(sessions), [
        withoutDevice(fullSession("a")),
        withoutDevice(fullSession("b")),
        session("c", { renewed: 1_500 }),
        { ...withoutDevice(fullSession("d")), created: 900 },
        { ...fullSession("e"), created: 2_000 },
      ]);
      assert.equal(await sessions.forgetDevices(1_000, 100), 0, "nothing is left of these");
      assert.equal(await sessions.forgetDevices(2_001, 100), 1);
    },
  },
  {
    name: "never restores a removed session when it clears its device",
    needs: ["sessions.forgetDevices"],
    run: async ({ open }) => {
      const { sessions } = await open();
      const keys = times(20, (n) => `s${n}`);
      await createAll(
        sessions,
        keys.map((key) => fullSession(key)),
      );
      const [forgotten, removed] = await Promise.all([
        sessions.forgetDevices(2_000, 100),
        sessions.remove(keys.slice(0, 10)),
      ]);
      assert.ok(forgotten <= 20);
      assert.equal(removed.length, 10);
      await sessions.forgetDevices(2_000, 100);
      assert.deepEqual(
        await sessionsIn(sessions),
        keys
          .slice(10)
          .sort()
          .map((key) => withoutDevice(fullSession(key))),
      );
      await sessions.remove(keys);
      assert.equal(await sessions.forgetDevices(2_000, 100), 0);
      assert.deepEqual(await sessionsIn(sessions), []);
    },
  },
];

export const expiredGrantCases: readonly PortCase[] = [
  {
    name: "removes expired grants and no others",
    needs: ["grants.removeExpired"],
    run: async ({ open }) => {
      const { grants } = await open();
      const expiring = { c: 3_000, a: 1_000, d: 5_000, b: 2_000, e: 5_001 };
      for (const [key, expires] of Object.entries(expiring)) {
        const ids = { subjectId: "alice", sessionId: "s1" };
        await grants.store(grant(key, { ...ids, expires: new Date(expires) }));
      }
      await grants.store(grant("never", { subjectId: "alice", created: new Date(0) }));
      assert.equal(await grants.removeExpired(999, 100), 0);
      assert.equal(await grants.removeExpired(5_000, 2), 2);
      const left = await keysIn(grants);
      assert.equal(left.length, 4);
      assert.deepEqual(left.slice(-2), ["e", "never"]);
      assert.equal(await grants.removeExpired(5_000, 100), 2, "the instant of expiry counts");
      assert.deepEqual(await keysIn(grants), ["e", "never"]);
      assert.equal(await grants.removeExpired(5_000, 100), 0);
      for (const key of ["a", "b", "c", "d"]) assert.equal(await grants.get(key), undefined);
      for (const filter of [
        CLIENTS,
        { subjectId: "alice" },
        { types: ["refresh_token"] },
        { subjectId: "alice", types: ["refresh_token"] },
      ]) {
        const counts = { tokens: 2, consents: 0, other: 0 };
        assert.deepEqual(await grants.count(filter), counts, JSON.stringify(filter));
      }
      assert.deepEqual(await grants.count({ sessionId: "s1" }), {
        tokens: 1,
        consents: 0,
        other: 0,
      });
    },
  },
  {
    name: "uses the current expiry of a grant",
    needs: ["grants.removeExpired"],
    run: async ({ open }) => {
      const { grants } = await open();
      const old = new Date(1_000);
      for (const key of ["longer", "never", "removed", "sooner"]) {
        await grants.store(grant(key, { subjectId: key, expires: old }));
      }
      await grants.store(grant("longer", { expires: new Date(9_000) }));
      await grants.store(grant("never"));
      await grants.remove({ subjectId: "removed" });
      await grants.store(grant("removed"));
      await grants.store(grant("sooner", { expires: new Date(500) }));
      assert.equal(await grants.removeExpired(5_000, 100), 1);
      assert.deepEqual(await keysIn(grants), ["longer", "never", "removed"]);
      assert.equal(await grants.removeExpired(9_000, 100), 1);
    },
  },
  {
    name: "counts each expired grant for only one of many concurrent removals",
    needs: ["grants.removeExpired"],
    run: async ({ open }) => {
      const { grants } = await open();
      for (const n of times(40, (n) => n)) {
        await grants.store(grant(`g${n}`, { expires: new Date(1_000 + n) }));
      }
      const counts = await Promise.all(times(8, async () => grants.removeExpired(1_029, 10)));
      assert.ok(counts.every((count) => count <= 10));
      const rest = await allBatches(async () => grants.removeExpired(1_029, 10));
      const sum = [...counts, ...rest].reduce((sum, count) => sum + count, 0);
      assert.equal(sum, 30);
      assert.equal((await grants.list(CLIENTS)).length, 10);
    },
  },
];

export const pruningCases: readonly PortCase[] = [
  {
    name: "prunes delivered and failed entries with separate bounds",
    needs: ["outbox.prune"],
    run: async ({ open }) => {
      const { outbox } = await open();
      const ids = ["d1", "d2", "d3", "f1", "f2", "f3"];
      await outbox.add(ids.map((id) => notification(id, { subjectId: "alice", sessionId: "s1" })));
      for (const [n, id] of ids.entries()) {
        const result = id.startsWith("d") ? ({ state: "delivered" } as const) : failed;
        await outbox.settle(id, result, 5_000 + (n % 3));
      }
      assert.equal(await outbox.prune({ delivered: 5_000, failed: 0 }, 100), 0);
      assert.equal(await outbox.prune({ delivered: 5_002, failed: 5_000 }, 100), 2);
      assert.deepEqual(await idsIn(outbox), ["d3", "f1", "f2", "f3"]);
      assert.equal(await outbox.retry("f1", 6_000), true, "what is listed can be retried");
      assert.equal(await outbox.prune({ delivered: 0, failed: 9_000 }, 100), 2);
      assert.deepEqual(await idsIn(outbox), ["d3", "f1"]);
      for (const filter of [
        { subjectId: "alice" },
        { sessionId: "s1" },
        { clientId: "shop" },
        { clientId: "shop", subjectId: "alice" },
      ]) {
        const listed = await outbox.list(filter);
        assert.deepEqual(
          listed.map(({ id }) => id),
          ["d3", "f1"],
          JSON.stringify(filter),
        );
      }
      assert.deepEqual(await outbox.list({ state: "failed" }), []);
      assert.equal((await outbox.list({ state: "delivered" })).length, 1);
      assert.equal(await outbox.retry("f2", 6_000), false);
      await outbox.settle("f2", { state: "delivered" }, 6_000);
      assert.deepEqual(await idsIn(outbox), ["d3", "f1"], "a late result brings nothing back");
    },
  },
  {
    name: "prunes in batches",
    needs: ["outbox.prune"],
    run: async ({ open }) => {
      const { outbox } = await open();
      const ids = times(7, (n) => `n${n}`);
      await outbox.add(ids.map((id) => notification(id)));
      for (const [n, id] of ids.entries()) {
        await outbox.settle(id, n < 4 ? { state: "delivered" } : failed, 5_000);
      }
      const all = { delivered: 9_000, failed: 9_000 };
      assert.equal(await outbox.prune(all, 0), 0);
      assert.equal(await outbox.prune(all, 3), 3);
      assert.equal((await idsIn(outbox)).length, 4);
      assert.deepEqual(await allBatches(async () => outbox.prune(all, 3)), [3, 1, 0]);
      assert.deepEqual(await idsIn(outbox), []);
    },
  },
  {
    name: "never prunes pending entries: new, leased or retried ones",
    needs: ["outbox.prune"],
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add(["again", "leased", "retried"].map((id) => notification(id)));
      await outbox.claim({ now: 1_000, limit: 10, leaseFor: 100 });
      await outbox.add([notification("new")]);
      await outbox.settle("again", again, 1_100);
      await outbox.settle("retried", failed, 1_100);
      assert.equal(await outbox.retry("retried", 1_200), true);
      const later = { delivered: 9_999_999, failed: 9_999_999 };
      assert.equal(await outbox.prune(later, 100), 0);
      const pending = ["again", "leased", "new", "retried"];
      assert.deepEqual(await idsIn(outbox), pending);
      assert.deepEqual(
        (await outbox.claim({ now: 9_000, limit: 10, leaseFor: 100 })).map(({ id }) => id).sort(),
        pending,
      );
    },
  },
  {
    name: "prunes by the last time that an entry was settled",
    needs: ["outbox.prune"],
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add(["delivered", "failed", "late"].map((id) => notification(id)));
      for (const id of ["delivered", "failed"]) {
        await outbox.settle(id, failed, 2_000);
        await outbox.retry(id, 3_000);
      }
      await outbox.settle("failed", failed, 5_000);
      await outbox.settle("delivered", { state: "delivered" }, 5_000);
      await outbox.settle("late", { state: "delivered" }, 4_000);
      await outbox.settle("late", failed, 8_000);
      assert.equal(await outbox.prune({ delivered: 4_000, failed: 5_000 }, 100), 0);
      assert.equal(await outbox.prune({ delivered: 5_000, failed: 5_000 }, 100), 1);
      assert.deepEqual(await idsIn(outbox), ["delivered", "failed"]);
      assert.equal(await outbox.prune({ delivered: 5_001, failed: 5_001 }, 100), 2);
    },
  },
  {
    name: "accepts a pruned id again",
    needs: ["outbox.prune"],
    run: async ({ open }) => {
      const { outbox } = await open();
      await outbox.add([notification("a")]);
      await outbox.settle("a", failed, 2_000);
      assert.equal(await outbox.prune({ delivered: 0, failed: 2_001 }, 1), 1);
      await outbox.add([notification("a", { clientId: "forum" })]);
      const [entry, ...others] = await outbox.claim({ now: 2_000, limit: 10, leaseFor: 100 });
      assert.deepEqual([entry?.clientId, entry?.attempt, others.length], ["forum", 0, 0]);
      assert.equal(await outbox.prune({ delivered: 9_000, failed: 9_000 }, 10), 0);
    },
  },
  {
    name: "counts each entry for only one of many concurrent calls that prune",
    needs: ["outbox.prune"],
    run: async ({ open }) => {
      const { outbox } = await open();
      const ids = times(40, (n) => `n${100 + n}`);
      await outbox.add(ids.map((id) => notification(id)));
      for (const id of ids.slice(0, 30)) await outbox.settle(id, { state: "delivered" }, 2_000);
      const before = { delivered: 3_000, failed: 3_000 };
      const counts = await Promise.all(times(8, async () => outbox.prune(before, 10)));
      assert.ok(counts.every((count) => count <= 10));
      const rest = await allBatches(async () => outbox.prune(before, 10));
      const sum = [...counts, ...rest].reduce((sum, count) => sum + count, 0);
      assert.equal(sum, 30);
      assert.deepEqual(await idsIn(outbox), ids.slice(30));
    },
  },
];
