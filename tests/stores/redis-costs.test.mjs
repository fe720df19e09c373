// What the server does for a call, counted in its own commands.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createClient } from "redis";
import { startRedis } from "../servers/redis.mjs";
import { available, openRedis } from "./redis-cases.mjs";
import { session } from "./samples.mjs";

const SESSIONS = 20_000;
/** How many sessions or grants one call may look at, so that others do not wait for long. */
const MOST = 1_000;

const server = await available("the costs of the Redis stores", startRedis);
if (server !== undefined) {
  const client = await createClient({ url: server.url }).connect();
  after(async () => {
    await client.close();
    await server.stop();
  });
  const { sessions, grants } = openRedis(client);
  for (let start = 0; start < SESSIONS; start += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => sessions.create(sample(start + n))));
  }

  /** Each command that the server did meanwhile, and how often. Those of scripts count too. */
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

  test("a page of one subject looks at that subject's sessions only", async () => {
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

  test("what passes over many comes back to the client again and again", async () => {
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
      assert.ok(looks >= least, `${work}: it looked at ${looks}`);
      // Of the two conditions both may be looked up.
      assert.ok(looks <= 2 * MOST * evalsha, `${work}: it looked at ${looks} in ${evalsha} calls`);
    }
  });

  test("grants of one client among many are removed some at a time", async () => {
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
}

/**
 * All at one client; ten of each subject; every other one at a second client and from another
 * address.
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
