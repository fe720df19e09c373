/**
 * Cases of the sessions that a step ends, and of its result.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { EndingPick, StoredSession, StoreFilter } from "../types.js";
import type { PortCase } from "./case.js";
import { clientIdsOf, matchingPick } from "./ending-model.js";
import {
  endAll,
  endedIn,
  NOTHING_ENDED,
  OF_ALICE,
  pick,
  placesIn,
  positionOf,
  row,
  step,
} from "./ending-samples.js";
import { matches } from "./model.js";
import {
  at,
  byKey,
  createAll,
  fullSession,
  keysOf,
  LONG_TEXT,
  session,
  sessionsIn,
  times,
} from "./samples.js";

/** The last instant that a `Date` can hold. */
const LATEST = 8_640_000_000_000_000;

const TEXTS = [
  "alice",
  "Alice",
  "malice",
  "alice ",
  "100%",
  "a_b",
  "aXb",
  "😀",
  "\u{ffff}",
  LONG_TEXT,
];

/** Sessions whose members differ in everything that a filter checks. */
const SAMPLES: readonly StoredSession[] = TEXTS.map((text, n) =>
  session(`key ${n}`, {
    subjectId: text,
    sessionId: at(TEXTS, (n + 1) % TEXTS.length),
    created: 1_000 + 10 * (n % 4),
    renewed: 2_000 + 10 * (n % 3),
    ...(n % 4 > 0 && { displayName: text, displayNameFolded: text.toLowerCase() }),
    ...(n % 3 > 0 && { expires: 3_000 + 10 * (n % 5) }),
    ...(n % 2 > 0 && { issuer: at(TEXTS, n % 3), ipAddress: `2001:db8::${n % 3}` }),
    clients: [{ clientId: at(TEXTS, n % 5) }, { clientId: "shop", sessionId: text }].slice(n % 3),
  }),
);

const FILTERS: readonly StoreFilter[] = [
  ...["alice", "a_b", LONG_TEXT].flatMap((text) => [
    { subjectId: { equals: text } },
    { subjectId: { startsWith: text } },
    { subjectId: { contains: text } },
    { sessionId: { equals: text } },
    { sessionId: { startsWith: text } },
    { sessionId: { contains: text } },
    { displayName: { equals: text } },
    { displayName: { startsWith: text } },
    { displayName: { contains: text } },
    { search: { id: text, name: text } },
    { clientId: text },
    { issuer: text },
  ]),
  { subjectId: { contains: "" } },
  { clientId: "shop" },
  { issuers: ["alice", "alice "] },
  { issuers: ["Alice", "alice"], clientId: "shop" },
  { ipAddress: "2001:db8::1" },
  { created: { after: 1_010, before: 1_030 } },
  { renewed: { after: 2_010 } },
  { expires: { before: 3_030 } },
  { activeAt: 3_010 },
  { expiredAt: 3_010 },
  { subjectId: { startsWith: "alice" }, expiredAt: 3_030 },
  { clientId: "shop", activeAt: 3_020 },
];

/** In the order of creation: a, b, c, d, e, f. In the order of expiry: e, c, a, d. */
const ORDERED: readonly StoredSession[] = [
  // If expiries were compared as strings, this one would come first, and so would the creation of
  // f.
  row("d", { created: 4_000, expires: 10_000 }),
  row("b", { created: 2_000 }),
  row("a", { created: 1_000, expires: 8_000 }),
  row("f", { created: 60_000 }),
  row("c", { created: 3_000, expires: 7_000 }),
  row("e", { created: 5_000, expires: 6_000 }),
];

/**
 * Picks that differ in every member, to run on `ORDERED` with two clients in each session and one
 * client that only some of them have.
 */
const PICKS: readonly Partial<EndingPick>[] = [
  {},
  { limit: 2 },
  { order: "expiry", limit: 3 },
  { keys: ["b", "e", "unknown"] },
  { exceptSessionIds: ["a", "c", "e"] },
  { keys: ["a", "b", "c"], exceptSessionIds: ["b"], limit: 1 },
  { surplus: { keep: 4, by: "created", activeAt: 6_500 } },
  { surplus: { keep: 1, by: "renewed", activeAt: 0 }, limit: 3 },
];

export const endingCases: readonly PortCase[] = [
  {
    name: "declares the stores that share its transaction",
    run: async ({ open }) => {
      const stores = await open();
      const { covers } = stores.atomic;
      assert.ok(covers.sessions === stores.sessions, "`covers.sessions` must be the session store");
      if (covers.grants !== undefined) {
        assert.ok(covers.grants === stores.grants, "`covers.grants` must be the grant store");
      }
      if (covers.outbox !== undefined) {
        assert.ok(covers.outbox === stores.outbox, "`covers.outbox` must be the outbox");
      }
    },
  },
  {
    name: "ends the sessions that match, and no others",
    filters: [OF_ALICE],
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const others = [row("c", { subjectId: "Alice" }), row("d", { subjectId: "bob" })];
      await createAll(sessions, [row("a", { created: 2_000 }), row("b"), ...others]);
      const places = await placesIn(sessions);
      const result = await atomic.endSessions(step({ filter: OF_ALICE }));
      const ended = { subjectId: "alice" };
      assert.deepEqual(
        { ...result, sessions: [...(result.sessions ?? [])].sort(bySessionId) },
        {
          ...NOTHING_ENDED,
          ended: 2,
          sessions: [
            { ...ended, sessionId: "a" },
            { ...ended, sessionId: "b" },
          ],
          // `more` may be true without further sessions; the next step then ends none.
          more: result.more,
          last: positionOf(places, "oldest", "a"),
        },
      );
      assert.deepEqual(await sessionsIn(sessions), others);
      assert.deepEqual(await atomic.endSessions(step({ filter: OF_ALICE })), NOTHING_ENDED);
    },
  },
  {
    name: "ends nothing and has no last position if no session matches",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      assert.deepEqual(await atomic.endSessions(step()), NOTHING_ENDED, "an empty store");
      const rows = [row("a"), row("b", { expires: 5_000 })];
      await createAll(sessions, rows);
      const picks: Partial<EndingPick>[] = [
        { keys: [] },
        { keys: ["unknown"] },
        { keys: ["a"], exceptSessionIds: ["a"] },
        { keys: ["a"], order: "expiry" },
        { surplus: { keep: 2, by: "created", activeAt: 0 } },
      ];
      for (const members of picks) {
        const message = JSON.stringify(members);
        assert.deepEqual(await atomic.endSessions(step(members)), NOTHING_ENDED, message);
        assert.deepEqual(await atomic.clientsOf(pick(members)), [], message);
      }
      assert.deepEqual(await sessionsIn(sessions), rows);
    },
  },
  {
    name: "ends expired sessions too",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      await createAll(sessions, [row("active"), row("expired", { expires: 1 })]);
      assert.deepEqual(endedIn(await atomic.endSessions(step())), ["active", "expired"]);
    },
  },
  {
    name: "ends the sessions that a list finds, with every filter",
    filters: FILTERS,
    run: async ({ open, serves }) => {
      const { sessions, atomic } = await open();
      await createAll(sessions, SAMPLES);
      for (const filter of FILTERS.filter(serves)) {
        const ended = SAMPLES.filter((row) => matches(filter, row));
        const message = JSON.stringify(filter);
        const clients = await atomic.clientsOf(pick({ filter }));
        assert.deepEqual([...clients].sort(), clientIdsOf(ended), message);
        const result = await atomic.endSessions(step({ filter }));
        assert.equal(result.ended, ended.length, message);
        assert.deepEqual(
          keysOf(await sessionsIn(sessions)),
          keysOf(SAMPLES.filter((row) => !ended.includes(row))).sort(),
          message,
        );
        await createAll(sessions, ended);
      }
    },
  },
  {
    name: "ends only sessions with one of the keys",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      await createAll(
        sessions,
        ["a", "b", "c", "d"].map((key) => row(key)),
      );
      const keys = ["c", "a", "unknown", "a"];
      assert.deepEqual(endedIn(await atomic.endSessions(step({ keys }))), ["a", "c"]);
      assert.deepEqual(keysOf(await sessionsIn(sessions)), ["b", "d"]);
    },
  },
  {
    name: "ends sessions with one of the keys only if they match the filter",
    filters: [OF_ALICE, { expiredAt: 1 }],
    run: async ({ open, serves }) => {
      const { sessions, atomic } = await open();
      const rows = [
        row("a"),
        row("b", { expires: 5_000 }),
        row("c", { subjectId: "bob" }),
        row("d", { expires: 4_000 }),
      ];
      await createAll(sessions, rows);
      const keys = ["a", "b", "c"];
      if (serves({ expiredAt: 5_000 })) {
        const result = await atomic.endSessions(step({ keys, filter: { expiredAt: 4_999 } }));
        assert.deepEqual(result, NOTHING_ENDED, "b has not expired, and d is not in the keys");
        const expired = await atomic.endSessions(step({ keys, filter: { expiredAt: 5_000 } }));
        assert.deepEqual(endedIn(expired), ["b"]);
        await sessions.create(at(rows, 1));
      }
      if (serves(OF_ALICE)) {
        assert.deepEqual(endedIn(await atomic.endSessions(step({ keys, filter: OF_ALICE }))), [
          "a",
          "b",
        ]);
      }
    },
  },
  {
    name: "ends no session with an excluded session id",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const excluded = [
        session("1", { sessionId: "a" }),
        session("2", { sessionId: "a", subjectId: "bob" }),
        session("3", { sessionId: "it's 😀" }),
      ];
      const others = ["A", "a ", "", "b"].map((sessionId, n) => session(`${n + 4}`, { sessionId }));
      await createAll(sessions, [...excluded, ...others]);
      const exceptSessionIds = ["a", "it's 😀", "unknown"];
      const result = await atomic.endSessions(step({ exceptSessionIds }));
      assert.deepEqual(endedIn(result), ["", "A", "a ", "b"]);
      assert.deepEqual(await sessionsIn(sessions), excluded);
      assert.deepEqual(endedIn(await atomic.endSessions(step({ exceptSessionIds: [] }))), [
        "a",
        "a",
        "it's 😀",
      ]);
    },
  },
  {
    name: "ends the surplus by creation: all except those created last",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      await createAll(sessions, [
        row("a", { created: 4_000, renewed: 4_000 }),
        row("b", { created: 1_000, renewed: 9_000 }),
        row("c", { created: 3_000, renewed: 3_000 }),
        row("d", { created: 2_000, renewed: 8_000 }),
      ]);
      const surplus = { by: "created", activeAt: 0 } as const;
      const endedWith = async (keep: number) =>
        endedIn(await atomic.endSessions(step({ surplus: { ...surplus, keep } })));
      assert.deepEqual(await endedWith(5), []);
      assert.deepEqual(await endedWith(4), []);
      assert.deepEqual(await endedWith(3), ["b"]);
      assert.deepEqual(await endedWith(1), ["c", "d"]);
      assert.deepEqual(await endedWith(0), ["a"]);
    },
  },
  {
    name: "ends the surplus by renewal: all except those renewed last",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      await createAll(sessions, [
        row("a", { created: 4_000, renewed: 4_000 }),
        row("b", { created: 1_000, renewed: 9_000 }),
        row("c", { created: 3_000, renewed: 3_000 }),
        row("d", { created: 2_000, renewed: 8_000 }),
      ]);
      await sessions.update("c", { renewed: 8_500 });
      const surplus = { by: "renewed", activeAt: 0 } as const;
      const endedWith = async (keep: number) =>
        endedIn(await atomic.endSessions(step({ surplus: { ...surplus, keep } })));
      assert.deepEqual(await endedWith(4), []);
      assert.deepEqual(await endedWith(2), ["a", "d"]);
      assert.deepEqual(await endedWith(0), ["b", "c"]);
    },
  },
  {
    name: "keeps the last ones in the store's order if the surplus has the same time",
    run: async ({ open }) => {
      for (const by of ["created", "renewed"] as const) {
        const { sessions, atomic } = await open();
        const rows = ["e", "b", "d", "a", "c"].map((key, n) =>
          // By renewal, sessions of one instant are ordered by creation.
          row(key, { created: by === "renewed" ? 1_000 + Math.floor(n / 2) : 1_000 }),
        );
        await createAll(sessions, rows);
        const { oldest } = await placesIn(sessions);
        for (const [keep, ended] of [
          [3, oldest.keys.slice(0, 2)],
          [1, oldest.keys.slice(2, 4)],
        ] as const) {
          const surplus = { keep, by, activeAt: 0 };
          const result = await atomic.endSessions(step({ surplus }));
          assert.deepEqual(endedIn(result), [...ended].sort(), `${by}, ${keep} kept`);
        }
      }
    },
  },
  {
    name: "ignores expired sessions in the surplus",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      await createAll(sessions, [
        row("expired first", { created: 1_000, expires: 5_000 }),
        row("a", { created: 2_000, expires: 5_001 }),
        row("b", { created: 3_000 }),
        row("expired last", { created: 4_000, expires: 4_999 }),
      ]);
      const endedWith = async (keep: number) => {
        const surplus = { keep, by: "created", activeAt: 5_000 } as const;
        return endedIn(await atomic.endSessions(step({ surplus })));
      };
      assert.deepEqual(await endedWith(2), []);
      assert.deepEqual(await endedWith(1), ["a"]);
      assert.deepEqual(await endedWith(0), ["b"]);
      assert.deepEqual(keysOf(await sessionsIn(sessions)), ["expired first", "expired last"]);
    },
  },
  {
    name: "counts only sessions that match the filter in the surplus",
    filters: [OF_ALICE],
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      await createAll(
        sessions,
        times(6, (n) =>
          row(`${n}`, { created: 1_000 + n, subjectId: n % 2 === 0 ? "alice" : "bob" }),
        ),
      );
      const surplus = { keep: 2, by: "created", activeAt: 0 } as const;
      const result = await atomic.endSessions(step({ filter: OF_ALICE, surplus }));
      assert.deepEqual(endedIn(result), ["0"]);
    },
  },
  {
    name: "ends the same surplus in several steps, each after the previous one",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const rows = times(9, (n) => row(`${n}`, { created: 1_000 + n, renewed: 2_000 + n }));
      await createAll(sessions, rows);
      // The first and the last in the order of creation are renewed last.
      await sessions.update("0", { renewed: 9_000 });
      const surplus = { keep: 2, by: "renewed", activeAt: 0 } as const;
      const ended: string[] = [];
      let next: Partial<EndingPick> = {};
      for (let steps = 1; steps <= 4; steps += 1) {
        const result = await atomic.endSessions(step({ surplus, limit: 3, ...next }));
        ended.push(...endedIn(result));
        if (result.last !== undefined) next = { after: result.last };
      }
      assert.deepEqual(ended, ["1", "2", "3", "4", "5", "6", "7"]);
    },
  },
  {
    name: "ends sessions in the order of the step",
    run: async ({ open }) => {
      for (const [order, limit, expected] of [
        [
          "oldest",
          2,
          [
            ["a", "b"],
            ["c", "d"],
            ["e", "f"],
          ],
        ],
        [
          "oldest",
          4,
          [
            ["a", "b", "c", "d"],
            ["e", "f"],
          ],
        ],
        // A session that never expires is not in the order of expiry.
        ["expiry", 1, [["e"], ["c"], ["a"], ["d"]]],
        ["expiry", 3, [["a", "c", "e"], ["d"]]],
        ["oldest", 9, [["a", "b", "c", "d", "e", "f"]]],
        ["expiry", 9, [["a", "c", "d", "e"]]],
      ] as const) {
        const { sessions, atomic } = await open();
        await createAll(sessions, ORDERED);
        const places = await placesIn(sessions);
        for (const [n, ended] of expected.entries()) {
          const message = `${order}, ${limit} a step, step ${n}`;
          const result = await atomic.endSessions(step({ order, limit }));
          assert.deepEqual(endedIn(result), ended, message);
          const last = places[order].keys
            .filter((key) => ended.some((name) => name === key))
            .at(-1);
          assert.equal(result.last, positionOf(places, order, `${last}`), message);
          if (n < expected.length - 1) assert.equal(result.more, true, message);
        }
        assert.deepEqual(await atomic.endSessions(step({ order, limit })), NOTHING_ENDED);
        const left = order === "expiry" ? ["b", "f"] : [];
        assert.deepEqual(keysOf(await sessionsIn(sessions)), left);
      }
    },
  },
  {
    name: "ends sessions with the same time in the order of a list",
    run: async ({ open }) => {
      for (const order of ["oldest", "expiry"] as const) {
        const { sessions, atomic } = await open();
        await createAll(
          sessions,
          // In the order of expiry, sessions of one instant may have different creation times.
          times(10, (n) =>
            row(`${n}`, { created: order === "expiry" ? 10 ** (n % 5) : 1_000, expires: 5_000 }),
          ),
        );
        const places = await placesIn(sessions);
        for (const end of [4, 8]) {
          const result = await atomic.endSessions(step({ order, limit: 4 }));
          const ended = places[order].keys.slice(end - 4, end);
          assert.deepEqual(endedIn(result), [...ended].sort(), order);
          assert.equal(result.last, at(places[order].positions, end - 1), order);
          assert.equal(result.more, true, order);
        }
      }
    },
  },
  {
    name: "ends only sessions after a position, even if its session was removed",
    run: async ({ open }) => {
      for (const [order, removed, ended, left] of [
        ["oldest", [], ["d", "e", "f"], ["a", "b", "c"]],
        ["oldest", ["c"], ["d", "e", "f"], ["a", "b"]],
        ["expiry", [], ["a", "d"], ["b", "c", "e", "f"]],
        ["expiry", ["c"], ["a", "d"], ["b", "e", "f"]],
      ] as const) {
        const { sessions, atomic } = await open();
        await createAll(sessions, ORDERED);
        const after = positionOf(await placesIn(sessions), order, "c");
        await sessions.remove([...removed]);
        const result = await atomic.endSessions(step({ order, after }));
        assert.deepEqual(endedIn(result), ended, order);
        assert.deepEqual(keysOf(await sessionsIn(sessions)), left, order);
      }
    },
  },
  {
    name: "skips excluded sessions if the next step starts after the last position",
    run: async ({ open }) => {
      for (const order of ["oldest", "expiry"] as const) {
        const { sessions, atomic } = await open();
        await createAll(
          sessions,
          ORDERED.map((row) => ({ ...row, expires: 100_000 - row.created })),
        );
        const exceptSessionIds = ["b", "e"];
        const first = await atomic.endSessions(step({ order, limit: 2, exceptSessionIds }));
        assert.deepEqual(endedIn(first), order === "oldest" ? ["a", "c"] : ["d", "f"]);
        assert.equal(first.more, true);
        const { last: after } = first;
        assert.ok(after !== undefined, "a step that ended sessions has a last position");
        const second = await atomic.endSessions(step({ order, limit: 9, after }));
        assert.deepEqual(endedIn(second), order === "oldest" ? ["d", "e", "f"] : ["a", "b", "c"]);
      }
    },
  },
  {
    name: "lists the ended sessions only if details are requested",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const rows = [session("a"), session("b", { subjectId: "bob" }), fullSession("c")];
      await createAll(sessions, rows);
      const places = await placesIn(sessions);
      const without = await atomic.endSessions(step({ details: false }));
      assert.equal(without.ended, 3);
      assert.equal(without.sessions, undefined);
      assert.equal(without.last, at(places.oldest.positions, -1));
      await createAll(sessions, rows);
      const { sessions: listed } = await atomic.endSessions(step({ details: true }));
      assert.deepEqual([...(listed ?? [])].sort(bySessionId), [
        { subjectId: "alice", sessionId: "sid of a" },
        { subjectId: "bob", sessionId: "sid of b" },
        { subjectId: "alice", sessionId: "sid of c", issuer: "https://id.example.com" },
      ]);
    },
  },
  {
    name: "leaves nothing of an ended session",
    run: async ({ open, serves }) => {
      const { sessions, atomic } = await open();
      await createAll(sessions, [fullSession("a"), fullSession("b")]);
      assert.equal((await atomic.endSessions(step({ keys: ["a"] }))).ended, 1);
      assert.equal(await sessions.get("a"), undefined);
      assert.equal(await sessions.update("a", { renewed: 5_000 }), false);
      assert.equal(await sessions.addClient("a", { clientId: "late" }, 0), false);
      assert.deepEqual(await sessions.remove(["a"]), []);
      const filters: StoreFilter[] = [
        {},
        OF_ALICE,
        { subjectId: { startsWith: "ali" } },
        { sessionId: { contains: "sid of" } },
        { displayName: { contains: "älice" } },
        { search: { id: "none", name: "älice" } },
        { clientId: "shop" },
        { clientId: "forum", activeAt: 0 },
        { issuer: "https://id.example.com" },
        { ipAddress: "2001:db8::1" },
        { created: { before: 5_000 } },
        { renewed: { before: 5_000 } },
        { expires: { before: 5_000 } },
        { activeAt: 0 },
        { expiredAt: 5_000 },
      ];
      for (const filter of filters.filter(serves)) {
        const message = JSON.stringify(filter);
        assert.equal(await sessions.count(filter), 1, message);
        for (const order of ["newest", "oldest", "expiry"] as const) {
          const page = await sessions.list({ filter, order, limit: 10 });
          assert.deepEqual(page.sessions, [fullSession("b")], message);
        }
      }
      await sessions.create(fullSession("a"));
      assert.deepEqual(await sessions.get("a"), fullSession("a"), "the key is free");
    },
  },
  {
    name: "returns the clients of the sessions that a step would end",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const rows = ORDERED.map((session, n) => ({
        ...session,
        clients: [
          { clientId: "everywhere" },
          { clientId: `only in ${session.key}`, sessionId: "own sid" },
          ...(n % 2 === 0 ? [{ clientId: "in:some, it's 😀" }] : []),
        ],
      }));
      await createAll(sessions, rows);
      for (const members of PICKS) {
        const message = JSON.stringify(members);
        const expected = matchingPick(rows, pick(members), await placesIn(sessions)).slice(
          0,
          members.limit,
        );
        const clients = await atomic.clientsOf(pick(members));
        assert.deepEqual([...clients].sort(), clientIdsOf(expected), message);
        assert.deepEqual(await sessionsIn(sessions), [...rows].sort(byKey), "nothing changed");
        const result = await atomic.endSessions(step(members));
        assert.deepEqual(endedIn(result), keysOf(expected).sort(), message);
        await createAll(sessions, expected);
      }
      await sessions.addClient("f", { clientId: "late" }, 0);
      assert.ok((await atomic.clientsOf(pick())).includes("late"), "a client that came just now");
    },
  },
  {
    name: "ends hundreds of sessions in several steps",
    run: async ({ open }) => {
      const { sessions, atomic } = await open();
      const keys = times(450, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key, n) => row(key, { created: 1_000 + (n % 7), expires: LATEST })),
      );
      // More than some databases accept in one statement; most of them don't exist.
      const asked = times(2_000, (n) => `key ${1_999 - n}`);
      const exceptSessionIds = times(400, (n) => `key ${798 - 2 * n}`);
      const results = await endAll(atomic, step({ keys: asked, exceptSessionIds, limit: 1_000 }));
      assert.deepEqual(results.flatMap(endedIn).sort(), keys.filter((_, n) => n % 2 === 1).sort());
      const rest = await endAll(atomic, step({ order: "expiry", limit: 1_000 }));
      assert.deepEqual(rest.flatMap(endedIn).sort(), keys.filter((_, n) => n % 2 === 0).sort());
      assert.equal(await sessions.count({}), 0);
    },
  },
];

function bySessionId(one: { sessionId: string }, other: { sessionId: string }): number {
  return one.sessionId < other.sessionId ? -1 : 1;
}
