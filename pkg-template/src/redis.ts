/**
 * Stores for Redis and Valkey: sessions, grants, the outbox, and ending sessions as a set. The
 * guide is `docs/stores/redis.md`.
 *
 * @example
 * import { createClient } from "redis";
 *
 * const client = createClient({ url: "redis://localhost:6379", disableOfflineQueue: true });
 * client.on("error", (error) => console.error(error));
 * await client.connect();
 * const management = new SessionManagement(redisStores(client));
 *
 * @module
 */

import { invalidArgument } from "./errors.js";
import { optionsObject } from "./options.js";
import { type RedisClient, sender } from "./redis/client.js";
import { atomicEnding } from "./redis/ending.js";
import { grantStore } from "./redis/grants.js";
import { logoutOutbox } from "./redis/outbox.js";
import { Partitions } from "./redis/partitions.js";
import { SERVED_FILTERS } from "./redis/session-filter.js";
import { sessionStore } from "./redis/sessions.js";
import {
  checkedEnding,
  checkedGrants,
  checkedOutbox,
  checkedSessions,
} from "./stores/checked-stores.js";
import type { AtomicEnding, GrantStore, LogoutOutbox, SessionStore } from "./types.js";

export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisCluster,
  RedisClient,
  RedisSend,
} from "./redis/client.js";

/**
 * Where the stores keep their keys, and how they spread them.
 *
 * @example
 * const { sessions, grants, outbox } = redisStores(client, { prefix: "idp", partitions: 16 });
 */
export interface RedisOptions {
  /** The start of all key names, after a brace. Default `rollcall`. */
  prefix?: string | undefined;
  /**
   * The number of cluster slots that the keys are spread over, 1 to 1,024. Default 1: a single slot
   * is the fastest, and the only layout with `atomic`. It can't be changed once there are keys.
   */
  partitions?: number | undefined;
}

/** The stores of one prefix. They go into a `Host` under these names. */
export interface RedisStores {
  sessions: Required<Omit<SessionStore, "sharePartition">> & Pick<SessionStore, "sharePartition">;
  grants: Required<GrantStore>;
  outbox: Required<LogoutOutbox>;
  /** Only with one partition, because a script can't access another slot. */
  atomic?: AtomicEnding;
}

/**
 * The stores on this client, which the host connects and closes. Nothing is sent before the first
 * call.
 *
 * Errors of the client are thrown unchanged; a duplicate key is `store_failed`. Each call rejects
 * with `invalid_argument` if the keys of the prefix were laid out with another number of
 * partitions.
 *
 * @throws {RollcallError} `invalid_argument` for an unknown client or option.
 * @example
 * const { sessions, grants, outbox, atomic } = redisStores(client);
 */
export function redisStores(client: RedisClient, options?: RedisOptions): RedisStores {
  const { prefix, count } = checkedOptions(options);
  const partitions = new Partitions(sender(client), prefix, count);
  const stores = {
    sessions: {
      capabilities: { filters: SERVED_FILTERS },
      ...checkedSessions(sessionStore(partitions)),
    },
    grants: checkedGrants(grantStore(partitions)),
    outbox: checkedOutbox(logoutOutbox(partitions)),
  };
  return {
    ...stores,
    ...(count === 1 && { atomic: checkedEnding(atomicEnding(partitions), stores) }),
  };
}

const OPTIONS: readonly (keyof RedisOptions)[] = ["prefix", "partitions"];
const MAX_PARTITIONS = 1_024;

function checkedOptions(options: RedisOptions | undefined): { prefix: string; count: number } {
  const { prefix = "rollcall", partitions = 1 } = optionsObject(
    options,
    "the options of `redisStores`",
    OPTIONS,
  );
  // In a cluster, braces mark the hashed part of a key.
  if (typeof prefix !== "string" || prefix === "" || /[{}]/.test(prefix)) {
    throw invalidArgument("`prefix` must be a string without braces, and not empty");
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
    throw invalidArgument(`\`partitions\` must be a whole number from 1 to ${MAX_PARTITIONS}`);
  }
  return { prefix, count: partitions };
}
