// @ts-check
/**
 * The notified clients, with one server for each origin. They have a separate process, so that
 * their work isn't measured. `origins.mjs` forks it. It sends its origins, and responds to each
 * message with the number of requests that it has answered.
 *
 * @module
 */

import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../../tests/servers/server.mjs";

/**
 * In milliseconds, longer than any benchmark, so that no connection is closed while its client
 * sends the next request.
 */
const KEEP_ALIVE = 3_600_000;

/** @type {{ answering: number, silent: number, refusing: number }} */
const wanted = JSON.parse(process.argv[2] ?? "");
let answered = 0;

const origins = {
  answering: await several(wanted.answering, () =>
    listening(http.createServer({ keepAliveTimeout: KEEP_ALIVE }, answer)),
  ),
  silent: await several(wanted.silent, () =>
    listening(net.createServer((socket) => socket.on("error", () => {}))),
  ),
  refusing: await several(wanted.refusing, freePort),
};
process.on("message", () => process.send?.(answered));
process.on("disconnect", () => process.exit());
process.send?.(origins);

/**
 * Answers like a client that has ended the session. The path contains the delay in milliseconds.
 *
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 */
async function answer(request, response) {
  request.resume();
  await once(request, "end");
  const delay = Number(request.url?.slice(1));
  if (delay > 0) await setTimeout(delay);
  answered += 1;
  response.writeHead(200, { "cache-control": "no-store", "content-length": "0" }).end();
}

/**
 * @param {number} count
 * @param {() => Promise<number>} port
 */
async function several(count, port) {
  const origins = [];
  for (let made = 0; made < count; made += 1) origins.push(`http://127.0.0.1:${await port()}`);
  return origins;
}

/** @param {net.Server} server */
async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return /** @type {net.AddressInfo} */ (server.address()).port;
}
