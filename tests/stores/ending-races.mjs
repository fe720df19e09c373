// Races between endings and all other changes of the same sessions, from several processes. The
// calls of each round overlap differently, and the assertions hold for every overlap.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { sqlStores } from "../../pkg/sql.js";
import { ROUNDS } from "../long.mjs";
import { Unavailable } from "../servers/server.mjs";
import { startActors } from "./actors.mjs";
import { keyOf } from "./names.mjs";
import { grant, session } from "./samples.mjs";
import { endExpired, endSubject, notices, notified, step } from "./steps.mjs";
import { openUnnamed } from "./support.mjs";

/** Milliseconds. MariaDB answers from a cache if it's queried more often than every 100 of them. */
const POLL = 150;

/**
 * In this many rounds each of two calls comes first at least once, even if one nearly always does.
 */
const MOST_ROUNDS = 1_000;

/** The time of the calls and the expiry of the sessions, in epoch milliseconds. */
const NOW = 10_000;
const EXPIRED = 9_000;
const LATER = 20_000;

/**
 * @typedef {object} Field
 * @property {((store: string, method: string, ...args: unknown[]) => Promise<any>)[]} actors
 * @property {object} stores
 * @property {(sql: string) => Promise<object[]>} query
 */

/**
 * Declares the tests with its own server and four processes. Without the server, declares a skipped
 * test with the reason.
 *
 * @param {string} name of the engine
 * @param {() => Promise<import("./engines.mjs").Engine & { stop: () => Promise<void> }>} start
 * @param {string} waiting a query that returns the number `n` of transactions that wait for a lock
 */
export async function testServerRaces(name, start, waiting) {
  const engine = await start().catch((error) => {
    if (!(error instanceof Unavailable)) throw error;
    test(`races on ${name}`, { skip: error.message }, () => {});
  });
  if (engine === undefined) return;
  after(() => engine.stop());
  const open = async (t, count) => {
    const stores = await openUnnamed(t, engine);
    return { stores, query: stores.query, actors: await startActors(t, name, stores.place, count) };
  };
  testRaces(name, (t) => open(t, 4));

  /** Makes a change in a transaction, and commits it once a call waits for it. */
  const whileUncommitted = async ({ stores, query }, change, call) => {
    let isDone = false;
    let called;
    await stores.kysely.transaction().execute(async (transaction) => {
      assert.equal(await change(sqlStores(transaction, engine.options)), true);
      called = call().finally(() => {
        isDone = true;
      });
      for (
        let n = 0;
        n === 0;
        [{ n }] = (await query(waiting)).map(({ n }) => ({ n: Number(n) }))
      ) {
        assert.ok(!isDone, "the call doesn't wait");
        await setTimeout(POLL);
      }
    });
    return await called;
  };

  describe(`calls that wait on ${name}`, () => {
    for (const by of ["subject", "session"]) {
      test(`an ending that waited notifies a client by ${by} that was added meanwhile`, async (t) => {
        const field = await open(t, 1);
        const [key] = await create(field.stores, "alice", 3, { clients: CLIENTS });
        const clients = [notified("mail", by), notified("shop", by)];
        const { ended, recorded } = await whileUncommitted(
          field,
          ({ sessions }) => sessions.addClient(key, { clientId: "mail" }, NOW),
          () =>
            field.actors[0](
              "atomic",
              "endSessions",
              endSubject("alice", { notify: notices({ clients, others: false }) }),
            ),
        );
        assert.deepEqual([ended, recorded], [3, by === "subject" ? 2 : 4]);
        assert.equal((await field.stores.outbox.list({ clientId: "mail" })).length, 1);
      });
    }

    for (const [what, condition] of Object.entries({
      "is expired": { expiredAt: NOW },
      "has its subject": { subjectId: "alice" },
    })) {
      test(`a removal that waited checks again whether a session ${what}`, async (t) => {
        const field = await open(t, 1);
        const keys = await create(field.stores, "alice", 3, { expires: EXPIRED, clients: CLIENTS });
        const removed = await whileUncommitted(
          field,
          ({ sessions }) =>
            sessions.update(keys[1], { subjectId: "bob", expires: LATER }, { expires: EXPIRED }),
          () => field.actors[0]("sessions", "remove", keys, condition),
        );
        assert.deepEqual(removed.map(({ key }) => key).sort(), [keys[0], keys[2]].sort());
        assert.equal((await field.stores.sessions.get(keys[1])).subjectId, "bob");
      });
    }

    test("a step that waited checks again whether a session matches", async (t) => {
      const field = await open(t, 1);
      const keys = await create(field.stores, "alice", 3, { expires: EXPIRED, clients: CLIENTS });
      const { ended, recorded } = await whileUncommitted(
        field,
        ({ sessions }) => sessions.update(keys[0], { subjectId: "bob" }),
        () => field.actors[0]("atomic", "endSessions", endSubject("alice")),
      );
      assert.deepEqual([ended, recorded], [2, 2 * CLIENTS.length]);
      assert.equal((await field.stores.sessions.get(keys[0])).subjectId, "bob");
    });

    test("a step whose sessions another call has ended reports more", async (t) => {
      const field = await open(t, 1);
      await create(field.stores, "alice", 3, { clients: CLIENTS });
      const firstTwo = endSubject("alice", { limit: 2 });
      const overtaken = await whileUncommitted(
        field,
        async ({ atomic }) => (await atomic.endSessions(firstTwo)).ended === 2,
        () => field.actors[0]("atomic", "endSessions", firstTwo),
      );
      assert.deepEqual([overtaken.ended, overtaken.more], [0, true]);
      const again = await field.actors[0]("atomic", "endSessions", firstTwo);
      assert.deepEqual([again.ended, again.more], [1, false]);
    });

    test("a step by expiry skips a session that is being extended", async (t) => {
      const field = await open(t, 1);
      const keys = await create(field.stores, "alice", 3, { expires: EXPIRED, clients: CLIENTS });
      await field.stores.kysely.transaction().execute(async (transaction) => {
        const { sessions } = sqlStores(transaction, engine.options);
        assert.equal(
          await sessions.update(keys[1], { expires: LATER }, { expires: EXPIRED }),
          true,
        );
        const { ended } = await field.actors[0]("atomic", "endSessions", endExpired(NOW));
        assert.equal(ended, 2);
      });
      assert.equal((await field.stores.sessions.get(keys[1])).expires, LATER);
    });
  });
}

/**
 * Declares the tests.
 *
 * @param {string} name of the engine
 * @param {(t: TestContext) => Promise<Field>} open
 */
export function testRaces(name, open) {
  const rounds = (title, play) =>
    test(title, async (t) => {
      const field = await open(t);
      const tally = {};
      for (let round = 0; round < ROUNDS; round += 1) {
        const outcome = await play(field, `${round}`);
        tally[outcome] = (tally[outcome] ?? 0) + 1;
      }
      t.diagnostic(JSON.stringify(tally));
      await assertListed(field);
      return tally;
    });
  const racesBothWays = (title, play) =>
    test(title, async (t) => {
      const field = await open(t);
      const tally = { true: 0, false: 0 };
      const hasBoth = () => tally.true > 0 && tally.false > 0;
      for (let round = 0; round < ROUNDS || (round < MOST_ROUNDS && !hasBoth()); round += 1)
        tally[await play(field, `${round}`)] += 1;
      t.diagnostic(JSON.stringify(tally));
      assert.ok(hasBoth(), "only one of the two ever came first");
      await assertListed(field);
    });

  describe(`races on ${name}, ${ROUNDS} rounds of each`, () => {
    for (const by of ["subject", "session"]) {
      racesBothWays(
        `a client that joins is notified by ${by}, or rejected`,
        async (field, subject) => {
          const { actors, stores } = field;
          await create(stores, subject, 2, { clients: [{ clientId: "shop" }] });
          const clients = ["shop", "mail"].map((clientId) => notified(clientId, by));
          const [joined, ended] = await Promise.all([
            actors[0]("sessions", "addClient", keyIn(subject, 0), { clientId: "mail" }, NOW),
            actors[1](
              "atomic",
              "endSessions",
              endSubject(subject, { notify: notices({ clients }) }),
            ),
          ]);
          assert.equal(ended.ended, 2);
          const recorded = await stores.outbox.list({ subjectId: subject });
          const counts = countBy(recorded, ({ clientId }) => clientId);
          assert.deepEqual(counts, { shop: by === "subject" ? 1 : 2, ...(joined && { mail: 1 }) });
          assert.equal(ended.recorded, recorded.length);
          return joined;
        },
      );
    }

    racesBothWays(
      "an extension keeps a session from expiring, or fails",
      async (field, subject) => {
        const { actors, stores } = field;
        await create(stores, subject, 1, { expires: EXPIRED, clients: [{ clientId: "shop" }] });
        const [extended, ended] = await Promise.all([
          actors[0](
            "sessions",
            "update",
            keyIn(subject, 0),
            { expires: LATER },
            { expires: EXPIRED },
          ),
          actors[1]("atomic", "endSessions", endExpired(NOW)),
        ]);
        const row = await stores.sessions.get(keyIn(subject, 0));
        const recorded = await stores.outbox.list({ subjectId: subject });
        const extendedOutcome = { row: LATER, ended: 0, recorded: 0 };
        // A session that is being changed is skipped, and one that has just been removed can't be
        // extended. So exactly one of the two calls succeeds.
        assert.deepEqual(
          { row: row?.expires, ended: ended.ended, recorded: recorded.length },
          extended ? extendedOutcome : { row: undefined, ended: 1, recorded: 1 },
        );
        return extended;
      },
    );

    rounds(
      "two endings of a subject end each session, notify each client and revoke each token once",
      async (field, subject) => {
        const { actors, stores } = field;
        const keys = await create(stores, subject, 6, { clients: CLIENTS });
        for (const key of keys) {
          await stores.grants.store(grant(`token of ${key}`, { subjectId: subject }));
        }
        const ending = endSubject(subject, {
          notify: notices({ clients: [notified("shop", "session"), notified("forum", "session")] }),
        });
        const results = await Promise.all(
          [actors[0], actors[1]].map((actor) => actor("atomic", "endSessions", ending)),
        );
        assertEachOnce(results, sidsIn(subject, 6));
        const recorded = results.flatMap(({ notifications }) => notifications.map(({ id }) => id));
        assert.deepEqual(recorded.sort(), idsOf(await stores.outbox.list({ subjectId: subject })));
        assert.equal(new Set(recorded).size, 12);
        assert.equal(results[0].tokens + results[1].tokens, 6);
        return results.map(({ ended }) => ended > 0).join();
      },
    );

    rounds(
      "eight concurrent admissions add no more sessions than the limit",
      async (field, subject) => {
        const { actors, stores } = field;
        const active = Number(subject) % 3;
        await create(stores, subject, active, { expires: LATER });
        await create(stores, subject, 2, { expires: EXPIRED }, active);
        const limit = 3;
        const admitted = await Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            actors[n % actors.length](
              "atomic",
              "admit",
              rowOf(subject, 100 + n, { expires: LATER, clients: CLIENTS }),
              limit,
              NOW,
            ),
          ),
        );
        assert.equal(admitted.filter(Boolean).length, limit - active);
        const filter = { subjectId: { equals: subject }, activeAt: NOW };
        assert.equal(await stores.sessions.count(filter), limit);
        assert.equal(await stores.sessions.count({ ...filter, clientId: "shop" }), limit - active);
        return `${active}`;
      },
    );

    for (const by of ["created", "renewed"]) {
      rounds(`several sign-ins keep the last sessions by \`${by}\``, async (field, subject) => {
        const { actors, stores } = field;
        const keep = 2;
        await create(stores, subject, keep, { clients: CLIENTS });
        const surplus = { keep, by, activeAt: NOW };
        const signIn = async (actor, n) => {
          const row = rowOf(subject, 100 + n, {
            created: 2_000 + (n % 2),
            renewed: 2_000,
            clients: CLIENTS,
          });
          await actor("sessions", "create", row);
          const ended = [];
          for (let more = true; more; ) {
            const result = await actor("atomic", "endSessions", endSubject(subject, { surplus }));
            ended.push(...result.sessions);
            more = result.more;
          }
          return ended;
        };
        const ended = (
          await Promise.all([0, 1, 2, 3].map((n) => signIn(actors[n % actors.length], n)))
        ).flat();
        const left = await stores.sessions.list(everyOf(subject));
        assert.equal(left.sessions.length, keep);
        assert.equal(new Set(ended.map(({ sessionId }) => sessionId)).size, 4);
        assert.equal(ended.length, 4);
        const isNew = ({ renewed }) => renewed === 2_000;
        assert.ok(left.sessions.every(isNew), "an older session was kept");
        if (by === "created") {
          assert.ok(left.sessions.every(({ created }) => created === 2_001));
        }
        const recorded = await stores.outbox.list({ subjectId: subject });
        assert.equal(recorded.length, 4 * CLIENTS.length);
        return "exactly";
      });
    }

    rounds(
      "a removal, an expiry, a list of keys, joins and renewals of the same sessions overlap",
      async (field, subject) => {
        const { actors, stores } = field;
        const keys = await create(stores, subject, 6, { expires: EXPIRED, clients: CLIENTS });
        const [first, second, third = first, fourth = second] = actors;
        const bySession = { notify: notices() };
        const untilNone = async (actor, ending) => {
          const results = [await actor("atomic", "endSessions", ending)];
          while (results.at(-1).more) results.push(await actor("atomic", "endSessions", ending));
          return results;
        };
        const [byKeys, ...others] = await Promise.all([
          fourth("sessions", "remove", [...keys].reverse().slice(0, 3)),
          untilNone(first, endSubject(subject, { ...bySession, limit: 4 })),
          untilNone(second, endExpired(NOW, { ...bySession, limit: 3 })),
          untilNone(third, step({ keys: [...keys].reverse(), ...bySession })),
          ...keys.map(async (key, n) => {
            await fourth("sessions", "addClient", key, { clientId: "mail" }, 0);
            await third(
              "sessions",
              "update",
              key,
              { renewed: NOW + n },
              { sessionId: sidOf(subject, n) },
            );
          }),
        ]);
        const results = others.slice(0, 3).flat();
        const removed = byKeys.map(({ subjectId, sessionId }) => ({ subjectId, sessionId }));
        assertEachOnce(
          [...results, { ended: removed.length, sessions: removed }],
          sidsIn(subject, 6),
        );
        const recorded = await stores.outbox.list({ subjectId: subject });
        const ofMembers = recorded.filter(({ clientId }) =>
          CLIENTS.some((client) => client.clientId === clientId),
        );
        assert.equal(ofMembers.length, (6 - removed.length) * CLIENTS.length);
        assert.equal(
          results.reduce((sum, { recorded }) => sum + recorded, 0),
          recorded.length,
        );
        return `${removed.length} by keys`;
      },
    );
  });
}

const CLIENTS = [{ clientId: "shop" }, { clientId: "forum" }];

const sidOf = (subject, n) => `${subject}, ${n}`;
const sidsIn = (subject, count) => Array.from({ length: count }, (_, n) => sidOf(subject, n));
const keyIn = (subject, n) => keyOf(sidOf(subject, n));
const everyOf = (subject) => ({
  filter: { subjectId: { equals: subject } },
  order: "oldest",
  limit: 100,
});

function rowOf(subject, n, members) {
  return session(keyIn(subject, n), {
    subjectId: subject,
    sessionId: sidOf(subject, n),
    ...members,
  });
}

/** Creates sessions of a subject, and returns their keys. */
async function create({ sessions }, subject, count, members, from = 0) {
  const numbers = Array.from({ length: count }, (_, n) => from + n);
  for (const n of numbers)
    await sessions.create(rowOf(subject, n, { created: 1_000 + n, ...members }));
  return numbers.map((n) => keyIn(subject, n));
}

const idsOf = (entries) => entries.map(({ id }) => id).sort();

function countBy(items, nameOf) {
  const counts = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}

/** Checks that each session is ended exactly once. */
function assertEachOnce(results, sids) {
  const named = results.flatMap(({ sessions }) => sessions.map(({ sessionId }) => sessionId));
  assert.deepEqual(named.sort(), [...sids].sort());
  assert.equal(
    results.reduce((sum, { ended }) => sum + ended, 0),
    sids.length,
  );
}

/** Checks that the listing of the clients has exactly the existing sessions. */
async function assertListed({ stores, query }) {
  const countEnded = async () => {
    const [{ n }] = await query(`select count(*) as n from rollcall_session_clients
      where id not in (select id from rollcall_sessions)`);
    return Number(n);
  };
  // If the listing keeps ended sessions, each claim removes a portion of them.
  let before = Number.POSITIVE_INFINITY;
  for (let left = await countEnded(); left > 0 && left < before; left = await countEnded()) {
    before = left;
    await stores.outbox.claim({ now: 0, limit: 1, leaseFor: 1 });
  }
  assert.equal(await countEnded(), 0);
  for (const clientId of ["shop", "forum", "mail"]) {
    const { sessions } = await stores.sessions.list({ filter: {}, order: "oldest", limit: 10_000 });
    const joined = sessions.filter(({ clients }) =>
      clients.some((client) => client.clientId === clientId),
    );
    assert.equal(await stores.sessions.count({ clientId }), joined.length);
  }
}
