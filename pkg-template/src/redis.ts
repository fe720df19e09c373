/**
 * Stores for Redis and Valkey: sessions, grants, the outbox, and the end of sessions as a set. The
 * guide is `docs/stores/redis.md`.
 *
 * @example
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

/** Where the keys are. */
export interface RedisOptions {
  /** What the names of all keys begin with, behind a brace. Default `rollcall`. */
  prefix?: string | undefined;
  /**
   * Over how many slots of a cluster the keys are spread, from 1 to 1,024. Default 1: all in one
   * slot, which is the fastest, and the only one that offers `atomic`. It cannot be changed once
   * there are keys.
   */
  partitions?: number | undefined;
}

/** The stores of one prefix. They go into a `Host` under these names. */
export interface RedisStores {
  sessions: Required<Omit<SessionStore, "sharePartition">> & Pick<SessionStore, "sharePartition">;
  grants: Required<GrantStore>;
  outbox: Required<LogoutOutbox>;
  /** Only with one partition: no script reaches into another slot. */
  atomic?: AtomicEnding;
}

/**
 * The stores on this client, which the host connects and closes. Nothing is sent before the first
 * call.
 *
 * Errors of the client are thrown as they are; a key that is there already is `store_failed`. Each
 * call rejects with `invalid_argument` if the keys of the prefix were laid out with another number
 * of partitions.
 *
 * @throws {RollcallError} `invalid_argument` for an unknown client or option.
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
const MOST_PARTITIONS = 1_024;

function checkedOptions(options: RedisOptions | undefined): { prefix: string; count: number } {
  const { prefix = "rollcall", partitions = 1 } = optionsObject(
    options,
    "the options of `redisStores`",
    OPTIONS,
  );
  // Braces would be taken for the ones that a cluster hashes.
  if (typeof prefix !== "string" || prefix === "" || /[{}]/.test(prefix)) {
    throw invalidArgument("`prefix` must be a string without braces, and not empty");
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MOST_PARTITIONS) {
    throw invalidArgument(`\`partitions\` must be a whole number from 1 to ${MOST_PARTITIONS}`);
  }
  return { prefix, count: partitions };
}
