// The conformance kit on Redis.
import { test } from "node:test";
import { redisStores } from "../../pkg/redis.js";
import { Unavailable } from "../servers/server.mjs";
import { assertSignsNobodyIn } from "./copies.mjs";
import { testStores } from "./kit.mjs";
import { byName } from "./names.mjs";

/**
 * What `start` resolves to; on a machine without the server a test is declared that is skipped with
 * the reason.
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

/** By stores, what the names of the keys of their first partition begin with. */
const roots = new WeakMap();

/** Empty stores that are called by names, under a new prefix. */
export function openRedis(client, partitions) {
  return byName(openUnnamed(client, partitions));
}

/** The same for the conformance kit and other cases, which name the sessions themselves. */
export function openUnnamed(client, partitions = 1) {
  opened += 1;
  const prefix = `test-${opened}`;
  const stores = redisStores(client, { prefix, partitions });
  roots.set(stores, `{${prefix}.0}:`);
  return stores;
}

/** What the names of the keys of the first partition begin with. */
export function rootOf(stores) {
  return roots.get(stores);
}

/** A key in the right form that stands for a name. */
export function keyOf(name) {
  return Buffer.from(name).toString("hex").padEnd(64, "0");
}

/** Declares the test that all keys and values of the server sign no user in. By node-redis. */
export function testCopyOfServer(client) {
  test("a copy of the server signs no user in", async () => {
    await client.flushAll();
    await assertSignsNobodyIn(openUnnamed(client, 3), async () => {
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

/** Declares the kit. */
export async function testKit(name, client, partitions) {
  await testStores(
    (promise, run) => test(`${promise}, on ${name}, ${partitions} partitions`, run),
    () => openUnnamed(client, partitions),
  );
}
