// @ts-check
/**
 * Clients that are told: a process of its own with one server an origin, so that their work is not
 * counted in that of the process that notifies them. It is forked by `origins.mjs`, sends the
 * origins it has, and, whenever it is sent anything, how many requests it has answered.
 *
 * @module
 */

import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../../tests/servers/server.mjs";

/**
 * Longer than any benchmark: a connection ends with its client, never in the middle of its next
 * request. Milliseconds.
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
 * Answers as a client that has ended the session, after as many milliseconds as the path says.
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
