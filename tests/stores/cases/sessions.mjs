// What a session store must do. Each case gets `open`, which opens fresh stores.
import assert from "node:assert/strict";
import { createAll, fullSession, keysOf, pagesFromEnd, pagesOf, session } from "./samples.mjs";

const ORDERS = ["newest", "oldest", "expiry"];

const everything = { filter: {}, order: "newest", limit: 1_000 };

export const sessionCases = [
  {
    name: "keeps every member of a session",
    run: async (open) => {
      const { sessions } = await open();
      await createAll(sessions, [fullSession("full"), session("bare")]);
      assert.deepEqual(await sessions.get("full"), fullSession("full"));
      assert.deepEqual(await sessions.get("bare"), session("bare"), "what was absent stays absent");
      const page = await sessions.list(everything);
      assert.deepEqual(page.sessions, [session("bare"), fullSession("full")]);
    },
  },
  {
    name: "has nothing under an unknown key",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(session("a"));
      assert.equal(await sessions.get("A"), undefined);
      assert.equal(await sessions.get(""), undefined);
    },
  },
  {
    name: "refuses a key that is there already, and changes nothing",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      const intruder = session("a", { subjectId: "mallory", clients: [{ clientId: "intruder" }] });
      await assert.rejects(async () => sessions.create(intruder));
      assert.deepEqual((await sessions.list(everything)).sessions, [fullSession("a")]);
      assert.equal(await sessions.count({ clientId: "intruder" }), 0);
    },
  },
  {
    name: "lets one of many win that create the same key at once",
    run: async (open) => {
      const { sessions } = await open();
      const attempts = Array.from({ length: 20 }, async (_, n) =>
        sessions.create(session("a", { subjectId: `subject ${n}`, clients: [{ clientId: `client ${n}` }] })),
      );
      const results = await Promise.allSettled(attempts);
      const winners = results.flatMap(({ status }, n) => (status === "fulfilled" ? [n] : []));
      assert.equal(winners.length, 1);
      const stored = await sessions.get("a");
      assert.equal(stored.subjectId, `subject ${winners[0]}`);
      assert.deepEqual(stored.clients, [{ clientId: `client ${winners[0]}` }]);
    },
  },
  {
    name: "returns expired sessions like any others",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(session("a", { expires: 1 }));
      assert.equal((await sessions.get("a")).expires, 1);
      assert.deepEqual(keysOf((await sessions.list(everything)).sessions), ["a"]);
      assert.equal(await sessions.count({}), 1);
    },
  },
  {
    name: "changes what a change names and leaves the rest",
    run: async (open) => {
      const { sessions } = await open();
      await createAll(sessions, [fullSession("a"), fullSession("b")]);
      const change = { renewed: 9_000, expires: 9_500, ticket: "v1.new", attributes: { device: "desk" }, sessionId: "new sid" };
      assert.equal(await sessions.update("a", change), true);
      assert.deepEqual(await sessions.get("a"), { ...fullSession("a"), ...change });
      assert.deepEqual(await sessions.get("b"), fullSession("b"));
    },
  },
  {
    name: "clears what a change has as null",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      const cleared = ["displayName", "displayNameFolded", "issuer", "expires", "ipAddress", "userAgent", "attributes", "ticket"];
      assert.equal(await sessions.update("a", Object.fromEntries(cleared.map((name) => [name, null]))), true);
      const left = Object.entries(fullSession("a")).filter(([name]) => !cleared.includes(name));
      assert.deepEqual(await sessions.get("a"), Object.fromEntries(left));
    },
  },
  {
    name: "finds a changed session by its new values only",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      const change = { subjectId: "bob", displayNameFolded: "bob", ipAddress: "192.0.2.1", expires: null };
      await sessions.update("a", change);
      const filters = [{ subjectId: { equals: "bob" } }, { displayName: { equals: "bob" } }, { ipAddress: "192.0.2.1" }];
      const gone = [{ subjectId: { equals: "alice" } }, { displayName: { contains: "älice" } }, { ipAddress: "2001:db8::1" }];
      for (const filter of filters) assert.equal(await sessions.count(filter), 1, JSON.stringify(filter));
      for (const filter of gone) assert.equal(await sessions.count(filter), 0, JSON.stringify(filter));
      assert.deepEqual((await sessions.list({ ...everything, order: "expiry" })).sessions, []);
    },
  },
  {
    name: "tells whether a session is there when a change is empty",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      assert.equal(await sessions.update("a", {}), true);
      assert.equal(await sessions.update("b", {}), false);
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    },
  },
  {
    name: "never creates a session by a late change or a late client",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(session("a"));
      await sessions.remove(["a"]);
      assert.equal(await sessions.update("a", { renewed: 5_000 }), false);
      assert.equal(await sessions.addClient("a", { clientId: "shop" }), false);
      assert.equal(await sessions.get("a"), undefined);
      assert.equal(await sessions.count({}), 0);
      assert.equal(await sessions.count({ clientId: "shop" }), 0);
    },
  },
  {
    name: "adds each client once, in the order in which they come",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(session("a", { clients: [{ clientId: "z" }] }));
      for (const clientId of ["shop", "z", "a", "shop"]) {
        assert.equal(await sessions.addClient("a", { clientId }), true);
      }
      assert.deepEqual((await sessions.get("a")).clients, [{ clientId: "z" }, { clientId: "shop" }, { clientId: "a" }]);
    },
  },
  {
    name: "takes over the session id of a client that differs, and keeps the client's place",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(session("a", { clients: [{ clientId: "shop" }, { clientId: "forum", sessionId: "old" }] }));
      await sessions.addClient("a", { clientId: "shop", sessionId: "first" });
      await sessions.addClient("a", { clientId: "forum", sessionId: "new" });
      await sessions.addClient("a", { clientId: "forum" });
      const clients = [
        { clientId: "shop", sessionId: "first" },
        { clientId: "forum", sessionId: "new" },
      ];
      assert.deepEqual((await sessions.get("a")).clients, clients);
    },
  },
  {
    name: "loses no client of 50 that come at once",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(session("a"));
      const clientIds = Array.from({ length: 25 }, (_, n) => `client ${n}`);
      const added = await Promise.all([...clientIds, ...clientIds].map((clientId) => sessions.addClient("a", { clientId })));
      assert.ok(added.every((there) => there === true));
      const stored = (await sessions.get("a")).clients.map(({ clientId }) => clientId);
      assert.deepEqual(stored.sort(), clientIds.sort());
    },
  },
  {
    name: "returns the keys that a removal removed, and no others",
    run: async (open) => {
      const { sessions } = await open();
      await createAll(
        sessions,
        ["a", "b", "c"].map((key) => fullSession(key)),
      );
      assert.deepEqual(await sessions.remove([]), []);
      assert.deepEqual((await sessions.remove(["a", "unknown", "b", "a"])).sort(), ["a", "b"]);
      assert.deepEqual(await sessions.remove(["a"]), []);
      assert.deepEqual((await sessions.list(everything)).sessions, [fullSession("c")]);
      assert.deepEqual(keysOf((await sessions.list({ ...everything, filter: { clientId: "shop" } })).sessions), ["c"]);
    },
  },
  {
    name: "gives each key to one of many removals at once",
    run: async (open) => {
      const { sessions } = await open();
      const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key, { clients: [{ clientId: "shop" }] })),
      );
      const removed = await Promise.all(Array.from({ length: 10 }, (_, n) => sessions.remove(keys.slice(n, n + 30))));
      assert.deepEqual(removed.flat().sort(), keys.slice(0, 39).sort());
      assert.deepEqual(keysOf((await sessions.list(everything)).sessions), ["key 39"]);
    },
  },
  {
    name: "removes many at once",
    run: async (open) => {
      const { sessions } = await open();
      const keys = Array.from({ length: 300 }, (_, n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key)),
      );
      // More than any database takes in one statement.
      const asked = Array.from({ length: 70_000 }, (_, n) => `key ${n}`);
      assert.deepEqual((await sessions.remove(asked)).sort(), [...keys].sort());
      assert.equal(await sessions.count({}), 0);
    },
  },
  {
    name: "starts a key anew after its removal",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      await sessions.remove(["a"]);
      await sessions.create(session("a"));
      assert.deepEqual(await sessions.get("a"), session("a"));
    },
  },
  {
    name: "lists by creation, and in the order of expiry only what expires",
    run: async (open) => {
      const { sessions } = await open();
      await createAll(sessions, [
        session("late, first", { created: 3_000, expires: 7_000 }),
        session("early", { created: 1_000 }),
        session("late, second", { created: 3_000, expires: 5_000 }),
        session("between", { created: 2_000, expires: 7_000 }),
      ]);
      const orders = {
        newest: ["late, second", "late, first", "between", "early"],
        oldest: ["early", "between", "late, first", "late, second"],
        expiry: ["late, second", "late, first", "between"],
      };
      for (const [order, keys] of Object.entries(orders)) {
        assert.deepEqual(keysOf((await sessions.list({ filter: {}, order, limit: 10 })).sessions), keys, order);
        assert.deepEqual(keysOf((await sessions.list({ filter: {}, order, limit: 2 })).sessions), keys.slice(0, 2), order);
        const last = await sessions.list({ filter: {}, order, limit: 2, fromEnd: true });
        assert.deepEqual(keysOf(last.sessions), keys.slice(-2), `${order}, from the end`);
      }
    },
  },
  {
    name: "pages both ways with every size",
    run: async (open) => {
      const { sessions } = await open();
      const rows = Array.from({ length: 12 }, (_, n) => session(`${n}`, { created: 1_000 + (n % 5), expires: 2_000 + (n % 3) }));
      await createAll(sessions, rows);
      for (const order of ORDERS) {
        const all = keysOf((await sessions.list({ filter: {}, order, limit: 100 })).sessions);
        for (let limit = 1; limit <= 13; limit += 1) {
          const forwards = await pagesOf(sessions, { filter: {}, order, limit });
          assert.deepEqual(forwards.flat(), all, `${order}, ${limit} a page`);
          assert.ok(forwards.slice(0, -1).every((page) => page.length === limit));
          const backwards = await pagesFromEnd(sessions, { filter: {}, order, limit });
          assert.deepEqual(backwards.reverse().flat(), all, `${order}, ${limit} a page, backwards`);
          assert.ok(
            backwards.slice(1).every((page) => page.length === limit),
            "the nearest rows, not the first ones",
          );
        }
      }
    },
  },
  {
    name: "finds nothing behind the last and ahead of the first",
    run: async (open) => {
      const { sessions } = await open();
      await createAll(sessions, [session("a", { expires: 5 }), session("b", { expires: 5 })]);
      for (const order of ORDERS) {
        const { positions } = await sessions.list({ filter: {}, order, limit: 10 });
        const nothing = { sessions: [], positions: [] };
        assert.deepEqual(await sessions.list({ filter: {}, order, limit: 10, after: positions[1] }), nothing);
        assert.deepEqual(await sessions.list({ filter: {}, order, limit: 10, before: positions[0] }), nothing);
      }
      assert.deepEqual(
        (await sessions.list({ filter: { issuer: "none" }, order: "newest", limit: 1, fromEnd: true })).sessions,
        [],
      );
    },
  },
  {
    name: "keeps the meaning of a position when its session is gone",
    run: async (open) => {
      const { sessions } = await open();
      const keys = ["a", "b", "c", "d", "e"];
      await createAll(
        sessions,
        keys.map((key) => session(key, { expires: 5_000 })),
      );
      const pages = await Promise.all(ORDERS.map((order) => sessions.list({ filter: {}, order, limit: 10 })));
      await sessions.remove(["c"]);
      // Newer than all, but at the same instant: never ahead of those that are there.
      await sessions.create(session("f", { expires: 5_000 }));
      for (const [n, order] of ORDERS.entries()) {
        const after = await sessions.list({ filter: {}, order, limit: 10, after: pages[n].positions[2] });
        const before = await sessions.list({ filter: {}, order, limit: 10, before: pages[n].positions[2] });
        assert.deepEqual(keysOf(after.sessions), order === "newest" ? ["b", "a"] : ["d", "e", "f"], order);
        assert.deepEqual(keysOf(before.sessions), order === "newest" ? ["f", "e", "d"] : ["a", "b"], order);
      }
    },
  },
  {
    name: "does not move a session that is renewed",
    run: async (open) => {
      const { sessions } = await open();
      await createAll(
        sessions,
        ["a", "b", "c"].map((key) => session(key)),
      );
      const before = await sessions.list(everything);
      await sessions.update("a", { renewed: 9_000, expires: 9_500, displayName: "A", displayNameFolded: "a" });
      const after = await sessions.list(everything);
      assert.deepEqual(keysOf(after.sessions), keysOf(before.sessions));
      assert.deepEqual(after.positions, before.positions);
    },
  },
  {
    name: "pages through thousands of sessions of one instant",
    run: async (open) => {
      const { sessions } = await open();
      const rows = Array.from({ length: 2_500 }, (_, n) => session(`${n}`, { expires: 5_000 }));
      await createAll(sessions, rows);
      const keys = keysOf(rows);
      for (const order of ORDERS) {
        const expected = order === "newest" ? [...keys].reverse() : keys;
        assert.deepEqual((await pagesOf(sessions, { filter: {}, order, limit: 170 })).flat(), expected, order);
        const backwards = await pagesFromEnd(sessions, { filter: { subjectId: { equals: "alice" } }, order, limit: 170 });
        assert.deepEqual(backwards.reverse().flat(), expected, `${order}, backwards`);
      }
    },
  },
  {
    name: "passes over nobody and shows nobody twice while sessions come and go",
    run: async (open) => {
      for (const order of ["newest", "oldest"]) {
        for (const pages of [pagesOf, pagesFromEnd]) {
          const { sessions } = await open();
          const staying = Array.from({ length: 30 }, (_, n) => session(`stays ${n}`, { created: 1_000 + 2 * Math.floor(n / 3) }));
          const going = Array.from({ length: 30 }, (_, n) => session(`goes ${n}`, { created: 1_000 + 2 * Math.floor(n / 3) }));
          await createAll(
            sessions,
            staying.flatMap((row, n) => [row, going[n]]),
          );
          let round = 0;
          const seen = await pages(sessions, { filter: {}, order, limit: 4 }, async ({ sessions: shown }) => {
            round += 1;
            // Also the rows at both ends of the page, which the next page starts from.
            const gone = shown.filter(({ key }) => key.startsWith("goes"));
            await sessions.remove([...keysOf(gone), `goes ${round}`, `goes ${30 - round}`]);
            await sessions.create(session(`comes ${round}`, { created: 999 + ((round * 7) % 25) }));
          });
          const keys = seen.flat();
          assert.equal(new Set(keys).size, keys.length, "nobody twice");
          const inOrder = order === "newest" ? keysOf(staying).reverse() : keysOf(staying);
          const shown = pages === pagesOf ? keys : seen.reverse().flat();
          assert.deepEqual(
            shown.filter((key) => key.startsWith("stays")),
            inOrder,
          );
        }
      }
    },
  },
  {
    name: "gives positions that are short and say nothing of the key",
    run: async (open) => {
      const { sessions } = await open();
      const key = "0123456789abcdef".repeat(4);
      await sessions.create(session(key, { created: 1_700_000_000_000 }));
      const { positions } = await sessions.list(everything);
      assert.equal(positions.length, 1);
      assert.ok(positions[0].length <= 40, positions[0]);
      assert.ok(!positions[0].includes(key.slice(0, 8)));
    },
  },
  {
    name: "refuses a damaged position and a page without a size",
    run: async (open) => {
      const { sessions } = await open();
      await sessions.create(session("a"));
      for (const damaged of ["", "not a position", "ÄÖ%_'"]) {
        for (const side of ["after", "before"]) {
          const request = { filter: {}, order: "newest", limit: 5, [side]: damaged };
          await assert.rejects(async () => sessions.list(request), { code: "invalid_results_token" }, `\`${damaged}\``);
        }
      }
      for (const limit of [0, -1, 1.5, Number.NaN]) {
        await assert.rejects(async () => sessions.list({ ...everything, limit }), { code: "invalid_argument" });
      }
    },
  },
  {
    name: "counts up to a limit",
    run: async (open) => {
      const { sessions } = await open();
      await createAll(
        sessions,
        Array.from({ length: 7 }, (_, n) => session(`${n}`, { clients: [{ clientId: "shop" }] })),
      );
      for (const filter of [{}, { subjectId: { equals: "alice" } }, { clientId: "shop" }]) {
        assert.equal(await sessions.count(filter), 7);
        assert.equal(await sessions.count(filter, 8), 7);
        assert.ok((await sessions.count(filter, 3)) >= 3);
      }
      assert.equal(await sessions.count({ clientId: "forum" }, 3), 0);
    },
  },
];
