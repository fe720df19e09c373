// Arguments that the Redis stores refuse.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createClient, createClientPool, createSentinel } from "redis";
import { redisStores } from "../../pkg/redis.js";
import { startRedis } from "../servers/redis.mjs";
import { argumentCases } from "./argument-cases.mjs";
import { testCases } from "./cases.mjs";
import { byName } from "./names.mjs";
import { available, openRedis, openUnnamed } from "./redis-cases.mjs";
import { fullSession, grant, notification, session } from "./samples.mjs";

const invalid = (message) => ({ name: "RollcallError", code: "invalid_argument", message });

describe("the Redis stores refuse", () => {
  test("an unknown client", () => {
    const sentinel = createSentinel({
      name: "main",
      sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }],
    });
    const others = [
      undefined,
      null,
      {},
      "redis://127.0.0.1",
      { sendCommand: true },
      { sendCommand() {} },
      { call: 1 },
      sentinel,
    ];
    for (const client of others)
      assert.throws(() => redisStores(client), invalid(/`redis` or `ioredis`/));
  });

  test("unknown options", () => {
    const wrong = [
      [new Map(), /options/],
      ["rollcall", /options/],
      [{ database: 1 }, /`database`.*`prefix`/],
      [{ prefix: "" }, /`prefix`/],
      [{ prefix: "a{b" }, /`prefix`/],
      [{ prefix: 5 }, /`prefix`/],
      ...[0, 1.5, -1, 1_025, "3", Number.NaN].map((partitions) => [{ partitions }, /`partitions`/]),
    ];
    const client = createClient();
    for (const [options, message] of wrong) {
      assert.throws(() => redisStores(client, options), invalid(message), JSON.stringify(options));
    }
  });
});

const server = await available("arguments that the Redis stores refuse", startRedis);
if (server !== undefined) {
  const client = await createClient({ url: server.url }).connect();
  after(async () => {
    await client.close();
    await server.stop();
  });

  testCases(
    "arguments of the Redis stores",
    argumentCases(() => openUnnamed(client)),
  );

  describe("the Redis stores refuse", () => {
    test("keys that were written with a different number of partitions", async () => {
      const open = (partitions) => byName(redisStores(client, { prefix: "layout", partitions }));
      await open(4).sessions.create(session("a"));
      for (const partitions of [1, 3, 16]) {
        const { sessions, grants, outbox } = open(partitions);
        for (const call of [
          () => sessions.get("a"),
          () => grants.get("a"),
          () => outbox.list({}),
          () => sessions.count({}),
        ]) {
          await assert.rejects(call(), invalid(/partitions 4/), `${partitions}`);
        }
      }
      assert.equal((await open(4).sessions.get("a")).key, "a");
    });

    test("an unsupported or unknown filter, rather than ignoring it", async () => {
      const { sessions, grants, outbox, atomic } = openRedis(client);
      await sessions.create(session("a"));
      await grants.store(grant("token", { subjectId: "alice" }));
      const wrong = [
        ["userAgent", { userAgent: "x" }],
        ["toString", { toString: "x" }],
        ["renewed", { renewed: { after: 1 } }],
        ["search", { search: { id: "a", name: "a" } }],
        ["subjectId.startsWith", { subjectId: { startsWith: "a" } }],
        ["sessionId.contains", { sessionId: { contains: "a" } }],
        ["displayName.contains", { displayName: { contains: "a" } }],
      ];
      for (const [name, filter] of wrong) {
        const unsupported = { code: "unsupported_filter", message: new RegExp(`\`${name}\``) };
        await assert.rejects(sessions.list({ filter, order: "newest", limit: 1 }), unsupported);
        await assert.rejects(sessions.count(filter), unsupported);
      }
      for (const method of ["list", "count", "remove"]) {
        await assert.rejects(
          grants[method]({ subjectID: "alice", types: ["refresh_token"] }),
          invalid(/`subjectID`/),
          method,
        );
      }
      await assert.rejects(outbox.list({ subjectID: "alice" }), invalid(/`subjectID`/));
      const step = { filter: {}, order: "oldest", limit: 1, details: false };
      for (const [name, filter] of wrong) {
        await assert.rejects(atomic.endSessions({ ...step, filter }), {
          code: "unsupported_filter",
          message: new RegExp(`\`${name}\``),
        });
      }
      const matching = [{ subjectID: "alice", types: ["refresh_token"] }];
      await assert.rejects(
        atomic.endSessions({ ...step, revoke: { matching } }),
        invalid(/`subjectID`/),
      );
      assert.equal(await sessions.count({}), 1);
      assert.deepEqual(await grants.count({ subjectId: "alice" }), {
        tokens: 1,
        consents: 0,
        other: 0,
      });
    });

    test("a change of a fixed member, and the removal of a required one", async () => {
      const { sessions } = openRedis(client);
      await sessions.create(fullSession("a"));
      const wrong = [
        ...["created", "clients", "id", "toString"].map((name) => ({ [name]: 1 })),
        ...["scheme", "subjectId", "sessionId", "renewed"].map((name) => ({ [name]: null })),
      ];
      for (const change of wrong) {
        const [name] = Object.keys(change);
        await assert.rejects(
          sessions.update("a", { ticket: "new", ...change }),
          invalid(new RegExp(`\`${name}\``)),
          name,
        );
      }
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    });

    test("times that aren't exact", async () => {
      const { sessions, grants, outbox } = openRedis(client);
      for (const time of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "1"]) {
        for (const name of ["created", "renewed", "expires"]) {
          await assert.rejects(
            sessions.create(session("a", { [name]: time })),
            invalid(new RegExp(`\`${name}\``)),
          );
        }
        await assert.rejects(sessions.addClient("a", { clientId: "shop" }, time), invalid(/`now`/));
        await assert.rejects(
          outbox.add([notification("a", { created: time })]),
          invalid(/`created`/),
        );
      }
      for (const name of ["created", "expires", "consumed"]) {
        await assert.rejects(
          grants.store(grant("a", { [name]: "2026-02-30" })),
          invalid(new RegExp(`\`${name}\``)),
        );
      }
      assert.equal(await sessions.count({}), 0);
      assert.deepEqual(await outbox.list({}), []);
    });

    test("positions that they did not return", async () => {
      const { sessions } = openRedis(client);
      const damaged = [
        "1",
        "1.1",
        "1000000000rs000000010",
        "1000000000rs00000001000",
        "2000000000rs0000000100",
        "1zzzzzzzzzzz0000000100",
      ];
      for (const after of [
        ...damaged,
        "1000000000RS0000000100",
        "1000000000rs0000000100\n",
        "0000000000000000000100",
      ]) {
        const request = { filter: {}, order: "newest", limit: 1, after };
        await assert.rejects(
          sessions.list(request),
          { code: "invalid_results_token" },
          JSON.stringify(after),
        );
      }
      await sessions.list({
        filter: {},
        order: "newest",
        limit: 1,
        after: "1000000000rs0000000100",
      });
    });
  });

  describe("the Redis stores accept", () => {
    test("a pool of connections, and a function that sends a command", async () => {
      const pool = await createClientPool({ url: server.url }).connect();
      const send = (key, command) => {
        assert.ok(key.startsWith("{test-"));
        return client.sendCommand(command);
      };
      for (const other of [pool, send]) {
        const { sessions } = openRedis(other);
        await sessions.create(fullSession("a"));
        assert.deepEqual(await sessions.get("a"), fullSession("a"));
      }
      await pool.close();
    });

    test("a client that is configured to return buffers", async () => {
      const { sessions } = openRedis(client.withTypeMapping({ 36: Buffer }));
      await sessions.create(fullSession("a"));
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    });

    test("all exact times in their order, including times before 1970", async () => {
      const { sessions } = openRedis(client);
      const times = [
        Number.MIN_SAFE_INTEGER,
        -8.64e15,
        -(36 ** 5),
        -36,
        -1,
        0,
        1,
        35,
        36,
        8.64e15,
        Number.MAX_SAFE_INTEGER,
      ];
      const rows = times.map((time, n) =>
        session(`${n}`, { created: time, renewed: time, expires: times.at(-1 - n) }),
      );
      for (const row of [...rows].reverse()) await sessions.create(row);
      const inOrder = (filter, order) => sessions.list({ filter, order, limit: 100 });
      assert.deepEqual((await inOrder({}, "oldest")).sessions, rows);
      // The few sessions of one subject are sorted by the script.
      for (const filter of [{}, { subjectId: { equals: "alice" } }]) {
        assert.deepEqual((await inOrder(filter, "expiry")).sessions, [...rows].reverse());
      }
      for (const [n, time] of times.entries()) {
        assert.equal(await sessions.count({ created: { after: time } }), times.length - n);
        assert.equal(await sessions.count({ created: { before: time } }), n);
        assert.equal(await sessions.count({ expiredAt: time }), n + 1);
      }
    });

    test("any strings as ids, in the order of their code points", async () => {
      const ids = [
        "",
        " ",
        "a",
        "a:b",
        "a{b}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "\u{10000}",
        "😀",
        "😀a",
      ];
      for (const partitions of [1, 5]) {
        const { outbox } = openRedis(client, partitions);
        await outbox.add([...ids].reverse().map((id) => notification(id)));
        const found = await outbox.list({});
        assert.deepEqual(
          found.map(({ id }) => id),
          ids,
        );
        for (const [n, id] of ids.entries()) {
          const [next] = await outbox.list({}, id, 1);
          assert.equal(next?.id, ids[n + 1], JSON.stringify(id));
        }
      }
    });
  });

  test("a script that the server no longer has is sent again", async () => {
    const { sessions } = openRedis(client);
    await sessions.create(session("a"));
    await client.scriptFlush();
    assert.equal((await sessions.get("a")).key, "a");
  });
}
