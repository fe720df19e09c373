// @ts-check
/**
 * The ports of the servers. The identity provider's port is part of its issuer, which sessions and
 * tokens contain, so it must be the same at each start.
 *
 * @module
 */

import { UserError } from "../user-error.mjs";
import { LoopbackServer } from "./server.mjs";

/** The identity provider's port, unless it or one of the following is taken. */
export const FIRST_PORT = 4600;

/** The distance between the first ports that are tried. */
const STEP = 10;

/** How many first ports are tried. */
const TRIES = 10;

/** Servers that listen on consecutive ports, or on any that are free. */
export class Servers {
  #servers;
  #given = 0;

  /** @param {LoopbackServer[]} servers */
  constructor(servers) {
    this.#servers = servers;
  }

  /**
   * @param {number} count
   * @param {number | undefined} port the first one; 0: any free ports. Default: `FIRST_PORT`, or
   * the next free ones
   * @param {(line: string) => void} log receives a line for each port that is taken
   * @returns {Promise<Servers>}
   * @throws {UserError} if ports are taken
   */
  static async open(count, port, log) {
    if (port !== undefined) return new Servers(await listen(count, port));
    for (let tried = 0; tried < TRIES; tried++) {
      const first = FIRST_PORT + tried * STEP;
      try {
        return new Servers(await listen(count, first));
      } catch (error) {
        if (!(error instanceof PortTaken)) throw error;
        log(`port ${error.port} is taken: trying ${first + STEP} and the next`);
      }
    }
    throw new UserError("no ports are free: give others with --port, or any with --port 0");
  }

  /** @returns {LoopbackServer} the server on the next port */
  next() {
    const server = this.#servers[this.#given++];
    if (server === undefined) throw new RangeError("there are fewer servers than requested");
    return server;
  }

  /** Stops listening. */
  async close() {
    await closeAll(this.#servers);
  }
}

class PortTaken extends UserError {
  /** @param {number} port */
  constructor(port) {
    super(`port ${port} is taken: stop the program that has it, or give another with --port`);
    this.port = port;
  }
}

/**
 * @param {number} count
 * @param {number} first 0: any free ports
 * @returns {Promise<LoopbackServer[]>}
 */
async function listen(count, first) {
  const servers = [];
  for (let number = 0; number < count; number++) {
    const port = first === 0 ? 0 : first + number;
    try {
      servers.push(await LoopbackServer.listen(port));
    } catch (error) {
      await closeAll(servers);
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      throw isTaken ? new PortTaken(port) : error;
    }
  }
  return servers;
}

/** @param {LoopbackServer[]} servers */
async function closeAll(servers) {
  await Promise.all(servers.map((server) => server.close()));
}
