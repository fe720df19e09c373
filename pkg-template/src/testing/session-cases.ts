/**
 * Cases of a session store, with one session or a few.
 *
 * @module
 */

import { strict as assert } from "node:assert";
import type { StoredSession, StoredSessionChange, StoreFilter } from "../types.js";
import type { CaseContext, PortCase } from "./case.js";
import {
  byKey,
  createAll,
  fullSession,
  keysOf,
  removedForm,
  session,
  sessionsIn,
  settled,
  times,
  together,
} from "./samples.js";

/** The default time at which clients are added. */
const NOW = 2_000;

/** The last instant that a `Date` can hold. */
const LATEST = 8_640_000_000_000_000;

/**
 * The change of the nth session, which expires at 5,000: a renewal that lasts longer, or an earlier
 * expiry. A client is added at `now`.
 */
const expiryChange = (n: number) =>
  n % 2 === 0 ? { expires: 9_000, now: 6_000 } : { expires: 3_000, now: 4_000 };

const hasClient = (session: StoredSession | undefined, clientId: string): boolean =>
  session?.clients.some((client) => client.clientId === clientId) ?? false;

const everything = { filter: {}, order: "newest", limit: 1_000 } as const;

/** Checks the number of sessions that match, if the store supports the filter. */
async function expectCount(
  { serves }: CaseContext,
  sessions: Counting,
  filter: StoreFilter,
  expected: number,
): Promise<void> {
  if (serves(filter)) {
    assert.equal(await sessions.count(filter), expected, JSON.stringify(filter));
  }
}

interface Counting {
  count(filter: StoreFilter): number | PromiseLike<number>;
}

export const sessionCases: readonly PortCase[] = [
  {
    name: "keeps every member of a session",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [fullSession("full"), session("bare")]);
      assert.deepEqual(await sessions.get("full"), fullSession("full"));
      assert.deepEqual(await sessions.get("bare"), session("bare"), "what was absent stays absent");
      assert.deepEqual(await sessionsIn(sessions), [session("bare"), fullSession("full")]);
    },
  },
  {
    name: "keeps a session apart from what the caller does with the objects",
    run: async ({ open }) => {
      const { sessions } = await open();
      const row = fullSession("a");
      await sessions.create(row);
      row.clients.push({ clientId: "added by the caller" });
      row.subjectId = "changed by the caller";
      const found = await sessions.get("a");
      assert.deepEqual(found, fullSession("a"));
      found?.clients.pop();
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    },
  },
  {
    name: "never confuses a string with NUL or half a character with another one",
    run: async (context) => {
      const { sessions } = await context.open();
      const kept = session("a", { subjectId: "admin", sessionId: "s\ufffd" });
      await sessions.create(kept);
      for (const odd of ["\0", "\0x", "\ud800"]) {
        // A store may reject it, or store it unchanged.
        const condition = { subjectId: `admin${odd}` };
        assert.ok(!(await settled(async () => sessions.update("a", { renewed: 5 }, condition))));
        const removed = await settled(async () => sessions.remove(["a"], condition));
        assert.equal(removed?.length ?? 0, 0, JSON.stringify(odd));
        const filter = { subjectId: { equals: `admin${odd}` } };
        if (context.serves(filter))
          assert.ok(!(await settled(async () => sessions.count(filter))), JSON.stringify(odd));
      }
      assert.deepEqual(await sessions.get("a"), kept);
    },
  },
  {
    name: "matches nothing with an empty subject id",
    filters: [{ subjectId: { equals: "" } }],
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [session("a"), session("b")]);
      const filter = { subjectId: { equals: "" } };
      const page = await sessions.list({ filter, order: "newest", limit: 5 });
      assert.deepEqual(page.sessions, []);
      assert.equal(await sessions.count(filter), 0);
    },
  },
  {
    name: "finds nothing under an unknown key",
    run: async ({ open }) => {
      const { sessions } = await open();
      const key = "0123456789abcdef".repeat(4);
      const clients = [{ clientId: "shop" }];
      await sessions.create(session(key, { clients }));
      for (const unknown of ["", "a", key.replace("f", "e")]) {
        assert.equal(await sessions.get(unknown), undefined, unknown);
        assert.equal(await sessions.update(unknown, { renewed: 5_000 }), false, unknown);
        assert.equal(await sessions.addClient(unknown, { clientId: "forum" }, NOW), false, unknown);
        assert.deepEqual(await sessions.remove([unknown]), [], unknown);
      }
      assert.deepEqual(await sessionsIn(sessions), [session(key, { clients })]);
    },
  },
  {
    name: "finds nothing under a key in upper case, or rejects it",
    run: async ({ open }) => {
      const { sessions } = await open();
      const key = "0123456789abcdef".repeat(4);
      await sessions.create(session(key));
      const upper = key.toUpperCase();
      const calls = [
        async () => sessions.get(upper),
        async () => sessions.update(upper, { renewed: 5_000 }),
        async () => sessions.addClient(upper, { clientId: "forum" }, NOW),
        async () => (await sessions.remove([upper])).length > 0,
      ];
      for (const result of await Promise.allSettled(calls.map((call) => call()))) {
        assert.ok(result.status === "rejected" || !result.value);
      }
      assert.deepEqual(await sessionsIn(sessions), [session(key)]);
    },
  },
  {
    name: "rejects a duplicate key, and changes nothing",
    run: async (context) => {
      const { sessions } = await context.open();
      await sessions.create(fullSession("a"));
      const intruder = session("a", { subjectId: "mallory", clients: [{ clientId: "intruder" }] });
      await assert.rejects(
        async () => sessions.create(intruder),
        undefined,
        "the key is there already",
      );
      assert.deepEqual(await sessionsIn(sessions), [fullSession("a")]);
      await expectCount(context, sessions, { clientId: "intruder" }, 0);
    },
  },
  {
    name: "lets one of many concurrent creations of a key succeed",
    run: async ({ open }) => {
      const { sessions } = await open();
      const attempts = times(20, async (n) =>
        sessions.create(
          session("a", { subjectId: `subject ${n}`, clients: [{ clientId: `client ${n}` }] }),
        ),
      );
      const results = await Promise.allSettled(attempts);
      const winners = results.flatMap(({ status }, n) => (status === "fulfilled" ? [n] : []));
      assert.equal(winners.length, 1);
      const stored = await sessions.get("a");
      assert.equal(stored?.subjectId, `subject ${winners[0]}`);
      assert.deepEqual(stored?.clients, [{ clientId: `client ${winners[0]}` }]);
    },
  },
  {
    name: "returns expired sessions like any others",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(session("a", { expires: 1 }));
      assert.equal((await sessions.get("a"))?.expires, 1);
      assert.deepEqual(keysOf(await sessionsIn(sessions)), ["a"]);
      assert.equal(await sessions.count({}), 1);
    },
  },
  {
    name: "changes only the members that a change names",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [fullSession("a"), fullSession("b")]);
      const change = {
        renewed: 9_000,
        expires: 9_500,
        ticket: "v1.new",
        attributes: { device: "desk" },
        sessionId: "new sid",
      };
      assert.equal(await sessions.update("a", change), true);
      assert.deepEqual(await sessions.get("a"), { ...fullSession("a"), ...change });
      assert.deepEqual(await sessions.get("b"), fullSession("b"));
    },
  },
  {
    name: "returns true for a change that leaves a session as it was",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      for (const change of [{ renewed: 2_000 }, { renewed: 2_000 }, {}]) {
        assert.equal(await sessions.update("a", change), true);
        assert.equal(await sessions.update("b", change), false);
      }
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    },
  },
  {
    name: "clears the members that are null in a change",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      const cleared = [
        "displayName",
        "displayNameFolded",
        "issuer",
        "expires",
        "ipAddress",
        "userAgent",
        "attributes",
        "ticket",
      ];
      const change: StoredSessionChange = Object.fromEntries(cleared.map((name) => [name, null]));
      assert.equal(await sessions.update("a", change), true);
      const left = Object.entries(fullSession("a")).filter(([name]) => !cleared.includes(name));
      assert.deepEqual(await sessions.get("a"), Object.fromEntries(left));
    },
  },
  {
    name: "finds a changed session only by its new values",
    run: async (context) => {
      const { sessions } = await context.open();
      await sessions.create(fullSession("a"));
      await sessions.update("a", {
        subjectId: "bob",
        displayNameFolded: "bob",
        ipAddress: "192.0.2.1",
        expires: null,
      });
      const found = [
        { subjectId: { equals: "bob" } },
        { displayName: { equals: "bob" } },
        { ipAddress: "192.0.2.1" },
      ];
      const outdated = [
        { subjectId: { equals: "alice" } },
        { displayName: { equals: "älice ünäl" } },
        { displayName: { contains: "älice" } },
        { ipAddress: "2001:db8::1" },
        { expiredAt: 9_000 },
      ];
      for (const filter of found) await expectCount(context, sessions, filter, 1);
      for (const filter of outdated) await expectCount(context, sessions, filter, 0);
      assert.deepEqual((await sessions.list({ ...everything, order: "expiry" })).sessions, []);
    },
  },
  {
    name: "never creates a session for a late change or a late client",
    run: async (context) => {
      const { sessions } = await context.open();
      await sessions.create(session("a"));
      await sessions.remove(["a"]);
      assert.equal(await sessions.update("a", { renewed: 5_000 }), false);
      assert.equal(await sessions.addClient("a", { clientId: "shop" }, NOW), false);
      assert.equal(await sessions.get("a"), undefined);
      assert.equal(await sessions.count({}), 0);
      await expectCount(context, sessions, { clientId: "shop" }, 0);
    },
  },
  {
    name: "leaves nothing of a session that is removed while it is changed",
    run: async (context) => {
      const { sessions } = await context.open();
      const keys = times(20, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key, { clients: [{ clientId: "forum" }] })),
      );
      const work = keys.flatMap((key) => [
        async () => sessions.update(key, { renewed: 5_000 }),
        async () => sessions.addClient(key, { clientId: "shop" }, NOW),
        async () => sessions.remove([key]),
        async () => sessions.update(key, { expires: 9_000 }),
        async () => sessions.addClient(key, { clientId: "mail" }, NOW),
      ]);
      await Promise.all(work.map((call) => call()));
      assert.deepEqual(await sessionsIn(sessions), []);
      for (const clientId of ["forum", "shop", "mail"])
        await expectCount(context, sessions, { clientId }, 0);
      await expectCount(context, sessions, { expiredAt: 10_000 }, 0);
    },
  },
  {
    name: "adds each client once, in order",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(session("a", { clients: [{ clientId: "z" }] }));
      for (const clientId of ["shop", "z", "a", "shop"]) {
        assert.equal(await sessions.addClient("a", { clientId }, NOW), true);
      }
      assert.deepEqual((await sessions.get("a"))?.clients, [
        { clientId: "z" },
        { clientId: "shop" },
        { clientId: "a" },
      ]);
    },
  },
  {
    name: "replaces a different session id of a client, and keeps the client's place",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(
        session("a", { clients: [{ clientId: "shop" }, { clientId: "forum", sessionId: "old" }] }),
      );
      await sessions.addClient("a", { clientId: "shop", sessionId: "first" }, NOW);
      await sessions.addClient("a", { clientId: "forum", sessionId: "new" }, NOW);
      await sessions.addClient("a", { clientId: "forum" }, NOW);
      const clients = [
        { clientId: "shop", sessionId: "first" },
        { clientId: "forum", sessionId: "new" },
      ];
      assert.deepEqual((await sessions.get("a"))?.clients, clients);
    },
  },
  {
    name: "loses none of 50 clients that are added at once",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(session("a"));
      const clientIds = times(25, (n) => `client ${n}`);
      const added = await Promise.all(
        [...clientIds, ...clientIds].map(async (clientId) =>
          sessions.addClient("a", { clientId }, NOW),
        ),
      );
      assert.ok(added.every((there) => there === true));
      const stored = (await sessions.get("a"))?.clients.map(({ clientId }) => clientId) ?? [];
      assert.deepEqual(stored.sort(), clientIds.sort());
    },
  },
  {
    name: "adds no client to a session that has expired",
    run: async (context) => {
      const { sessions } = await context.open();
      const row = session("a", { expires: 5_000, clients: [{ clientId: "shop" }] });
      await sessions.create(row);
      for (const now of [5_000, 5_001, LATEST]) {
        for (const client of [{ clientId: "forum" }, { clientId: "shop", sessionId: "new" }]) {
          assert.equal(await sessions.addClient("a", client, now), false, `at ${now}`);
        }
      }
      assert.deepEqual(await sessions.get("a"), row, "nothing was added");
      await expectCount(context, sessions, { clientId: "forum" }, 0);
    },
  },
  {
    name: "adds a client until the instant before the expiry, and always without one",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [session("a", { expires: LATEST }), session("forever")]);
      for (const [key, now] of [
        ["a", LATEST - 1],
        ["forever", LATEST],
        ["forever", 0],
      ] as const) {
        assert.equal(await sessions.addClient(key, { clientId: `${now}` }, now), true, key);
        assert.ok(hasClient(await sessions.get(key), `${now}`), key);
      }
    },
  },
  {
    name: "uses the current expiry when a client is added",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(session("a", { expires: 5_000 }));
      for (const [expires, isAdded] of [
        [6_001, true],
        [6_000, false],
        [null, true],
        [1_000, false],
      ] as const) {
        await sessions.update("a", { expires });
        const client = { clientId: `until ${expires}` };
        assert.equal(await sessions.addClient("a", client, 6_000), isAdded, client.clientId);
        assert.equal(hasClient(await sessions.get("a"), client.clientId), isAdded);
      }
    },
  },
  {
    name: "keeps a change of the expiry at the same time as a new client",
    run: async ({ open }) => {
      const { sessions } = await open();
      const keys = times(40, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key, { expires: 5_000 })),
      );
      const isAdded = await Promise.all(
        keys.map(async (key, n) => {
          const { expires, now } = expiryChange(n);
          const add = async () => sessions.addClient(key, { clientId: "shop" }, now);
          const change = async () => sessions.update(key, { expires });
          const isAddedFirst = n % 4 < 2;
          const [one, other] = isAddedFirst ? [add, change] : [change, add];
          const [first, second] = await Promise.all([one(), other()]);
          return isAddedFirst ? first : second;
        }),
      );
      for (const [n, key] of keys.entries()) {
        const stored = await sessions.get(key);
        assert.equal(stored?.expires, expiryChange(n).expires, "the change stays");
        assert.equal(hasClient(stored, "shop"), isAdded[n], "the client is there if it was added");
      }
    },
  },
  {
    name: "returns the sessions that a removal removed, and no others",
    run: async (context) => {
      const { sessions } = await context.open();
      await createAll(
        sessions,
        ["a", "b", "c"].map((key) => fullSession(key)),
      );
      assert.deepEqual(await sessions.remove([]), []);
      const removed = await sessions.remove(["a", "unknown", "b", "a"]);
      assert.deepEqual(keysOf(removed).sort(), ["a", "b"]);
      assert.deepEqual(await sessions.remove(["a"]), []);
      assert.deepEqual(await sessionsIn(sessions), [fullSession("c")]);
      await expectCount(context, sessions, { clientId: "shop" }, 1);
    },
  },
  {
    name: "returns a removed session as it was at that moment",
    run: async ({ open }) => {
      const { sessions } = await open();
      await createAll(sessions, [fullSession("full"), session("bare")]);
      await sessions.update("full", { subjectId: "bob", sessionId: "new sid" });
      await sessions.addClient("full", { clientId: "mail", sessionId: "sid at the mail" }, NOW);
      await sessions.addClient("full", { clientId: "shop", sessionId: "sid at the shop" }, NOW);
      const removed = await sessions.remove(["full", "bare"]);
      assert.deepEqual(removed.map(removedForm).sort(byKey), [
        { key: "bare", subjectId: "alice", sessionId: "sid of bare", clients: [] },
        {
          key: "full",
          subjectId: "bob",
          sessionId: "new sid",
          issuer: "https://id.example.com",
          clients: [
            { clientId: "shop", sessionId: "sid at the shop" },
            { clientId: "forum", sessionId: "sid at the forum" },
            { clientId: "mail", sessionId: "sid at the mail" },
          ],
        },
      ]);
    },
  },
  {
    name: "returns a client that is added during a removal, if it was added",
    run: async ({ open }) => {
      const { sessions } = await open();
      const keys = times(40, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key, { clients: [{ clientId: "forum" }] })),
      );
      await Promise.all(
        keys.map(async (key, n) => {
          const [isAdded, removed] = await together(
            n,
            () => sessions.addClient(key, { clientId: "shop" }, NOW),
            () => sessions.remove([key]),
          );
          const clients = [{ clientId: "forum" }, ...(isAdded ? [{ clientId: "shop" }] : [])];
          assert.deepEqual(
            removed.map((row) => row.clients),
            [clients],
            key,
          );
        }),
      );
    },
  },
  {
    name: "returns each session to only one of many concurrent removals",
    run: async ({ open }) => {
      const { sessions } = await open();
      const keys = times(40, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key, { clients: [{ clientId: "shop" }] })),
      );
      const removed = await Promise.all(
        times(10, async (n) => sessions.remove(keys.slice(n, n + 30))),
      );
      assert.deepEqual(keysOf(removed.flat()).sort(), keys.slice(0, 39).sort());
      assert.deepEqual(keysOf(await sessionsIn(sessions)), ["key 39"]);
    },
  },
  {
    name: "removes many sessions in one call",
    run: async ({ open }) => {
      const { sessions } = await open();
      const keys = times(300, (n) => `key ${n}`);
      await createAll(
        sessions,
        keys.map((key) => session(key)),
      );
      // More than any database accepts in one statement.
      const asked = times(70_000, (n) => `key ${n}`);
      assert.deepEqual(keysOf(await sessions.remove(asked)).sort(), [...keys].sort());
      assert.equal(await sessions.count({}), 0);
    },
  },
  {
    name: "accepts a key again after its removal",
    run: async ({ open }) => {
      const { sessions } = await open();
      await sessions.create(fullSession("a"));
      await sessions.remove(["a"]);
      await sessions.create(session("a"));
      assert.deepEqual(await sessions.get("a"), session("a"));
    },
  },
  {
    name: "counts up to a limit",
    needs: ["sessions.count"],
    run: async ({ open, serves }) => {
      const { sessions } = await open();
      await createAll(
        sessions,
        times(7, (n) => session(`${n}`, { clients: [{ clientId: "shop" }] })),
      );
      for (const filter of [{}, { subjectId: { equals: "alice" } }, { clientId: "shop" }].filter(
        serves,
      )) {
        assert.equal(await sessions.count(filter), 7);
        assert.equal(await sessions.count(filter, 8), 7);
        assert.ok((await sessions.count(filter, 3)) >= 3);
      }
      if (serves({ clientId: "forum" }))
        assert.equal(await sessions.count({ clientId: "forum" }, 3), 0);
    },
  },
];
