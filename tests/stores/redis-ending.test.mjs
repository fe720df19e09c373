// Endings of sessions as a set on Redis, beyond the conformance kit.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createClient } from "redis";
import { startRedis } from "../servers/redis.mjs";
import { available, keyOf, openUnnamed, rootOf } from "./redis-cases.mjs";
import { grant, notification, session } from "./samples.mjs";

const server = await available("sessions that end as a set on Redis", startRedis);
if (server !== undefined) {
  const client = await createClient({ url: server.url }).connect();
  after(async () => {
    await client.close();
    await server.stop();
  });

  describe("a step on Redis", () => {
    test("ends the first 200 sessions in its order, and returns the last position", async () => {
      for (const [order, members] of [
        ["oldest", (n) => ({ created: n })],
        // Each session expires before the one that was created before it.
        ["expiry", (n) => ({ created: n, expires: 10_000 - n })],
      ]) {
        const stores = openUnnamed(client);
        const names = await createMany(stores, 450, members);
        if (order === "expiry") names.reverse();
        const { positions } = await stores.sessions.list({ filter: {}, order, limit: 450 });
        const steps = [];
        let after;
        do {
          const result = await stores.atomic.endSessions(step({ order, after, details: true }));
          steps.push(result);
          after = result.last;
        } while (steps.at(-1).more);
        assert.deepEqual(
          steps.map(({ ended, last, more }) => [ended, last, more]),
          [
            [200, positions[199], true],
            [200, positions[399], true],
            [50, positions[449], false],
          ],
        );
        assert.deepEqual(
          steps.flatMap(({ sessions }) => sessions.map(({ sessionId }) => sessionId)),
          names.map((name) => `sid of ${name}`),
        );
        assert.equal(await stores.sessions.count({}), 0);
        assert.deepEqual(await keysLeft(client, stores), ["arrivals", "layout"]);
      }
    });

    test("reports exactly whether there are more, even if it ends as many sessions as its limit", async () => {
      for (const [limit, more] of [
        [4, true],
        [5, false],
        [6, false],
      ]) {
        for (const pick of [{}, { keys: namesOf(5).map(keyOf) }]) {
          const { sessions, atomic } = openUnnamed(client);
          await createMany({ sessions }, 5);
          const result = await atomic.endSessions(step({ limit, ...pick }));
          assert.deepEqual([result.ended, result.more], [Math.min(limit, 5), more]);
        }
      }
    });

    test("continues if the first thousands of sessions don't match", async () => {
      const stores = openUnnamed(client);
      const { sessions, grants, outbox, atomic } = stores;
      const count = 2_500;
      const shop = [{ clientId: "shop" }];
      await createMany(stores, count, (n) => ({
        created: n,
        issuer: n % 2 === 0 ? "even" : "odd",
        // Only the last sessions at this address are even.
        ipAddress: n % 2 === 1 || n >= count - 6 ? "here" : "there",
        clients: shop,
      }));
      await grants.store(grant("token", { subjectId: "alice" }));
      const filter = { issuer: "even", ipAddress: "here" };
      const pick = { filter, limit: 2 };
      assert.deepEqual(await atomic.clientsOf({ ...pick, order: "oldest" }), ["shop"]);
      const revoke = { matching: [{ subjectId: "alice" }] };
      const first = await atomic.endSessions(
        step({ ...pick, details: true, revoke, notify: notices({ others: true }) }),
      );
      assert.deepEqual(first.sessions, [
        { subjectId: "alice", sessionId: `sid of ${count - 6}`, issuer: "even" },
        { subjectId: "alice", sessionId: `sid of ${count - 4}`, issuer: "even" },
      ]);
      assert.deepEqual([first.more, first.recorded, first.tokens], [true, 2, 1]);
      const second = await atomic.endSessions(step({ ...pick, after: first.last }));
      assert.deepEqual([second.ended, second.more], [1, false]);
      assert.deepEqual(await atomic.clientsOf({ ...pick, order: "oldest" }), []);
      // It ends no session, but still does the work that depends on no session.
      await grants.store(grant("token", { subjectId: "alice" }));
      const third = await atomic.endSessions(step({ ...pick, revoke }));
      assert.deepEqual(third, {
        ended: 0,
        recorded: 0,
        notifications: [],
        more: false,
        tokens: 1,
        consents: 0,
        other: 0,
      });
      assert.equal(await sessions.count({}), count - 3);
      assert.equal((await outbox.list({})).length, 2);
    });

    test("skips sessions that the server lost, and repairs the indexes", async () => {
      const picks = [
        [{}, ["sessions"]],
        [{ filter: { subjectId: { equals: "alice" } } }, ["sessions", "sessions.subjectId:alice"]],
        [{ filter: { activeAt: 1 } }, ["sessions"]],
        [{ order: "expiry" }, ["sessions.expires"]],
        [{ surplus: { keep: 2, by: "created", activeAt: 1 } }, ["sessions"]],
        [{ surplus: { keep: 2, by: "renewed", activeAt: 1 } }, ["sessions"]],
        [{ keys: namesOf(5).map(keyOf) }, ["sessions", "keys"]],
      ];
      for (const [pick, cleared] of picks) {
        const stores = openUnnamed(client);
        await createMany(stores, 5, (n) => ({ created: n, expires: 10 + n }));
        const root = rootOf(stores);
        const place = await client.hGet(`${root}keys`, keyOf("3"));
        await client.del(`${root}session:${place.slice(-10)}`);
        const result = await stores.atomic.endSessions(step({ ...pick, details: true }));
        const what = JSON.stringify(pick);
        const ended = pick.surplus === undefined ? ["0", "1", "2", "4"] : ["0", "1"];
        assert.deepEqual(
          result.sessions.map(({ sessionId }) => sessionId),
          ended.map((name) => `sid of ${name}`),
          what,
        );
        for (const key of cleared) {
          const members =
            key === "keys"
              ? await client.hKeys(root + key)
              : await client.zRange(root + key, 0, -1);
          const left = pick.surplus === undefined ? 0 : 2;
          assert.equal(members.length, left, `${what}, ${key}`);
        }
      }
    });

    test("skips grants that the server lost, and repairs the indexes", async () => {
      const stores = openUnnamed(client);
      const { sessions, grants, atomic } = stores;
      const root = rootOf(stores);
      for (const revoke of [
        { matching: [{ subjectId: "alice" }] },
        { ofSessions: { types: [] } },
      ]) {
        await sessions.create(session(keyOf("a")));
        const members = { subjectId: "alice", sessionId: `sid of ${keyOf("a")}` };
        await grants.store(grant("kept", members));
        await grants.store(grant("lost", members));
        await client.del(`${root}grant:lost`);
        assert.deepEqual(await grants.list({ subjectId: "alice" }), [grant("kept", members)]);
        const { tokens, other } = await atomic.endSessions(step({ revoke }));
        assert.deepEqual([tokens, other], [1, 0]);
        const walked = revoke.matching ? "subjectId:alice" : `sessionId:${members.sessionId}`;
        assert.equal(await client.exists(`${root}grants.${walked}`), 0);
      }
    });

    test("accepts lists and sessions of any length", async () => {
      const { sessions, grants, outbox, atomic } = openUnnamed(client);
      const many = 10_000;
      const clients = Array.from({ length: many }, (_, n) => ({ clientId: `client ${n}` }));
      const keys = Array.from({ length: many }, (_, n) => keyOf(`${n}`));
      await sessions.create(session(keyOf("9999"), { sessionId: "sid", clients }));
      await sessions.create(session(keyOf("9998"), { sessionId: "excluded 9999" }));
      const ofSession = { subjectId: "alice", sessionId: "sid" };
      for (let n = 0; n < many; n += 100) {
        await grants.store(grant(`token ${n}`, { ...ofSession, clientId: `client ${n}` }));
      }
      const pick = {
        filter: {},
        order: "oldest",
        limit: 1_000,
        keys: [...keys, ...keys],
        exceptSessionIds: keys.map((_, n) => `excluded ${n}`),
      };
      assert.equal((await atomic.clientsOf(pick)).length, many);
      const clientIds = clients.map(({ clientId }) => clientId);
      const result = await atomic.endSessions({
        ...pick,
        details: true,
        revoke: {
          matching: [{ clientIds, types: clientIds }],
          ofSessions: { types: ["refresh_token", ...clientIds], clientIds },
        },
        notify: notices({
          clients: clientIds.map((clientId) => ({
            clientId,
            by: "session",
            ways: [{ kind: "logout" }],
          })),
          returned: many,
        }),
      });
      const { notifications, ...counts } = result;
      assert.equal(new Set(notifications.map(({ id }) => id)).size, many);
      assert.deepEqual(counts, {
        ended: 1,
        sessions: [ofSession],
        recorded: many,
        more: false,
        last: counts.last,
        tokens: many / 100,
        consents: 0,
        other: 0,
      });
      assert.equal((await outbox.list({})).length, many);
      const { sessions: left } = await sessions.list({ filter: {}, order: "oldest", limit: 5 });
      assert.deepEqual(
        left.map(({ key }) => key),
        [keyOf("9998")],
      );
    });

    test("keeps times exact up to the largest safe integer", async () => {
      const { sessions, outbox, atomic } = openUnnamed(client);
      const last = Number.MAX_SAFE_INTEGER;
      const times = { created: last - 1, renewed: last - 1, expires: last };
      await sessions.create(session(keyOf("a"), { ...times, clients: [{ clientId: "shop" }] }));
      const { ids } = await sessions.list({ filter: {}, order: "oldest", limit: 1 });
      const { notifications } = await atomic.endSessions(
        step({
          filter: { activeAt: last - 1 },
          notify: notices({ others: true, created: last - 2, notBefore: last - 1 }),
        }),
      );
      const expected = {
        id: `session:${ids[0]}:shop`,
        clientId: "shop",
        subjectId: "alice",
        sessionId: `sid of ${keyOf("a")}`,
        reason: "terminated",
        attempt: 0,
        created: last - 2,
      };
      assert.deepEqual(notifications, [{ ...expected, notBefore: last - 1 }]);
      const claim = (now) => outbox.claim({ now, limit: 5, leaseFor: 1 });
      assert.deepEqual(await claim(last - 2), []);
      assert.deepEqual(await claim(last - 1), [expected]);
    });

    test("distinguishes ids that are the same when concatenated", async () => {
      const { sessions, atomic } = openUnnamed(client);
      // If they were joined without the lengths of all parts, some of these would be the same.
      const alike = [
        { subjectId: "a", issuer: "b:c", clients: [{ clientId: "d" }] },
        { subjectId: "a:b", issuer: "c", clients: [{ clientId: "d" }] },
        { subjectId: "a", issuer: "b", clients: [{ clientId: "c:d" }] },
        { subjectId: "a:b:c", clients: [{ clientId: "d" }] },
        { subjectId: "a:b:c", issuer: "", clients: [{ clientId: "d" }] },
        { subjectId: "a:b:c", issuer: "-", clients: [{ clientId: "d" }] },
        { subjectId: "a", issuer: "b1:c", clients: [{ clientId: "d" }] },
        { subjectId: "a4:b", issuer: "c", clients: [{ clientId: "d" }] },
      ];
      for (const [n, members] of alike.entries()) {
        await sessions.create(session(keyOf(`${n}`), { created: n, ...members }));
      }
      const { ids } = await sessions.list({ filter: {}, order: "oldest", limit: 10 });
      const ways = [{ kind: "logout", logoutUri: "" }, { kind: "session_revoked" }];
      const { notifications } = await atomic.endSessions(
        step({
          notify: notices({
            clients: ["d", "c:d"].map((clientId) => ({ clientId, by: "subject", ways })),
            returned: 100,
          }),
        }),
      );
      const common = { reason: "terminated", attempt: 0, created: 1_000 };
      const expected = alike.flatMap(({ subjectId, issuer, clients: [{ clientId }] }, n) => {
        const members = { clientId, subjectId, ...(issuer !== undefined && { issuer }), ...common };
        const id = `subject:${ids[n]}:${clientId}`;
        return [
          { id, logoutUri: "", ...members },
          { id: `event:${id}`, kind: "session_revoked", ...members },
        ];
      });
      assert.deepEqual(byId(notifications), byId(expected));
    });

    test("records an id once, whether it's in the outbox already or twice in the step", async () => {
      const { sessions, outbox, atomic } = openUnnamed(client);
      const clients = [{ clientId: "shop" }, { clientId: "forum" }];
      await sessions.create(session(keyOf("a"), { clients }));
      const { ids } = await sessions.list({ filter: {}, order: "oldest", limit: 1 });
      const known = `session:${ids[0]}:shop`;
      await outbox.add([notification(known, { subjectId: "somebody else" })]);
      const uris = ["https://first.example.com", "https://second.example.com"];
      const ways = uris.map((logoutUri) => ({ kind: "logout", logoutUri }));
      const { recorded, notifications } = await atomic.endSessions(
        step({
          notify: notices({
            clients: ["shop", "forum"].map((clientId) => ({ clientId, by: "session", ways })),
          }),
        }),
      );
      const added = `session:${ids[0]}:forum`;
      assert.equal(recorded, 1);
      assert.deepEqual(
        notifications.map(({ id, logoutUri }) => [id, logoutUri]),
        [[added, uris[0]]],
      );
      assert.deepEqual(
        (await outbox.list({})).map(({ id, subjectId }) => [id, subjectId]),
        [
          [added, "alice"],
          [known, "somebody else"],
        ],
      );
    });

    test("changes nothing if it's refused", async () => {
      const stores = openUnnamed(client);
      const { sessions, grants, outbox, atomic } = stores;
      await createMany(stores, 2);
      await grants.store(grant("token", { subjectId: "alice" }));
      const invalid = { code: "invalid_argument" };
      const refused = [
        [{ filter: { renewed: { after: 1 } } }, { code: "unsupported_filter" }],
        [{ filter: { search: { id: "a", name: "a" } } }, { code: "unsupported_filter" }],
        [{ filter: { userAgent: "x" } }, { code: "unsupported_filter" }],
        [{ after: "damaged" }, { code: "invalid_results_token" }],
        [{ limit: 0 }, invalid],
        [{ order: "newest" }, invalid],
        [{ revoke: { matching: [{ subjectId: "alice" }, {}] } }, invalid],
        [{ revoke: { matching: [{ subjectID: "alice", types: ["refresh_token"] }] } }, invalid],
        [{ notify: notices({ created: 2 ** 53 }) }, invalid],
      ];
      for (const [members, error] of refused) {
        const what = JSON.stringify(members);
        const revoke = { matching: [{ subjectId: "alice" }] };
        await assert.rejects(
          atomic.endSessions(step({ revoke, notify: notices({ others: true }), ...members })),
          error,
          what,
        );
        if (members.revoke === undefined && members.notify === undefined) {
          await assert.rejects(atomic.clientsOf({ ...step({}), ...members }), error, what);
        }
      }
      assert.equal(await sessions.count({}), 2);
      assert.equal((await grants.count({ subjectId: "alice" })).tokens, 1);
      assert.deepEqual(await outbox.list({}), []);
    });

    test("ends sessions even if the server is out of memory and rejects new ones", async () => {
      const { sessions, grants, outbox, atomic } = openUnnamed(client);
      const clients = [{ clientId: "shop" }];
      await createMany({ sessions }, 3, () => ({ clients }));
      await grants.store(grant("token", { subjectId: "alice" }));
      await client.configSet("maxmemory", "1");
      try {
        const full = { message: /OOM/ };
        await assert.rejects(atomic.admit(session(keyOf("new")), 9, 1_000), full);
        await assert.rejects(sessions.addClient(keyOf("0"), { clientId: "late" }, 1), full);
        const revoke = { matching: [{ subjectId: "alice" }] };
        const { ended, recorded, tokens } = await atomic.endSessions(
          step({ limit: 2, notify: notices({ others: true }), revoke }),
        );
        assert.deepEqual([ended, recorded, tokens], [2, 2, 1]);
      } finally {
        await client.configSet("maxmemory", "0");
      }
      const { sessions: left } = await sessions.list({ filter: {}, order: "oldest", limit: 5 });
      assert.deepEqual(left, [session(keyOf("2"), { sessionId: "sid of 2", created: 2, clients })]);
      assert.equal((await outbox.list({})).length, 2);
      assert.equal(await atomic.admit(session(keyOf("new")), 9, 1_000), true);
    });

    test("covers the stores that it was opened with", () => {
      const { atomic, capabilities: _, ...stores } = openUnnamed(client);
      assert.deepEqual(Object.keys(atomic.covers).sort(), Object.keys(stores).sort());
      for (const [name, store] of Object.entries(stores)) {
        assert.equal(atomic.covers[name], store);
      }
    });
  });

  describe("a session whose record the server lost", () => {
    test("doesn't exist, and no late write restores it", async () => {
      const stores = openUnnamed(client);
      const { sessions, atomic } = stores;
      await createMany(stores, 3, (n) => ({ created: n, expires: 5_000 + n }));
      const root = rootOf(stores);
      const place = await client.hGet(`${root}keys`, keyOf("1"));
      const record = `${root}session:${place.slice(-10)}`;
      await client.del(record);
      assert.equal(await sessions.get(keyOf("1")), undefined);
      assert.equal(await sessions.update(keyOf("1"), { renewed: 9 }), false);
      assert.equal(await sessions.addClient(keyOf("1"), { clientId: "shop" }, 1), false);
      assert.equal(await client.exists(record), 0);
      for (const order of ["newest", "oldest", "expiry"]) {
        const { sessions: listed } = await sessions.list({ filter: {}, order, limit: 2 });
        assert.deepEqual(listed.map(({ key }) => key).sort(), [keyOf("0"), keyOf("2")], order);
      }
      // It doesn't count towards a limit.
      assert.equal(await atomic.admit(session(keyOf("3")), 3, 1_000), true);
      assert.deepEqual(await sessions.remove([keyOf("1")]), []);
      assert.equal(await client.zScore(`${root}sessions`, place), null);
      assert.equal(await client.hExists(`${root}keys`, keyOf("1")), 0);
    });
  });

  describe("row ids on Redis", () => {
    test("are in the order of creation, in every list and on every partition", async () => {
      for (const partitions of [1, 4]) {
        const stores = openUnnamed(client, partitions);
        await createMany(stores, 20, (n) => ({ created: n % 3, expires: 1_000 - n }));
        const places = {};
        for (const order of ["oldest", "newest", "expiry"]) {
          const page = await stores.sessions.list({ filter: {}, order, limit: 50 });
          assert.equal(page.ids.length, 20);
          assert.equal(new Set(page.ids).size, 20);
          if (order === "oldest") assert.deepEqual(page.ids, page.positions);
          places[order] = Object.fromEntries(page.sessions.map(({ key }, n) => [key, page.ids[n]]));
        }
        assert.deepEqual(places.newest, places.oldest);
        assert.deepEqual(places.expiry, places.oldest);
      }
    });

    test("are not reused after the last session is removed", async () => {
      const { sessions } = openUnnamed(client);
      const idOfNew = async () => {
        await sessions.create(session(keyOf("a")));
        const { ids } = await sessions.list({ filter: {}, order: "oldest", limit: 5 });
        await sessions.remove([keyOf("a")]);
        return ids;
      };
      const [first, second] = [await idOfNew(), await idOfNew()];
      assert.equal(first.length, 1);
      assert.notDeepEqual(first, second);
    });
  });

  describe("on several partitions", () => {
    test("there is no `atomic`, and changes and removals with a condition work", async () => {
      const stores = openUnnamed(client, 5);
      const { sessions } = stores;
      assert.equal("atomic" in stores, false);
      const clients = [{ clientId: "shop", sessionId: "own" }, { clientId: "forum" }];
      await createMany(stores, 40, (n) => ({
        created: n,
        renewed: n,
        expires: 100 + (n % 2),
        issuer: "https://id.example.com",
        clients,
      }));
      const keys = namesOf(40).map(keyOf);
      const condition = { subjectId: "alice", expiredAt: 100 };
      const removed = await sessions.remove([...keys, keyOf("unknown"), ...keys], condition);
      const expected = namesOf(40)
        .filter((_, n) => n % 2 === 0)
        .map((name) => ({
          key: keyOf(name),
          subjectId: "alice",
          sessionId: `sid of ${name}`,
          issuer: "https://id.example.com",
          clients,
        }));
      const byKey = (one, other) => (one.key < other.key ? -1 : 1);
      assert.deepEqual([...removed].sort(byKey), expected.sort(byKey));
      assert.equal(await sessions.count({}), 20);
      for (const [wanted, isMet] of [
        [{ renewed: 7, expires: 101, subjectId: "alice", sessionId: "sid of 7" }, true],
        [{ renewed: 8 }, false],
        [{ expires: null }, false],
        [{ expires: 102 }, false],
        [{ sessionId: "sid" }, false],
        [{ expiredAt: 100 }, false],
        [{ expiredAt: 101 }, true],
      ]) {
        const what = JSON.stringify(wanted);
        assert.equal(await sessions.update(keyOf("7"), { ticket: what }, wanted), isMet, what);
        assert.equal((await sessions.get(keyOf("7"))).ticket === what, isMet, what);
      }
      await sessions.update(keyOf("7"), { expires: null });
      assert.equal(await sessions.update(keyOf("7"), { expires: 5 }, { expires: null }), true);
    });
  });
}

const namesOf = (count) => Array.from({ length: count }, (_, n) => `${n}`);

/** Creates sessions with the names "0", "1" and so on, and returns the names. */
async function createMany({ sessions }, count, members = () => ({})) {
  const names = namesOf(count);
  for (const [n, name] of names.entries()) {
    await sessions.create(
      session(keyOf(name), { sessionId: `sid of ${name}`, created: n, ...members(n) }),
    );
  }
  return names;
}

function step(members) {
  return { filter: {}, order: "oldest", limit: 1_000, details: false, ...members };
}

function notices(members) {
  return {
    clients: [],
    others: false,
    reason: "terminated",
    created: 1_000,
    returned: 10,
    ...members,
  };
}

const byId = (notifications) =>
  [...notifications].sort((one, other) => (one.id < other.id ? -1 : 1));

/** The names of all keys of these stores, without their common prefix. */
async function keysLeft(client, stores) {
  const root = rootOf(stores);
  const keys = await client.keys("*");
  return keys
    .filter((key) => key.startsWith(root))
    .map((key) => key.slice(root.length))
    .sort();
}
