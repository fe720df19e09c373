/**
 * The part of a client that the stores use: sending one command, routed by one key.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import { isThenable } from "../plain-object.js";

/** A client of `redis` (node-redis 5 and 6): `createClient` or `createClientPool`. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  sendCommand(command: string[]): Promise<unknown>;
}

/** A client of `redis` (node-redis 5 and 6): `createCluster`. */
export interface NodeRedisCluster {
  /** Never called: it identifies a cluster. */
  getSlotRandomNode(slot: number): unknown;
  sendCommand(
    routingKey: string | undefined,
    isReadonly: boolean | undefined,
    command: string[],
  ): Promise<unknown>;
}

/** A client of `ioredis`: `Redis` or `Cluster`. */
export interface IoredisClient {
  call(command: string, args: string[]): Promise<unknown>;
}

/**
 * Any other client, as one function: it sends the command, whose first item is its name, to the
 * node that owns `routingKey`, and resolves to the reply or rejects with the server's error. A
 * reply is a list of strings.
 */
export type RedisSend = (routingKey: string, command: string[]) => Promise<unknown>;

/** A supported client. The host connects and closes it. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | IoredisClient | RedisSend;

/** @throws {RollcallError} `invalid_argument` for any other client. */
export function sender(client: RedisClient): RedisSend {
  if (typeof client === "function") {
    return client;
  }
  if (typeof client === "object" && client !== null) {
    if ("call" in client && typeof client.call === "function") {
      return ioredisSender(client);
    }
    if ("sendCommand" in client && typeof client.sendCommand === "function") {
      if ("getSlotRandomNode" in client) {
        return (routingKey, command) => client.sendCommand(routingKey, false, command);
      }
      // A sentinel client of node-redis has a method of the same name with other arguments.
      if ("isOpen" in client && !("getSentinelNode" in client)) {
        return (_, command) => client.sendCommand(command);
      }
    }
  }
  const advice = isThenable(client) ? ", and not a promise: await it first" : "";
  throw invalidArgument(
    `the client must be one of \`redis\` or \`ioredis\`, or a function that sends a command${advice}`,
  );
}

function ioredisSender(client: IoredisClient): RedisSend {
  return (_, [name = "", ...args]) => client.call(name, args);
}
