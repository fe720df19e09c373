/**
 * Cases of a store that adds a session only if its subject has fewer sessions than a limit.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { PortCase } from "./case.js";
import { createAll, fullSession, keysOf, session, sessionsIn, times } from "./samples.js";

const NOW = 5_000;

export const admitCases: readonly PortCase[] = [
  {
    name: "adds a session below the limit, and none at or above it",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      for (const [key, limit, isAdded] of [
        ["a", 1, true],
        ["b", 1, false],
        ["b", 2, true],
        ["c", 1, false],
        ["c", 2, false],
        ["c", 3, true],
      ] as const) {
        const result = await atomic.admit(session(key), limit, NOW);
        assert.equal(result, isAdded, `${key}, ${limit}`);
        assert.equal((await sessions.get(key)) !== undefined, isAdded, `${key}, ${limit}`);
      }
      assert.deepEqual(
        await sessionsIn(sessions),
        ["a", "b", "c"].map((key) => session(key)),
      );
    },
  },
  {
    name: "adds a session under a limit as `create` does",
    run: async ({ open, serves }) => {
      const { sessions, atomic } = await open();
      const row = { ...fullSession("a"), expires: 9_000 };
      const given = structuredClone(row);
      assert.equal(await atomic.admit(given, 1, NOW), true);
      given.clients.push({ clientId: "added by the caller" });
      assert.deepEqual(await sessions.get("a"), row);
      for (const order of ["newest", "oldest", "expiry"] as const) {
        assert.deepEqual((await sessions.list({ filter: {}, order, limit: 9 })).sessions, [row]);
      }
      const filters = [
        { subjectId: { equals: "alice" } },
        { sessionId: { equals: "sid of a" } },
        { displayName: { contains: "älice" } },
        { clientId: "forum" },
        { expires: { after: 9_000 } },
      ];
      for (const filter of filters.filter(serves)) {
        assert.equal(await sessions.count(filter), 1, JSON.stringify(filter));
      }
      assert.equal(await sessions.addClient("a", { clientId: "late" }, NOW), true);
    },
  },
  {
    name: "counts only sessions that are active for the limit",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      await createAll(sessions, [
        session("expired", { expires: 4_999 }),
        session("expired just now", { expires: 5_000 }),
      ]);
      assert.equal(await atomic.admit(session("a", { expires: 5_001 }), 1, NOW), true);
      assert.equal(await atomic.admit(session("b"), 1, NOW), false, "a is active until 5,001");
      assert.equal(await atomic.admit(session("b"), 1, 5_001), true);
      assert.equal(await atomic.admit(session("c"), 1, 1_000_000), false, "b never expires");
      assert.deepEqual(
        keysOf(await sessionsIn(sessions)),
        ["a", "b", "expired", "expired just now"],
        "expired sessions stay",
      );
    },
  },
  {
    name: "applies the limit to the current state of the sessions",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      await sessions.create(session("a"));
      const admit = async (key: string) => atomic.admit(session(key), 1, NOW);
      assert.equal(await admit("b"), false);
      await sessions.update("a", { expires: 4_000 });
      assert.equal(await admit("b"), true, "a has expired");
      await sessions.update("b", { subjectId: "bob" });
      assert.equal(await admit("c"), true, "b is of another subject");
      await sessions.remove(["c"]);
      assert.equal(await admit("d"), true, "c was removed");
      await sessions.update("a", { expires: null });
      await sessions.update("d", { expires: 4_000 });
      assert.equal(await admit("e"), false, "a is active again");
    },
  },
  {
    name: "counts no sessions of other subjects for the limit",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const others = ["Alice", "alice ", "alic", "alicea", "bob"];
      await createAll(
        sessions,
        others.map((subjectId) => session(subjectId, { subjectId, sessionId: "alice" })),
      );
      assert.equal(await atomic.admit(session("a", { sessionId: "alice" }), 1, NOW), true);
      assert.equal(await atomic.admit(session("b"), 1, NOW), false);
      for (const subjectId of others) {
        const row = session(`another of ${subjectId}`, { subjectId });
        assert.equal(await atomic.admit(row, 1, NOW), false, subjectId);
        assert.equal(await atomic.admit(row, 2, NOW), true, subjectId);
      }
    },
  },
  {
    name: "counts only sessions of the given issuer for the limit",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const issuers = ["https://a.example", "https://A.example", "https://a.example/", undefined];
      const of = (key: string, issuer: string | undefined) =>
        session(key, issuer === undefined ? {} : { issuer });
      await createAll(
        sessions,
        issuers.map((issuer) => of(`of ${issuer}`, issuer)),
      );
      for (const issuer of issuers.slice(0, 3)) {
        const row = of(`another of ${issuer}`, issuer);
        assert.equal(await atomic.admit(row, 1, NOW, issuer), false, issuer);
        assert.equal(await atomic.admit(row, 2, NOW, issuer), true, issuer);
      }
      const row = of("any", issuers[0]);
      assert.equal(await atomic.admit(row, 7, NOW), false, "all count without an issuer");
      assert.equal(await atomic.admit(row, 8, NOW), true);
    },
  },
  {
    name: "rejects a duplicate key under a limit, and changes nothing",
    run: async ({ open, serves }) => {
      const { sessions, atomic } = await open();
      await sessions.create(fullSession("a"));
      for (const subjectId of ["alice", "mallory"]) {
        const intruder = session("a", { subjectId, clients: [{ clientId: "intruder" }] });
        await assert.rejects(async () => atomic.admit(intruder, 5, NOW), undefined, subjectId);
      }
      assert.deepEqual(await sessionsIn(sessions), [fullSession("a")]);
      if (serves({ clientId: "intruder" })) {
        assert.equal(await sessions.count({ clientId: "intruder" }), 0);
      }
      assert.equal(await atomic.admit(session("b"), 2, 0), true, "the limit is not used up");
    },
  },
  {
    name: "adds no more sessions of one subject than the limit, if many are added at once",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      for (const round of times(5, (n) => n)) {
        const subjectId = `subject ${round}`;
        await sessions.create(session(`${round}, before`, { subjectId }));
        const keys = times(8, (n) => `${round}, ${n}`);
        const isAdded = await Promise.all(
          keys.map(async (key) => atomic.admit(session(key, { subjectId }), 4, NOW)),
        );
        const added = keys.filter((_, n) => isAdded[n]);
        assert.equal(added.length, 3, subjectId);
        const found = await Promise.all(keys.map(async (key) => sessions.get(key)));
        assert.deepEqual(
          found.flatMap((row) => (row === undefined ? [] : [row.key])),
          added,
          subjectId,
        );
      }
      assert.equal(await sessions.count({}), 20);
    },
  },
  {
    name: "applies the limit per subject, if sessions of several are added at once",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const subjects = times(6, (n) => `subject ${n}`);
      const results = await Promise.all(
        times(3, (n) => n).flatMap((n) =>
          subjects.map(async (subjectId) => {
            const isAdded = await atomic.admit(
              session(`${subjectId}, ${n}`, { subjectId }),
              2,
              NOW,
            );
            return isAdded ? [subjectId] : [];
          }),
        ),
      );
      assert.deepEqual(
        results.flat().sort(),
        subjects.flatMap((subject) => [subject, subject]),
      );
      assert.equal(await sessions.count({}), 12);
    },
  },
];
