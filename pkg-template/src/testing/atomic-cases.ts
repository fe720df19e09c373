/**
 * What a removal in one transaction must do.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { AtomicRemovalPlan, AtomicRemovalResult, GrantFilter } from "../types.js";
import type { PortCase, Stores } from "./case.js";
import { COMBINATIONS, countsOf, GRANTS, matchingGrants, storeAll, TYPES } from "./grant-model.js";
import { createAll, grant, keysOf, notification, session, times } from "./samples.js";

const NOTHING: AtomicRemovalResult = {
  removed: [],
  recorded: [],
  tokens: 0,
  consents: 0,
  other: 0,
};
const EMPTY_PLAN: AtomicRemovalPlan = { sessionKeys: [], grants: [], notifications: [] };

const sorted = (result: AtomicRemovalResult) => ({
  ...result,
  removed: [...result.removed].sort(),
  recorded: [...result.recorded].sort(),
});

/** What is in the stores. */
async function contentsOf({ sessions, grants, outbox }: Stores) {
  return {
    sessions: [
      ...(await sessions.list({ filter: {}, order: "oldest", limit: 1_000 })).sessions,
    ].sort((one, other) => (one.key < other.key ? -1 : 1)),
    grants: keysOf(await grants.list({ clientIds: ["shop", "forum"] })).sort(),
    outbox: await outbox.list({}),
  };
}

async function fill({ sessions, grants }: Stores): Promise<void> {
  const shop = { clients: [{ clientId: "shop" }] };
  await createAll(sessions, [
    session("a", shop),
    session("b", shop),
    session("c", { ...shop, subjectId: "bob" }),
  ]);
  await grants.store(grant("a's", { subjectId: "alice", sessionId: "sid of a" }));
  await grants.store(grant("b's", { subjectId: "alice", sessionId: "sid of b", type: "ciba" }));
  await grants.store(grant("consent", { subjectId: "alice", type: "user_consent" }));
  await grants.store(
    grant("device", { subjectId: "alice", type: "device_code", clientId: "forum" }),
  );
  await grants.store(grant("c's", { subjectId: "bob", sessionId: "sid of c" }));
}

export const atomicCases: readonly PortCase[] = [
  {
    name: "removes sessions and grants and records notifications",
    run: async ({ open, serves }) => {
      const stores = await open();
      await fill(stores);
      const result = await stores.atomic({
        sessionKeys: ["a", "b"],
        grants: [{ subjectId: "alice" }],
        notifications: [
          { sessionKeys: ["a", "b"], entry: notification("to the shop", { subjectId: "alice" }) },
          {
            sessionKeys: ["b"],
            entry: notification("to the forum", { clientId: "forum", notBefore: 7_000 }),
          },
          {
            sessionKeys: ["b"],
            entry: notification("to the monitor", { kind: "session_revoked" }),
          },
        ],
      });
      const expected = {
        removed: ["a", "b"],
        recorded: ["to the forum", "to the monitor", "to the shop"],
        tokens: 2,
        consents: 1,
        other: 1,
      };
      assert.deepEqual(sorted(result), expected);
      const { sessions, grants, outbox } = await contentsOf(stores);
      assert.deepEqual(keysOf(sessions), ["c"]);
      assert.deepEqual(grants, ["c's"]);
      const pending = (id: string, members: object) => ({
        id,
        clientId: "shop",
        state: "pending",
        attempts: 0,
        ...members,
      });
      assert.deepEqual(outbox, [
        pending("to the forum", { clientId: "forum", nextAttempt: new Date(7_000) }),
        pending("to the monitor", { kind: "session_revoked", nextAttempt: new Date(1_000) }),
        pending("to the shop", { subjectId: "alice", nextAttempt: new Date(1_000) }),
      ]);
      if (serves({ clientId: "shop" })) {
        assert.equal(
          await stores.sessions.count({ clientId: "shop" }),
          1,
          "the removed sessions' clients are gone too",
        );
      }
    },
  },
  {
    name: "does nothing for a plan with nothing in it",
    run: async ({ open }) => {
      const stores = await open();
      await fill(stores);
      const before = await contentsOf(stores);
      assert.deepEqual(await stores.atomic(EMPTY_PLAN), NOTHING);
      assert.deepEqual(await contentsOf(stores), before);
    },
  },
  {
    name: "records a notification only if it removed one of its sessions, or if it names none",
    run: async ({ open }) => {
      const stores = await open();
      await fill(stores);
      await stores.sessions.remove(["a"]);
      const result = await stores.atomic({
        sessionKeys: ["a", "b", "unknown"],
        grants: [],
        notifications: [
          { sessionKeys: ["a"], entry: notification("of one that is gone") },
          { sessionKeys: ["a", "unknown"], entry: notification("of two that are gone") },
          { sessionKeys: ["unknown", "a", "b"], entry: notification("of one that is there") },
          { sessionKeys: ["b"], entry: notification("of the same one") },
          { sessionKeys: ["c"], entry: notification("of one that stays") },
          { sessionKeys: [], entry: notification("of none") },
        ],
      });
      const recorded = ["of none", "of one that is there", "of the same one"];
      assert.deepEqual(sorted(result), { ...NOTHING, removed: ["b"], recorded });
      const { sessions, outbox } = await contentsOf(stores);
      assert.deepEqual(keysOf(sessions), ["c"]);
      assert.deepEqual(
        outbox.map(({ id }) => id),
        recorded,
      );
    },
  },
  {
    name: "leaves a notification as it is that is recorded already",
    run: async ({ open }) => {
      const stores = await open();
      await fill(stores);
      await stores.outbox.add([
        notification("known", { subjectId: "alice" }),
        notification("known, of none"),
      ]);
      await stores.outbox.settle("known", { state: "delivered" });
      const before = await stores.outbox.list({});
      const result = await stores.atomic({
        sessionKeys: ["a"],
        grants: [],
        notifications: [
          { sessionKeys: ["a"], entry: notification("known", { clientId: "other" }) },
          { sessionKeys: [], entry: notification("known, of none", { clientId: "other" }) },
        ],
      });
      assert.deepEqual(result, { ...NOTHING, removed: ["a"] });
      assert.deepEqual(await stores.outbox.list({}), before);
    },
  },
  {
    name: "removes the grants that a filter means, whatever it names",
    run: async ({ open }) => {
      const { grants, atomic } = await open();
      await storeAll(grants, GRANTS);
      for (const filter of COMBINATIONS) {
        const gone = matchingGrants(filter);
        const result = await atomic({ ...EMPTY_PLAN, grants: [filter] });
        assert.deepEqual(result, { ...NOTHING, ...countsOf(gone) }, JSON.stringify(filter));
        const left = GRANTS.filter((grant) => !gone.includes(grant));
        assert.deepEqual(
          keysOf(await grants.list({ types: TYPES })).sort(),
          keysOf(left).sort(),
          JSON.stringify(filter),
        );
        await storeAll(grants, gone);
      }
    },
  },
  {
    name: "counts a grant once that several filters match",
    run: async ({ open }) => {
      const stores = await open();
      await fill(stores);
      const grants = [
        { sessionId: "sid of a" },
        { subjectId: "alice" },
        { subjectId: "alice", types: ["refresh_token"] },
      ];
      assert.deepEqual(await stores.atomic({ ...EMPTY_PLAN, grants }), {
        ...NOTHING,
        tokens: 2,
        consents: 1,
        other: 1,
      });
      assert.deepEqual((await contentsOf(stores)).grants, ["c's"]);
    },
  },
  {
    name: "does the rest of a plan whose sessions are gone, and all of it only once",
    run: async ({ open }) => {
      const stores = await open();
      await fill(stores);
      const plan = {
        sessionKeys: ["a"],
        grants: [{ sessionId: "sid of a" }],
        notifications: [{ sessionKeys: ["a"], entry: notification("n") }],
      };
      assert.deepEqual(await stores.atomic(plan), {
        ...NOTHING,
        removed: ["a"],
        recorded: ["n"],
        tokens: 1,
      });
      const after = await contentsOf(stores);
      assert.deepEqual(await stores.atomic(plan), NOTHING);
      assert.deepEqual(await contentsOf(stores), after);
    },
  },
  {
    name: "does all of a plan or nothing, wherever in it something fails",
    run: async ({ open }) => {
      const stores = await open();
      await fill(stores);
      const before = await contentsOf(stores);
      const good: AtomicRemovalPlan = {
        sessionKeys: ["a", "b"],
        grants: [{ subjectId: "alice" }],
        notifications: [
          { sessionKeys: ["a"], entry: notification("n") },
          { sessionKeys: [], entry: notification("of none") },
        ],
      };
      // What fails when it is read, be that before the first step of the store or in the middle.
      const failing = <T extends object>(object: T, member: string): T =>
        Object.defineProperty({ ...object }, member, {
          enumerable: true,
          get: () => {
            throw new Error("it fails on purpose");
          },
        });
      const bad: AtomicRemovalPlan[] = [
        { ...good, grants: [{ subjectId: "alice" }, { clientIds: [] }] },
        { ...good, grants: [{ subjectId: "alice" }, {}] },
        {
          ...good,
          grants: [{ subjectId: "alice" }, failing<GrantFilter>({ sessionId: "s" }, "sessionId")],
        },
        ...["id", "clientId"].flatMap((member) => [
          {
            ...good,
            notifications: [
              ...good.notifications,
              { sessionKeys: ["b"], entry: failing(notification("last"), member) },
            ],
          },
          {
            ...good,
            notifications: [
              ...good.notifications,
              { sessionKeys: [], entry: failing(notification("last"), member) },
            ],
          },
        ]),
      ];
      for (const [index, plan] of bad.entries()) {
        await assert.rejects(async () => stores.atomic(plan), undefined, `plan ${index}`);
        assert.deepEqual(await contentsOf(stores), before, `plan ${index}`);
      }
      assert.deepEqual(
        (await stores.atomic(good)).removed.sort(),
        ["a", "b"],
        "and without the fault it goes through",
      );
    },
  },
  {
    name: "lets one of many that remove the same sessions at once record each notification",
    run: async ({ open }) => {
      const stores = await open();
      const keys = times(12, (n) => `key ${n}`);
      await createAll(
        stores.sessions,
        keys.map((key) => session(key)),
      );
      await stores.grants.store(grant("token", { subjectId: "alice" }));
      const attempts = times(8, async (attempt) => {
        const sessionKeys = keys.slice(attempt % 4, 9 + (attempt % 4));
        return stores.atomic({
          sessionKeys,
          grants: [{ subjectId: "alice" }],
          // Each attempt has ids of its own, as two removals have.
          notifications: sessionKeys.map((key) => ({
            sessionKeys: [key],
            entry: notification(`${key}, ${attempt}`),
          })),
        });
      });
      const results = await Promise.all(attempts);
      assert.deepEqual(results.flatMap(({ removed }) => removed).sort(), [...keys].sort());
      assert.equal(
        results.reduce((sum, { tokens }) => sum + tokens, 0),
        1,
      );
      for (const [attempt, { removed, recorded }] of results.entries()) {
        assert.deepEqual(recorded.sort(), removed.map((key) => `${key}, ${attempt}`).sort());
      }
      assert.equal((await stores.outbox.list({})).length, keys.length);
    },
  },
  {
    name: "takes a plan of any size",
    run: async ({ open }) => {
      const stores = await open();
      const there = times(400, (n) => `key ${n}`);
      await createAll(
        stores.sessions,
        there.map((key) => session(key, { clients: [{ clientId: "shop" }] })),
      );
      // More than any database takes in one statement; most of them are not there.
      const sessionKeys = times(40_000, (n) => `key ${n}`);
      const result = await stores.atomic({
        sessionKeys,
        grants: there.map((key) => ({ sessionId: `sid of ${key}` })),
        notifications: [
          ...there.map((key) => ({ sessionKeys: [key], entry: notification(`of ${key}`) })),
          ...times(500, (n) => ({ sessionKeys: [], entry: notification(`of none, ${n}`) })),
          { sessionKeys: sessionKeys.slice(1).reverse(), entry: notification("of all") },
          {
            sessionKeys: sessionKeys.slice(400),
            entry: notification("of those that are not there"),
          },
        ],
      });
      assert.equal(result.removed.length, 400);
      assert.equal(result.recorded.length, 901);
      assert.equal(new Set(result.recorded).size, 901);
      assert.ok(!result.recorded.includes("of those that are not there"));
      assert.equal(await stores.sessions.count({}), 0);
      assert.equal((await stores.outbox.list({})).length, 901);
    },
  },
];
