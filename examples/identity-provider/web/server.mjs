// @ts-check
/**
 * HTTP servers on the loopback interface.
 *
 * @module
 */

/** @import { RequestListener, Server } from "node:http" */

import { once } from "node:events";
import { createServer } from "node:http";

/**
 * A server that has a port before it has a listener, because an identity provider and its clients
 * need each other's addresses. Requests that arrive before `serve` is called wait for it.
 */
export class LoopbackServer {
  /** @type {(listener: RequestListener) => void} */
  serve = () => {};
  #server;

  /** @param {Server} server */
  constructor(server) {
    this.#server = server;
    /** @type {Promise<RequestListener>} */
    const listener = new Promise((resolve) => {
      this.serve = resolve;
    });
    server.on("request", async (request, response) => (await listener)(request, response));
  }

  /**
   * @param {number} port 0: any free one
   * @returns {Promise<LoopbackServer>}
   */
  static async listen(port) {
    const server = createServer();
    const listening = once(server, "listening");
    server.listen(port, "127.0.0.1");
    await listening;
    return new LoopbackServer(server);
  }

  /** @returns {number} */
  get port() {
    const address = this.#server.address();
    if (address === null || typeof address === "string")
      throw new Error("the server is not listening");
    return address.port;
  }

  /** Stops listening, and closes open connections. */
  async close() {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
