// The stores on a cluster of three nodes, with both clients.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Cluster } from "ioredis";
import { createClient, createCluster } from "redis";
import { startRedisCluster } from "../servers/redis.mjs";
import { available, openRedis, testKit } from "./redis-cases.mjs";
import { grant, notification, session } from "./samples.mjs";

const PARTITIONS = 16;

const cluster = await available("the Redis stores on a cluster", startRedisCluster);
if (cluster !== undefined) {
  const nodeRedis = createCluster({
    rootNodes: cluster.urls.map((url) => ({ url })),
    defaults: { disableOfflineQueue: true },
  });
  nodeRedis.on("error", () => {});
  await nodeRedis.connect();
  const ioredis = new Cluster(cluster.urls, { retryDelayOnFailover: 0 });
  after(async () => {
    await nodeRedis.close();
    await ioredis.quit();
    await cluster.stop();
  });
  await testKit("a cluster with node-redis", nodeRedis, PARTITIONS);
  await testKit("a cluster with ioredis", ioredis, PARTITIONS);
  await testKit("one slot of a cluster", nodeRedis, 1);

  test("sixteen partitions have keys on all three nodes, and one has them on one", async () => {
    const counts = [];
    for (const partitions of [PARTITIONS, 1]) {
      const before = await sizes(cluster.urls);
      const { sessions, grants, outbox } = openRedis(nodeRedis, partitions);
      for (let n = 0; n < 200; n += 1) {
        await sessions.create(session(`key ${n}`));
        await grants.store(grant(`grant ${n}`, { subjectId: "alice" }));
      }
      await outbox.add(Array.from({ length: 200 }, (_, n) => notification(`id ${n}`)));
      const after = await sizes(cluster.urls);
      counts.push(after.map((size, node) => size - before[node]));
    }
    const [spread, together] = counts;
    assert.ok(
      spread.every((size) => size > 150),
      `${spread}`,
    );
    assert.equal(together.filter((size) => size > 0).length, 1, `${together}`);
  });
}

/** The number of keys on each node. */
function sizes(urls) {
  return Promise.all(
    urls.map(async (url) => {
      const client = await createClient({ url }).connect();
      const size = await client.dbSize();
      await client.close();
      return size;
    }),
  );
}
