// The conformance kit on Redis.
import { test } from "node:test";
import { redisStores } from "../../pkg/redis.js";
import { testStores } from "../../pkg/testing.js";
import { Unavailable } from "../servers/server.mjs";

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

/** Fresh stores: under a prefix that nobody has used. */
export function openRedis(client, partitions = 1) {
  opened += 1;
  return redisStores(client, { prefix: `test-${opened}`, partitions });
}

/** Declares the kit. */
export async function testKit(name, client, partitions) {
  await testStores(
    (promise, run) => test(`${promise}, on ${name}, ${partitions} partitions`, run),
    () => openRedis(client, partitions),
  );
}
