// The Redis stores, with every supported client. Only compiled, never run.

import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster, createSentinel } from "redis";
import { type AtomicEnding, type Host, SessionManagement } from "rollcall";
import { type RedisSend, type RedisStores, redisStores } from "rollcall/redis";

const stores: RedisStores[] = [
  redisStores(createClient({ url: "redis://localhost:6379", disableOfflineQueue: true })),
  redisStores(createClientPool({ url: "redis://localhost:6379" })),
  redisStores(createCluster({ rootNodes: [{ url: "redis://localhost:7000" }] }), {
    partitions: 16,
  }),
  redisStores(new Redis("redis://localhost:6379", { maxRetriesPerRequest: 0 }), {
    prefix: "rollcall",
  }),
  redisStores(new Cluster(["redis://localhost:7000"], { retryDelayOnFailover: 0 }), {
    partitions: 16,
  }),
];

/** Any other client, as a function that sends a command. */
declare const other: { customCommand(command: string[]): Promise<unknown> };
const send: RedisSend = (_routingKey, command) => other.customCommand(command);
stores.push(redisStores(send));

export const services: SessionManagement[] = stores.map((all) => {
  const host: Host = { ...all, onEvent: ({ type }) => console.log(type) };
  return new SessionManagement(host);
});

export const filters: readonly string[] | undefined = stores[0]?.sessions.capabilities.filters;

// @ts-expect-error: it only exists with one partition
export const atomic: AtomicEnding = redisStores(send).atomic;
// @ts-expect-error: no such option
redisStores(send, { database: 1 });
// @ts-expect-error: an address isn't a client
redisStores("redis://localhost:6379");
// @ts-expect-error: a sentinel client has a different signature
redisStores(createSentinel({ name: "main", sentinelRootNodes: [] }));
