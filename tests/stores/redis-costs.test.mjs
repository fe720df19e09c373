// The cost of a call on the server, counted in its own commands.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createClient } from "redis";
import { startRedis } from "../servers/redis.mjs";
import { byName } from "./names.mjs";
import { available, keyOf, openUnnamed, rootOf } from "./redis-cases.mjs";
import { grant, notification, session } from "./samples.mjs";

const SESSIONS = 20_000;
const FEW_SESSIONS = 100;
/** How many sessions or grants one call may read, so that other clients don't wait for long. */
const MOST = 1_000;

const server = await available("the costs of the Redis stores", startRedis);
if (server !== undefined) {
  const client = await createClient({ url: server.url }).connect();
  after(async () => {
    await client.close();
    await server.stop();
  });
  const unnamed = openUnnamed(client);
  const { sessions, grants } = byName(unnamed);
  for (let start = 0; start < SESSIONS; start += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => sessions.create(sample(start + n))));
  }

  const few = openUnnamed(client);
  for (let n = 0; n < FEW_SESSIONS; n += 1) await byName(few).sessions.create(sample(n));
  // From here on the server has every script: the first run of a script takes one more command.
  await few.sessions.remove([keyOf("none")]);
  await few.grants.remove({ subjectId: "none" });
  const none = { filter: { subjectId: { equals: "none" } }, order: "oldest", limit: 1 };
  await few.atomic.clientsOf(none);
  await few.atomic.endSessions({ ...none, details: false });

  /** The commands that the server runs meanwhile, with their counts, including those of scripts. */
  const commandsOf = async (work) => {
    const before = await calls();
    await work();
    const after = await calls();
    return Object.fromEntries(
      Object.keys(after).map((name) => [name, after[name] - (before[name] ?? 0)]),
    );
  };
  const calls = async () => {
    const stats = await client.info("commandstats");
    const entries = Array.from(
      stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm),
      ([, name, count]) => [name, Number(count)],
    );
    return Object.fromEntries(entries.filter(([name]) => name !== "info"));
  };

  test("a deep page takes the same commands as the first one", async () => {
    for (const filter of [
      {},
      { clientId: "shop" },
      { clientId: "shop", issuer: "https://id.example.com" },
    ]) {
      for (const order of ["newest", "expiry"]) {
        const request = { filter, order, limit: 25 };
        let { positions } = await sessions.list({ ...request, limit: 1_000 });
        for (let page = 1; page < 15; page += 1) {
          ({ positions } = await sessions.list({
            ...request,
            limit: 1_000,
            after: positions.at(-1),
          }));
        }
        const first = await commandsOf(() => sessions.list(request));
        const deep = await commandsOf(() => sessions.list({ ...request, after: positions.at(-1) }));
        assert.deepEqual(deep, first, `${JSON.stringify(filter)}, ${order}`);
      }
    }
  });

  test("a page of one subject reads only that subject's sessions", async () => {
    for (const order of ["newest", "oldest", "expiry"]) {
      const filter = { subjectId: { equals: "subject 7" }, clientId: "shop", activeAt: 5 };
      const { evalsha, zscore, hmget } = await commandsOf(() =>
        sessions.list({ filter, order, limit: 25 }),
      );
      assert.equal(evalsha, 1);
      assert.ok(zscore <= 20 && hmget <= 20, `${order}: ${zscore}, ${hmget}`);
    }
  });

  test("a count that one index answers reads no session", async () => {
    const filters = [
      ...[
        {},
        { subjectId: { equals: "subject 7" } },
        { clientId: "shop" },
        { created: { after: 500, before: 15_000 } },
      ],
      ...[
        { clientId: "shop", created: { after: 500 } },
        { activeAt: 40_000 },
        { expiredAt: 40_000 },
        { expires: { after: 9 } },
      ],
    ];
    for (const filter of filters) {
      const { evalsha, zrange, hmget } = await commandsOf(() => sessions.count(filter));
      assert.deepEqual([evalsha, zrange ?? 0, hmget], [1, 0, 0], JSON.stringify(filter));
    }
  });

  test("a call that skips many sessions returns to the client in between", async () => {
    const disjoint = { clientId: "even", ipAddress: "192.0.2.1" };
    const passing = {
      clientId: "shop",
      created: { after: 500 },
      expires: { after: 1, before: 90_000 },
    };
    const works = [
      [() => sessions.count({ clientId: "shop", activeAt: 40_000 }), "hmget", SESSIONS],
      [
        () => sessions.list({ filter: disjoint, order: "newest", limit: 25 }),
        "zscore",
        SESSIONS / 2,
      ],
      [
        () => sessions.list({ filter: disjoint, order: "expiry", limit: 25 }),
        "zscore",
        SESSIONS / 2,
      ],
      [() => sessions.count(passing), "hmget", SESSIONS - 500],
      [
        () =>
          sessions.list({ filter: { ...passing, activeAt: 90_000 }, order: "newest", limit: 25 }),
        "hmget",
        0,
      ],
    ];
    for (const [work, command, least] of works) {
      const { evalsha, [command]: looks } = await commandsOf(work);
      assert.ok(looks >= least, `${work}: it read ${looks}`);
      // Both of the two conditions may be looked up.
      assert.ok(looks <= 2 * MOST * evalsha, `${work}: it read ${looks} in ${evalsha} calls`);
    }
  });

  /** Creates sessions of one subject with grants and notifications. */
  const fillSubject = async ({ sessions, grants }, count, members = () => ({})) => {
    for (let n = 0; n < count; n += 1) {
      const sessionId = `sid of ending ${n}`;
      await sessions.create({
        ...sample(SESSIONS + n),
        key: keyOf(`ending ${n}`),
        sessionId,
        subjectId: "ending",
        ...members(n),
      });
      await grants.store(grant(`ending ${n}`, { subjectId: "ending", sessionId }));
    }
  };
  const subject = { filter: { subjectId: { equals: "ending" } }, order: "oldest", limit: 200 };
  const surplus = (by) => ({ surplus: { keep: 5, by, activeAt: 0 } });
  const excluded = { exceptSessionIds: Array.from({ length: 5 }, (_, n) => `sid of ending ${n}`) };
  const ofAll = { ...subject, filter: {} };
  const step = (pick) => ({
    ...pick,
    details: true,
    revoke: {
      matching: [{ subjectId: "ending", types: ["user_consent"] }],
      ofSessions: { types: [], ofParticipants: true },
    },
    notify: {
      clients: [{ clientId: "shop", by: "subject", ways: [{ kind: "logout" }] }],
      others: true,
      reason: "terminated",
      created: 0,
      returned: 10,
    },
  });

  const PICKS = {
    "a subject": subject,
    "a subject by expiry": { ...subject, order: "expiry" },
    "a subject except some sessions": { ...subject, ...excluded },
    "a subject's surplus by creation": { ...subject, ...surplus("created") },
    "a subject's surplus by renewal": { ...subject, ...surplus("renewed") },
    "some keys": {
      ...ofAll,
      keys: Array.from({ length: 40 }, (_, n) => keyOf(`ending ${n}`)),
    },
    "a subject at a client that most sessions have": {
      ...subject,
      filter: { ...subject.filter, clientId: "shop", issuer: "https://id.example.com" },
    },
  };
  for (const [name, pick] of Object.entries(PICKS)) {
    test(`a step on ${name} takes the same commands with many sessions as with few`, async () => {
      const counts = [];
      for (const stores of [few, unnamed]) {
        await fillSubject(stores, 20);
        const looked = await commandsOf(() => stores.atomic.clientsOf(pick));
        let result;
        const ended = await commandsOf(async () => {
          result = await stores.atomic.endSessions(step(pick));
        });
        const kept = pick.surplus || pick.exceptSessionIds ? 5 : 0;
        assert.deepEqual([result.ended, result.tokens, result.more], [20 - kept, 20 - kept, false]);
        counts.push([looked, ended].map(onlyUsed));
        await stores.sessions.remove(Array.from({ length: 20 }, (_, n) => keyOf(`ending ${n}`)));
        await stores.grants.remove({ subjectId: "ending" });
      }
      assert.deepEqual(counts[1], counts[0]);
    });
  }

  test("the number of commands of a step depends on the sessions that it ends", async () => {
    // Among all sessions, the oldest ones and the ones that expire first.
    const first = (n) => ({ created: -1_000 + n, expires: -1_000 + n });
    for (const pick of [ofAll, { ...ofAll, order: "expiry" }, { ...ofAll, ...excluded }]) {
      const counts = [];
      for (const limit of [20, 40, 60]) {
        await fillSubject(unnamed, 100, first);
        const { endSessions } = unnamed.atomic;
        const commands = await commandsOf(() => endSessions(step({ ...pick, limit })));
        counts.push(Object.values(commands).reduce((sum, calls) => sum + calls, 0));
        await unnamed.sessions.remove(Array.from({ length: 100 }, (_, n) => keyOf(`ending ${n}`)));
        await unnamed.grants.remove({ subjectId: "ending" });
      }
      assert.equal(counts[2] - counts[1], counts[1] - counts[0], `${counts}`);
      // For each session with its two clients and its grant: 11 commands for the session, 10 for
      // the grant, 7 for the notification of the second client, and the look-ups.
      assert.ok((counts[1] - counts[0]) / 20 <= 40, `${counts}`);
    }
  });

  test("a surplus by creation reads the sessions that it keeps and ends", async () => {
    const looksAt = async (limit) => {
      const pick = { ...subject, ...surplus("created"), limit };
      const { hmget, hget, hgetall } = await commandsOf(() => unnamed.atomic.clientsOf(pick));
      return [hmget, hget, hgetall];
    };
    await fillSubject(unnamed, 1_000);
    // Five that are kept, ten that end, and one that shows that there are more.
    assert.deepEqual(await looksAt(10), [16, 0, 11]);
    const keys = Array.from({ length: 1_000 }, (_, n) => keyOf(`ending ${n}`));
    await unnamed.sessions.remove(keys.slice(20));
    // Five that are kept, and all others.
    assert.deepEqual(await looksAt(200), [20, 0, 15]);
    await unnamed.sessions.remove(Array.from({ length: 1_000 }, (_, n) => keyOf(`ending ${n}`)));
    await unnamed.grants.remove({ subjectId: "ending" });
  });

  test("an admission reads the subject's sessions up to the limit", async () => {
    await fillSubject(unnamed, 50);
    const admit = (name, limit) =>
      unnamed.atomic.admit(session(keyOf(name), { subjectId: "ending" }), limit, 0);
    for (const [limit, isAdmitted, looks] of [
      [10, false, 10],
      [50, false, 50],
      [51, true, 50],
    ]) {
      let admitted;
      const { hmget } = await commandsOf(async () => {
        admitted = await admit(`admitted ${limit}`, limit);
      });
      assert.deepEqual([admitted, hmget], [isAdmitted, looks]);
    }
    await unnamed.sessions.remove(
      [...Array.from({ length: 50 }, (_, n) => `ending ${n}`), "admitted 51"].map(keyOf),
    );
    await unnamed.grants.remove({ subjectId: "ending" });
  });

  test("many grants of one client are removed in batches", async () => {
    const key = (n) => `grant ${n}`;
    const members = { type: "refresh_token", clientId: "shop", created: new Date(0), data: "" };
    await Promise.all(
      Array.from({ length: 5_000 }, (_, n) =>
        grants.store({ ...members, key: key(n), subjectId: `subject ${n % 2}` }),
      ),
    );
    const { evalsha, del } = await commandsOf(() =>
      grants.remove({ clientIds: ["shop"], types: ["refresh_token"] }),
    );
    assert.equal(del, 5_000);
    assert.ok(evalsha >= 5 && del <= MOST * evalsha, `${del} in ${evalsha} calls`);
  });

  test("clearing devices reads each session once", async () => {
    const stores = openUnnamed(client);
    const { sessions } = byName(stores);
    for (let n = 0; n < 3_000; n += 1) await sessions.create(sample(n));
    let forgotten;
    const forget = (before, limit) => async () => {
      forgotten = await sessions.forgetDevices(before, limit);
    };
    const looksOf = async (work) => (await commandsOf(work)).hmget ?? 0;
    assert.deepEqual([await looksOf(forget(2_000, 1_500)), forgotten], [1_500, 1_500]);
    assert.deepEqual([await looksOf(forget(2_000, 1_000)), forgotten], [500, 500]);
    assert.deepEqual([await looksOf(forget(2_000, 1_000)), forgotten], [0, 0]);
    assert.deepEqual([await looksOf(forget(2_010, 1_000)), forgotten], [10, 10]);
    await sessions.update("key 7", { ipAddress: "192.0.2.9" });
    await sessions.update("key 2500", { ipAddress: "192.0.2.9" });
    assert.deepEqual([await looksOf(forget(2_010, 1_000)), forgotten], [1, 1]);
    assert.deepEqual([await looksOf(forget(2_010, 1_000)), forgotten], [0, 0]);
    const { sessions: found } = await sessions.list({
      filter: { ipAddress: "192.0.2.9" },
      order: "oldest",
      limit: 5,
    });
    assert.deepEqual(
      found.map(({ created }) => created),
      [2_500],
    );
  });

  test("no keys remain of pruned and removed entries and cleared devices", async () => {
    const stores = openUnnamed(client);
    const { sessions, grants, outbox } = byName(stores);
    const root = rootOf(stores);
    await sessions.create(sample(1));
    await sessions.create(sample(2));
    assert.equal(await sessions.forgetDevices(2, 10), 1);
    await sessions.update("key 1", { userAgent: "Browser/1.0" });
    await sessions.update("key 2", { userAgent: "Browser/1.0" });
    await sessions.remove(["key 1", "key 2"]);
    await grants.store(grant("g", { subjectId: "s", sessionId: "s", expires: new Date(5) }));
    assert.equal(await grants.removeExpired(5, 10), 1);
    await outbox.add(["a", "b"].map((id) => notification(id, { subjectId: "s", sessionId: "s" })));
    await outbox.settle("a", { state: "delivered" }, 5);
    await outbox.settle("b", { state: "failed", error: "gone" }, 5);
    assert.equal(await outbox.prune({ delivered: 6, failed: 6 }, 10), 2);
    const names = (await client.keys(`${root}*`)).map((name) => name.slice(root.length));
    assert.deepEqual(names.sort(), ["arrivals", "forgotten", "layout"]);
  });
}

/** Removes unused commands, because the server's list of them depends on earlier calls. */
function onlyUsed(commands) {
  return Object.fromEntries(Object.entries(commands).filter(([, calls]) => calls > 0));
}

/**
 * All sessions are at one client, and each subject has ten. Every second one is at another client
 * and has a different address.
 */
function sample(n) {
  return session(`key ${n}`, {
    subjectId: `subject ${Math.floor(n / 10)}`,
    created: n,
    expires: SESSIONS + n,
    issuer: "https://id.example.com",
    ipAddress: `192.0.2.${n % 2}`,
    clients: [{ clientId: "shop" }, { clientId: n % 2 === 0 ? "even" : "odd" }],
  });
}
