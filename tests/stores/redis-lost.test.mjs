// Records that the server lost, for example by eviction, while indexes still refer to them.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createClient } from "redis";
import { LogoutDelivery, SessionManagement } from "../../pkg/entry/node.js";
import { startRedis } from "../servers/redis.mjs";
import { available, keyOf, openUnnamed, rootOf } from "./redis-cases.mjs";
import { endingStep, grant, notification, session } from "./samples.mjs";

const server = await available("records that Redis lost", startRedis);
if (server !== undefined) {
  const client = await createClient({ url: server.url }).connect();
  after(async () => {
    await client.close();
    await server.stop();
  });

  /** The members of all indexes of a kind. */
  const indexed = async (stores, kind) => {
    const named = {};
    for (const key of await client.keys(`${rootOf(stores)}${kind}*`)) {
      if ((await client.type(key)) === "zset") {
        named[key.slice(rootOf(stores).length)] = await client.zRange(key, 0, -1);
      }
    }
    return named;
  };

  /** Opens stores with three sessions of alice, without the record of the second one. */
  const withLostSession = async (partitions = 1) => {
    const stores = openUnnamed(client, partitions);
    const members = { subjectId: "alice", expires: 9_000_000_000_000 };
    for (const name of ["a", "b", "c"]) {
      await stores.sessions.create(session(keyOf(name), { ...members, sessionId: name }));
    }
    for (let partition = 0; partition < partitions; partition += 1) {
      const root = rootOf(stores).replace(".0}", `.${partition}}`);
      const place = await client.hGet(`${root}keys`, keyOf("b"));
      if (place) {
        await client.del(`${root}session:${place.slice(-10)}`);
        return { stores, place };
      }
    }
    assert.fail("no partition has the session");
  };

  describe("a session that was lost", () => {
    for (const partitions of [1, 3]) {
      test(`blocks neither the list nor the sign-out of its subject, on ${partitions} partitions`, async () => {
        const { stores } = await withLostSession(partitions);
        const management = new SessionManagement(stores);
        const { results } = await management.querySessions({ subjectId: "alice" });
        assert.deepEqual(results.map(({ sessionId }) => sessionId).sort(), ["a", "c"]);
        const { sessionsRemoved } = await management.removeSessions({ subjectId: "alice" });
        assert.equal(sessionsRemoved, 2);
        assert.equal((await management.querySessions()).totalCount, 0);
      });
    }

    for (const [name, filter, order, cleared] of [
      ["a list", {}, "newest", ["sessions"]],
      [
        "a list of its subject's sessions",
        { subjectId: { equals: "alice" } },
        "oldest",
        ["sessions", "sessions.subjectId:alice"],
      ],
      ["a list of active ones", { activeAt: 1 }, "newest", ["sessions"]],
      ["a list by expiry", {}, "expiry", ["sessions.expires"]],
    ]) {
      test(`is skipped by ${name}, and removed from the indexes that it read`, async () => {
        const { stores, place } = await withLostSession();
        const page = await stores.sessions.list({ filter, order, limit: 10 });
        assert.deepEqual(page.sessions.map(({ sessionId }) => sessionId).sort(), ["a", "c"]);
        const indexes = await indexed(stores, "sessions");
        for (const index of cleared) {
          assert.equal(indexes[index].length, 2, index);
          assert.ok(!indexes[index].some((member) => member.endsWith(place.slice(-10))), index);
        }
      });
    }

    test("is removed from the indexes by a sign-in that counts its subject's sessions", async () => {
      const { stores } = await withLostSession();
      assert.equal(await stores.atomic.admit(session(keyOf("d")), 3, 1), true);
      const { "sessions.subjectId:alice": ofSubject, sessions } = await indexed(stores, "sessions");
      assert.deepEqual([ofSubject.length, sessions.length], [3, 3]);
    });
  });

  describe("a grant that was lost", () => {
    for (const [name, act] of [
      ["a list", (grants, filter) => grants.list(filter)],
      ["a count", (grants, filter) => grants.count(filter)],
      ["a removal", (grants, filter) => grants.remove(filter)],
    ]) {
      test(`is skipped by ${name}, and removed from the index that it read`, async () => {
        const stores = openUnnamed(client);
        for (const key of ["kept", "lost"]) {
          await stores.grants.store(grant(key, { subjectId: "alice" }));
        }
        await client.del(`${rootOf(stores)}grant:lost`);
        const found = await act(stores.grants, { subjectId: "alice" });
        assert.equal(found.length ?? found.tokens, 1);
        const { "grants.subjectId:alice": left = [] } = await indexed(stores, "grants");
        assert.deepEqual(left, name === "a removal" ? [] : ["kept"]);
      });
    }
  });

  describe("a grant that was lost and stored again for another subject", () => {
    const openWithMoved = async () => {
      const stores = openUnnamed(client);
      const of = (subjectId) => ({ subjectId, sessionId: "s", clientId: "shop" });
      await stores.grants.store(grant("kept", of("alice")));
      await stores.grants.store(grant("moved", of("alice")));
      await client.del(`${rootOf(stores)}grant:moved`);
      await stores.grants.store(grant("moved", of("bob")));
      return stores;
    };
    for (const [name, filter] of [
      ["its former subject", { subjectId: "alice" }],
      ["its former subject and its session", { subjectId: "alice", sessionId: "s" }],
    ]) {
      test(`is not listed as a grant of ${name}`, async () => {
        const stores = await openWithMoved();
        const listed = await stores.grants.list(filter);
        assert.deepEqual(
          listed.map(({ key }) => key),
          ["kept"],
        );
        assert.deepEqual(await stores.grants.count(filter), { tokens: 1, consents: 0, other: 0 });
        assert.deepEqual(await stores.grants.remove(filter), { tokens: 1, consents: 0, other: 0 });
        assert.equal((await stores.grants.get("moved")).subjectId, "bob");
      });
    }

    test("remains when the sessions of its former subject end", async () => {
      const stores = await openWithMoved();
      const members = { subjectId: "alice", sessionId: "s" };
      await stores.sessions.create(session(keyOf("a"), members));
      const revoke = { matching: [{ subjectId: "alice" }], ofSessions: { types: [] } };
      const done = await stores.atomic.endSessions(endingStep({ revoke }));
      assert.deepEqual([done.ended, done.tokens], [1, 1]);
      assert.equal((await stores.grants.get("moved")).subjectId, "bob");
    });

    test("is removed from the index of its former subject by a list of it", async () => {
      const stores = await openWithMoved();
      await stores.grants.list({ subjectId: "alice" });
      const indexes = await indexed(stores, "grants");
      assert.deepEqual(indexes["grants.subjectId:alice"], ["kept"]);
      assert.deepEqual(indexes["grants.subjectId:bob"], ["moved"]);
    });
  });

  describe("a notification that was lost", () => {
    // A record that contains only its due time, as a claim of earlier builds left it.
    for (const [name, lose] of [
      ["completely", (record) => client.del(record)],
      [
        "except when it is due",
        async (record) => {
          await client.del(record);
          await client.hSet(record, "due", "1");
        },
      ],
    ]) {
      const withLost = async () => {
        const stores = openUnnamed(client);
        const members = { subjectId: "alice", clientId: "shop", created: 1 };
        await stores.outbox.add(["a", "b", "c"].map((id) => notification(id, members)));
        await lose(`${rootOf(stores)}notification:b`);
        return stores;
      };
      const assertRepaired = async (stores, cleared) => {
        const indexes = await indexed(stores, "notifications");
        for (const index of cleared) assert.deepEqual(indexes[index].sort(), ["a", "c"], index);
        assert.equal(await client.exists(`${rootOf(stores)}notification:b`), 0);
      };

      test(`${name}, is skipped by a claim and a list, and removed from their indexes`, async () => {
        const claimed = await withLost();
        const entries = await claimed.outbox.claim({ now: 10, limit: 10, leaseFor: 99 });
        assert.deepEqual(entries.map(({ id }) => id).sort(), ["a", "c"]);
        await assertRepaired(claimed, ["notifications", "notifications.due"]);

        const listed = await withLost();
        const deliveries = await listed.outbox.list({ subjectId: "alice" });
        assert.deepEqual(
          deliveries.map(({ id }) => id),
          ["a", "c"],
        );
        await assertRepaired(listed, ["notifications", "notifications.subjectId:alice"]);
      });

      test(`${name}, doesn't block the delivery of others`, async () => {
        const sent = [];
        const host = {
          ...(await withLost()),
          clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example/" }),
          sendLogout: ({ id }) => {
            sent.push(id);
            return { delivered: true };
          },
        };
        const delivery = new LogoutDelivery(host);
        const { delivered, failed, rescheduled } = await delivery.deliverDue();
        assert.deepEqual([delivered, failed, rescheduled], [2, 0, 0]);
        assert.deepEqual(sent.sort(), ["a", "c"]);
        const listed = [];
        for await (const { id } of delivery.list()) listed.push(id);
        assert.deepEqual(listed, ["a", "c"]);
      });
    }
  });
}
