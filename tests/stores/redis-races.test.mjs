// Calls that reach one Redis concurrently on several connections lose nothing and do nothing twice.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createClient } from "redis";
import { redisStores } from "../../pkg/redis.js";
import { ROUNDS } from "../long.mjs";
import { startRedis } from "../servers/redis.mjs";
import { available, keyOf } from "./redis-cases.mjs";
import { grant, session } from "./samples.mjs";

const CONNECTIONS = 8;
const NOW = 1_000;

const server = await available("races on Redis", startRedis);
if (server !== undefined) {
  const clients = [];
  for (let n = 0; n < CONNECTIONS; n += 1) {
    clients.push(await createClient({ url: server.url }).connect());
  }
  after(async () => {
    for (const client of clients) await client.close();
    await server.stop();
  });

  /** Runs rounds, each with fresh stores on every connection. */
  const inRounds = async (name, run) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const prefix = `${name}-${round}`;
      const stores = clients.map((client) => redisStores(client, { prefix }));
      // The first call of new stores takes one more round trip, so it would never arrive first.
      for (const { sessions } of stores) await sessions.get(keyOf("none"));
      await run(stores, round);
    }
  };

  describe("concurrently on Redis", () => {
    test("a client that was added is notified, and a rejected one is not", async () => {
      const outcomes = { added: 0, refused: 0 };
      await inRounds("add", async ([one, other]) => {
        await one.sessions.create(session(keyOf("a"), { clients: [{ clientId: "shop" }] }));
        const [isAdded, { notifications }] = await atOnce([
          () => one.sessions.addClient(keyOf("a"), { clientId: "late" }, NOW),
          () => other.atomic.endSessions(step({})),
        ]);
        const notified = notifications.map(({ clientId }) => clientId).sort();
        assert.deepEqual(notified, isAdded ? ["late", "shop"] : ["shop"]);
        assert.equal(await one.sessions.get(keyOf("a")), undefined);
        outcomes[isAdded ? "added" : "refused"] += 1;
      });
      assertBoth(outcomes);
    });

    test("a client that is added to many sessions is notified of each ended one", async () => {
      const clientsOf = ({ clients }) => clients.map(({ clientId }) => clientId);
      await inRounds("add-many", async ([one, other, third]) => {
        const names = Array.from({ length: 12 }, (_, n) => `${n}`);
        for (const [n, name] of names.entries()) {
          await one.sessions.create(session(keyOf(name), { sessionId: name, created: n }));
        }
        const [added, ...steps] = await atOnce([
          () =>
            Promise.all(
              names.map((name) => one.sessions.addClient(keyOf(name), { clientId: "late" }, NOW)),
            ),
          // Each step ends some of the sessions, and some remain.
          () => other.atomic.endSessions(step({ limit: 4 })),
          () => third.atomic.endSessions(step({ limit: 4 })),
        ]);
        const notified = steps.flatMap(({ notifications }) =>
          notifications.map(({ sessionId }) => sessionId),
        );
        const { sessions: left } = await one.sessions.list({
          filter: {},
          order: "oldest",
          limit: 20,
        });
        const kept = left.filter((row) => clientsOf(row).includes("late"));
        assert.deepEqual(
          [...notified, ...kept.map(({ sessionId }) => sessionId)].sort(),
          names.filter((_, n) => added[n]).sort(),
        );
        assert.equal(left.length, 4);
      });
    });

    test("two steps end each session once, record each notification once and revoke each grant once", async () => {
      await inRounds("end", async (stores, round) => {
        const [{ sessions, grants, outbox }] = stores;
        const names = Array.from({ length: 6 }, (_, n) => `${n}`);
        for (const [n, name] of names.entries()) {
          const members = { sessionId: name, created: n, clients: [{ clientId: "shop" }] };
          await sessions.create(session(keyOf(name), members));
          await grants.store(grant(`of ${name}`, { subjectId: "alice", sessionId: name }));
        }
        const by = round % 2 === 0 ? "subject" : "session";
        const notify = notices({
          clients: [{ clientId: "shop", by, ways: [{ kind: "logout" }] }],
          others: false,
        });
        const revoke = {
          ofSessions: { types: [], ofParticipants: true },
          matching: [{ subjectId: "alice" }],
        };
        const results = await atOnce(
          stores.slice(0, 2).map(
            ({ atomic }) =>
              () =>
                atomic.endSessions(step({ limit: 4, details: true, notify, revoke })),
          ),
        );
        assert.deepEqual(
          results.flatMap(({ sessions }) => sessions.map(({ sessionId }) => sessionId)).sort(),
          names,
        );
        assert.deepEqual(results.map(({ ended }) => ended).sort(), [2, 4]);
        assert.deepEqual(results.map(({ tokens }) => tokens).sort(), [0, 6]);
        const ids = results.flatMap(({ notifications }) => notifications.map(({ id }) => id));
        assert.equal(new Set(ids).size, by === "subject" ? 2 : 6);
        assert.equal(
          results.reduce((sum, { recorded }) => sum + recorded, 0),
          ids.length,
        );
        assert.deepEqual((await outbox.list({})).map(({ id }) => id).sort(), ids.sort());
      });
    });

    test("a step and a removal by keys end each session once", async () => {
      const outcomes = { step: 0, removal: 0 };
      await inRounds("remove", async ([one, other]) => {
        await one.sessions.create(session(keyOf("a"), { clients: [{ clientId: "shop" }] }));
        const [removed, { ended, recorded }] = await atOnce([
          () => one.sessions.remove([keyOf("a")], { subjectId: "alice" }),
          () => other.atomic.endSessions(step({})),
        ]);
        assert.equal(removed.length + ended, 1);
        assert.equal(recorded, ended);
        outcomes[ended === 1 ? "step" : "removal"] += 1;
      });
      assertBoth(outcomes);
    });

    test("eight sign-ins leave exactly the limit", async () => {
      await inRounds("admit", async (stores, round) => {
        const limit = 1 + (round % 5);
        const [{ sessions }] = stores;
        // It has expired, so it doesn't count.
        await sessions.create(session(keyOf("expired"), { expires: NOW }));
        const admitted = await atOnce(
          stores.map(
            ({ atomic }, n) =>
              () =>
                atomic.admit(session(keyOf(`${n}`), { expires: NOW + 1 }), limit, NOW),
          ),
        );
        assert.equal(admitted.filter((isAdmitted) => isAdmitted).length, limit);
        const filter = { subjectId: { equals: "alice" }, activeAt: NOW };
        const { sessions: active } = await sessions.list({ filter, order: "oldest", limit: 20 });
        assert.deepEqual(
          active.map(({ key }) => key).sort(),
          admitted.flatMap((isAdmitted, n) => (isAdmitted ? [keyOf(`${n}`)] : [])).sort(),
        );
      });
    });

    test("surplus steps leave exactly the last sessions", async () => {
      await inRounds("surplus", async (stores, round) => {
        const by = round % 2 === 0 ? "created" : "renewed";
        const keep = 1 + (round % 4);
        const [{ sessions, outbox }] = stores;
        const surplus = { keep, by, activeAt: NOW };
        const work = stores.map(({ sessions, atomic }, n) => async () => {
          // By renewal time the order is reversed.
          const members = { created: n, renewed: 100 - n, clients: [{ clientId: "shop" }] };
          await sessions.create(session(keyOf(`${n}`), members));
          return await atomic.endSessions(step({ surplus }));
        });
        const results = await atOnce(work);
        assert.equal(
          results.reduce((sum, { ended }) => sum + ended, 0),
          CONNECTIONS - keep,
        );
        const { sessions: left } = await sessions.list({ filter: {}, order: "oldest", limit: 20 });
        const numbers = Array.from({ length: CONNECTIONS }, (_, n) => n);
        const kept = by === "created" ? numbers.slice(-keep) : numbers.slice(0, keep);
        assert.deepEqual(
          left.map(({ key }) => key),
          kept.map((n) => keyOf(`${n}`)),
        );
        assert.equal((await outbox.list({})).length, CONNECTIONS - keep);
      });
    });

    test("a session is either renewed or expires", async () => {
      const outcomes = { renewed: 0, expired: 0 };
      await inRounds("expire", async ([one, other]) => {
        const members = { expires: NOW, clients: [{ clientId: "shop" }] };
        await one.sessions.create(session(keyOf("a"), members));
        const [isRenewed, { ended, recorded }] = await atOnce([
          () =>
            one.sessions.update(
              keyOf("a"),
              { renewed: NOW, expires: 2 * NOW },
              { subjectId: "alice", expires: NOW },
            ),
          () => other.atomic.endSessions(step({ filter: { expiredAt: NOW }, order: "expiry" })),
        ]);
        assert.deepEqual([ended, recorded], isRenewed ? [0, 0] : [1, 1]);
        const left = await one.sessions.get(keyOf("a"));
        assert.equal(left?.expires, isRenewed ? 2 * NOW : undefined);
        outcomes[isRenewed ? "renewed" : "expired"] += 1;
      });
      assertBoth(outcomes);
    });

    test("only one of two changes that rely on the same value is applied", async () => {
      await inRounds("update", async (stores) => {
        const [{ sessions }] = stores;
        await sessions.create(session(keyOf("a"), { renewed: 1 }));
        const changed = await atOnce(
          stores.map(
            ({ sessions }, n) =>
              () =>
                sessions.update(keyOf("a"), { renewed: 10 + n }, { renewed: 1 }),
          ),
        );
        assert.equal(changed.filter((isChanged) => isChanged).length, 1);
        assert.equal((await sessions.get(keyOf("a"))).renewed, 10 + changed.indexOf(true));
      });
    });
  });
}

/**
 * Starts the calls concurrently in a random order. Each uses its own connection, so the server
 * mostly reads them in that order.
 */
async function atOnce(works) {
  const results = [];
  const inTurn = works.map((work, index) => ({ work, index, turn: Math.random() }));
  inTurn.sort((one, other) => one.turn - other.turn);
  await Promise.all(
    inTurn.map(async ({ work, index }) => {
      results[index] = await work();
    }),
  );
  return results;
}

/** If one outcome never occurred, the rounds didn't test the race. */
function assertBoth(outcomes) {
  for (const [name, count] of Object.entries(outcomes)) assert.ok(count > 0, `never ${name}`);
}

function step(members) {
  return {
    filter: {},
    order: "oldest",
    limit: 1_000,
    details: false,
    notify: notices({ others: true }),
    ...members,
  };
}

function notices(members) {
  return { clients: [], reason: "terminated", created: NOW, returned: 100, ...members };
}
