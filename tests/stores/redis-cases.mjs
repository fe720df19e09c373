// The conformance kit on Redis.
import { test } from "node:test";
import { redisStores } from "../../pkg/redis.js";
import { Unavailable } from "../servers/server.mjs";
import { assertSignsNoUserIn } from "./copies.mjs";
import { testStores } from "./kit.mjs";
import { byName } from "./names.mjs";

/**
 * Resolves to the server that `start` starts. Without the server, declares a skipped test with the
 * reason.
 */
export async function available(name, start) {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    test(name, { skip: error.message }, () => {});
    return undefined;
  }
}

let opened = 0;

/** The common prefix of the keys of the first partition, by stores. */
const roots = new WeakMap();

/** Empty stores that are called with names, under a new prefix. */
export function openRedis(client, partitions) {
  return byName(openUnnamed(client, partitions));
}

/** The same for the conformance kit and other cases, which use keys. */
export function openUnnamed(client, partitions = 1) {
  opened += 1;
  const prefix = `test-${opened}`;
  const stores = redisStores(client, { prefix, partitions });
  roots.set(stores, `{${prefix}.0}:`);
  return stores;
}

/** The common prefix of the keys of the first partition. */
export function rootOf(stores) {
  return roots.get(stores);
}

/** A key in the right form that is derived from a name. */
export function keyOf(name) {
  return Buffer.from(name).toString("hex").padEnd(64, "0");
}

/** Declares the test that no key or value of the server signs a user in. Uses node-redis. */
export function testCopyOfServer(client) {
  test("a copy of the server signs no user in", async () => {
    await client.flushAll();
    await assertSignsNoUserIn(openUnnamed(client, 3), async () => {
      const read = {
        string: (key) => client.get(key),
        hash: (key) => client.hGetAll(key),
        zset: (key) => client.zRange(key, 0, -1),
      };
      const values = [];
      for (const key of await client.keys("*")) {
        values.push(key, await read[await client.type(key)](key));
      }
      return values;
    });
  });
}

/** Declares the tests of the kit. */
export async function testKit(name, client, partitions) {
  await testStores(
    (promise, run) => test(`${promise}, on ${name}, ${partitions} partitions`, run),
    () => openUnnamed(client, partitions),
    `${name}, ${partitions} partitions`,
  );
}
