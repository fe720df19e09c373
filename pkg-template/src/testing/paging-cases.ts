/**
 * Cases of the pages of a session store, in both directions, while sessions are added and removed.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import { ORDERS, type PortCase } from "./case.js";
import { arrangementOf, listed } from "./model.js";
import { at, createAll, keysOf, pagesFromEnd, pagesOf, session, times } from "./samples.js";

const everything = { filter: {}, order: "newest", limit: 1_000 } as const;

export const pagingCases: readonly PortCase[] = [
  {
    name: "lists by creation, and in the order of expiry only sessions that expire",
    run: async ({ open }) => {
      const { sessions } = await open();
      const rows = [
        session("late, first", { created: 3_000, expires: 7_000 }),
        session("early", { created: 1_000 }),
        session("late, second", { created: 3_000, expires: 5_000 }),
        session("between", { created: 2_000, expires: 7_000 }),
        session("before 1970", { created: -1, expires: 1 }),
      ];
      await createAll(sessions, rows);
      const arrangement = await arrangementOf(sessions, rows);
      assert.deepEqual(await arrangementOf(sessions, rows), arrangement, "the same each time");
      for (const order of ORDERS) {
        const keys = arrangement[order];
        assert.deepEqual(
          keysOf((await sessions.list({ filter: {}, order, limit: 2 })).sessions),
          keys.slice(0, 2),
          order,
        );
        const last = await sessions.list({ filter: {}, order, limit: 2, fromEnd: true });
        assert.deepEqual(keysOf(last.sessions), keys.slice(-2), `${order}, from the end`);
      }
    },
  },
  {
    name: "pages both ways with every size",
    run: async ({ open }) => {
      const { sessions } = await open();
      const rows = times(12, (n) =>
        session(`${n}`, { created: 1_000 + (n % 5), expires: 2_000 + (n % 3) }),
      );
      await createAll(sessions, rows);
      const arrangement = await arrangementOf(sessions, rows);
      for (const order of ORDERS) {
        for (let limit = 1; limit <= 13; limit += 1) {
          const forwards = await pagesOf(sessions, { filter: {}, order, limit });
          assert.deepEqual(forwards.flat(), arrangement[order], `${order}, ${limit} a page`);
          assert.ok(forwards.slice(0, -1).every((page) => page.length === limit));
          const backwards = await pagesFromEnd(sessions, { filter: {}, order, limit });
          assert.deepEqual(
            backwards.reverse().flat(),
            arrangement[order],
            `${order}, ${limit} a page, backwards`,
          );
          assert.ok(
            backwards.slice(1).every((page) => page.length === limit),
            "the nearest rows, not the first ones",
          );
        }
      }
    },
  },
  {
    name: "finds nothing after the last and before the first",
    run: async ({ open, serves }) => {
      const { sessions } = await open();
      await createAll(sessions, [session("a", { expires: 5 }), session("b", { expires: 5 })]);
      for (const order of ORDERS) {
        const { positions } = await sessions.list({ filter: {}, order, limit: 10 });
        for (const side of [{ after: at(positions, 1) }, { before: at(positions, 0) }]) {
          const { ids = [], ...page } = await sessions.list({
            filter: {},
            order,
            limit: 10,
            ...side,
          });
          assert.deepEqual(page, { sessions: [], positions: [] });
          assert.deepEqual(ids, []);
        }
      }
      const ofNobody = { subjectId: { equals: "nobody" } };
      if (serves(ofNobody)) {
        const last = await sessions.list({
          filter: ofNobody,
          order: "newest",
          limit: 1,
          fromEnd: true,
        });
        assert.deepEqual(last.sessions, []);
      }
    },
  },
  {
    name: "keeps the meaning of a position when its session is removed",
    run: async ({ open }) => {
      const { sessions } = await open();
      const rows = ["a", "b", "c", "d", "e"].map((key) => session(key, { expires: 5_000 }));
      await createAll(sessions, rows);
      const pages = await Promise.all(
        ORDERS.map(async (order) => sessions.list({ filter: {}, order, limit: 10 })),
      );
      await sessions.remove(["c"]);
      // At the same instant: it is placed on one side or the other, and the other rows don't move.
      await sessions.create(session("new", { expires: 5_000 }));
      for (const [n, order] of ORDERS.entries()) {
        const { sessions: before, positions } = at(pages, n);
        const place = keysOf(before).indexOf("c");
        const position = at(positions, place);
        const behind = keysOf(
          (await sessions.list({ filter: {}, order, limit: 10, after: position })).sessions,
        );
        const ahead = keysOf(
          (await sessions.list({ filter: {}, order, limit: 10, before: position })).sessions,
        );
        const isOld = (key: string) => key !== "new";
        assert.deepEqual(behind.filter(isOld), keysOf(before).slice(place + 1), `${order}, behind`);
        assert.deepEqual(ahead.filter(isOld), keysOf(before).slice(0, place), `${order}, ahead`);
        assert.equal(
          [...behind, ...ahead].filter((key) => !isOld(key)).length,
          1,
          `${order}: the new one is on one side`,
        );
      }
    },
  },
  {
    name: "doesn't move a renewed session",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(
        sessions,
        ["a", "b", "c"].map((key) => session(key)),
      );
      const before = await sessions.list(everything);
      await sessions.update("a", {
        renewed: 9_000,
        expires: 9_500,
        displayName: "A",
        displayNameFolded: "a",
      });
      await sessions.update("b", { subjectId: "bob", sessionId: "another" });
      const after = await sessions.list(everything);
      assert.deepEqual(keysOf(after.sessions), keysOf(before.sessions));
      assert.deepEqual(after.positions, before.positions);
      assert.deepEqual(after.ids, before.ids);
    },
  },
  {
    name: "pages through thousands of sessions with the same time",
    run: async ({ open, serves }) => {
      const { sessions } = await open();
      const rows = times(2_500, (n) => session(`${n}`, { expires: 5_000 }));
      await createAll(sessions, rows);
      const arrangement = await arrangementOf(sessions, rows);
      const ofAlice = { subjectId: { equals: "alice" } };
      for (const order of ORDERS) {
        assert.deepEqual(
          (await pagesOf(sessions, { filter: {}, order, limit: 170 })).flat(),
          arrangement[order],
          order,
        );
        const filter = serves(ofAlice) ? ofAlice : {};
        const backwards = await pagesFromEnd(sessions, { filter, order, limit: 170 });
        assert.deepEqual(backwards.reverse().flat(), arrangement[order], `${order}, backwards`);
      }
    },
  },
  {
    name: "lists each session once while others are added and removed",
    run: async ({ open }) => {
      for (const order of ["newest", "oldest"] as const) {
        for (const pages of [pagesOf, pagesFromEnd]) {
          const { sessions } = await open();
          const staying = times(30, (n) =>
            session(`stays ${n}`, { created: 1_000 + 2 * Math.floor(n / 3) }),
          );
          const going = times(30, (n) =>
            session(`goes ${n}`, { created: 1_000 + 2 * Math.floor(n / 3) }),
          );
          const rows = staying.flatMap((row, n) => [row, at(going, n)]);
          await createAll(sessions, rows);
          const arrangement = await arrangementOf(sessions, rows);
          let round = 0;
          const seen = await pages(
            sessions,
            { filter: {}, order, limit: 4 },
            async ({ sessions: shown }) => {
              round += 1;
              // Including the rows at both ends of the page, which the next page starts from.
              const leaving = shown.filter(({ key }) => key.startsWith("goes"));
              await sessions.remove([...keysOf(leaving), `goes ${round}`, `goes ${30 - round}`]);
              await sessions.create(
                session(`comes ${round}`, { created: 999 + ((round * 7) % 25) }),
              );
            },
          );
          const keys = seen.flat();
          assert.equal(new Set(keys).size, keys.length, "no session twice");
          const shown = pages === pagesOf ? keys : seen.reverse().flat();
          assert.deepEqual(
            shown.filter((key) => key.startsWith("stays")),
            keysOf(listed(staying, {}, order, arrangement)),
          );
        }
      }
    },
  },
  {
    name: "returns positions that are short and don't reveal the key",
    run: async ({ open }) => {
      const { sessions } = await open();
      const key = "0123456789abcdef".repeat(4);
      await sessions.create(session(key, { created: 1_700_000_000_000 }));
      const { positions, ids = [] } = await sessions.list(everything);
      assert.equal(positions.length, 1);
      assert.ok(at(positions, 0).length <= 100, at(positions, 0));
      assert.ok(
        !at(positions, 0).includes(key.slice(0, 8)),
        "a results token holds the position, and must not give the key away",
      );
      assert.ok(
        ids.every((id) => !id.includes(key.slice(0, 8))),
        "the ids of notifications hold the row id, and must not give the key away",
      );
    },
  },
  {
    name: "gives each row one id, the same in every order, and never to another row",
    run: async ({ open }) => {
      const { sessions } = await open();
      const seen = new Set<string>();
      for (let round = 0; round < 4; round += 1) {
        await createAll(
          sessions,
          ["a", "b", "c"].map((key, n) => session(key, { expires: 5_000 - n })),
        );
        const { ids, sessions: rows } = await sessions.list(everything);
        // Without ids, the core uses the positions, which other cases test.
        if (ids === undefined) return;
        const byRow = new Map(keysOf(rows).map((key, n) => [key, at(ids, n)]));
        for (const order of ORDERS) {
          for (const range of [{}, { fromEnd: true }]) {
            const page = await sessions.list({ filter: {}, order, limit: 2, ...range });
            const expected = keysOf(page.sessions).map((key) => byRow.get(key));
            assert.deepEqual(page.ids, expected, order);
          }
        }
        for (const id of ids) {
          assert.ok(!seen.has(id), `the id ${id} is used twice`);
          seen.add(id);
        }
        // First only the last row, then all: a database may reuse the highest number.
        await sessions.remove([at(keysOf(rows), 0)]);
        await sessions.remove(keysOf(rows));
      }
    },
  },
];
