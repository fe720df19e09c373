// The stores on one Redis server, with node-redis.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createClient } from "redis";
import { startRedis } from "../servers/redis.mjs";
import { testCases } from "./cases.mjs";
import { available, openUnnamed, testCopyOfServer, testKit } from "./redis-cases.mjs";
import { refusalCases } from "./refusal-cases.mjs";

/**
 * All commands that the stores may send, and those with which a client introduces itself. Commands
 * that walk all keys or read a whole index are not included.
 */
const COMMANDS = new Set([
  ...["eval", "evalsha", "exists", "get", "set", "incr", "del"],
  ...["hset", "hsetnx", "hget", "hmget", "hgetall", "hexists", "hincrby", "hdel"],
  ...["zadd", "zrem", "zrange", "zscore", "zcard", "zlexcount"],
  ...["hello", "ping", "info", "client|setinfo", "config|get"],
]);

const server = await available("the Redis stores", startRedis);
if (server !== undefined) {
  const client = createClient({ url: server.url, disableOfflineQueue: true });
  client.on("error", () => {});
  await client.connect();
  after(async () => {
    await client.close();
    await server.stop();
  });
  await testKit("Redis", client, 1);
  await testKit("Redis", client, 3);

  testCases(
    "refusals by the stores on Redis",
    refusalCases(() => openUnnamed(client)),
  );

  test("none of the cases walked all keys", async () => {
    const stats = await client.info("commandstats");
    const used = Array.from(stats.matchAll(/^cmdstat_([^:]+):/gm), ([, name]) => name);
    assert.ok(used.includes("evalsha") && used.includes("zrange"));
    assert.deepEqual(
      used.filter((name) => !COMMANDS.has(name)),
      [],
    );
  });

  // Declared after the previous test, because this one walks all keys.
  testCopyOfServer(client);
}
