// @ts-check
/**
 * Redis, filled with made-up sessions. There is one server for each number of sessions. Its
 * snapshot stays under `target/bench/` until the stores or the sessions change.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createClient } from "redis";
import { redisStores } from "../../pkg/redis.js";
import { startRedis } from "../../tests/servers/redis.mjs";
import { makeSession } from "../sessions.mjs";

const FOLDER = new URL("../../target/bench/", import.meta.url);

/** Concurrent sign-ins while it is filled. */
const AT_ONCE = 1_000;

/**
 * Opens the stores of a server with this many sessions.
 *
 * @param {number} total
 * @param {number} partitions of the sessions
 */
export async function filledRedis(total, partitions = 1) {
  mkdirSync(FOLDER, { recursive: true });
  const kind = `redis-${total}${partitions === 1 ? "" : `x${partitions}`}-`;
  const snapshot = `${kind}${fingerprint()}.rdb`;
  const server = await startRedis({
    settings: { dir: fileURLToPath(FOLDER), dbfilename: snapshot },
  });
  const client = createClient({ url: server.url });
  client.on("error", (error) => console.error(error));
  await client.connect();
  const stores = redisStores(client, { partitions });
  if ((await stores.sessions.count({})) !== total) {
    await fill(stores, total);
    await client.sendCommand(["SAVE"]);
    const others = readdirSync(FOLDER).filter((name) => name.startsWith(kind) && name !== snapshot);
    for (const other of others) rmSync(new URL(other, FOLDER));
  }
  const close = async () => {
    await client.close();
    await server.stop();
  };
  return { stores, close };
}

/** A fingerprint of the stores and of the sources of the sessions. */
function fingerprint() {
  const stores = new URL("../../pkg/redis/", import.meta.url);
  const sources = [
    ...readdirSync(stores)
      .filter((name) => name.endsWith(".js"))
      .map((name) => new URL(name, stores)),
    new URL("../sessions.mjs", import.meta.url),
  ];
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(source));
  return hash.digest("hex").slice(0, 12);
}

/**
 * @param {ReturnType<typeof redisStores>} stores
 * @param {number} total
 */
async function fill({ sessions }, total) {
  console.error(`filling Redis with ${total.toLocaleString("en")} sessions; later runs reuse them`);
  for (let start = 0; start < total; start += AT_ONCE) {
    const numbers = Array.from(
      { length: Math.min(AT_ONCE, total - start) },
      (_, index) => start + index,
    );
    await Promise.all(numbers.map((number) => sessions.create(makeSession(number, total))));
  }
}
