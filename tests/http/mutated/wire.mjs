/**
 * Sends requests over TCP as raw bytes, which no HTTP client would send.
 *
 * @module
 */

import { connect } from "node:net";

/** The longest time for an answer, in milliseconds. It only ends a run that hangs. */
const PATIENCE = 20_000;

/**
 * @typedef {object} RawAnswer
 * @property {number} status
 * @property {Record<string, string>} headers by name in lowercase; the last one of several
 * @property {string} body
 */

/**
 * Sends a request and reads the answer.
 *
 * @param {string} origin
 * @param {import("./requests.mjs").RawRequest} request
 * @returns {Promise<RawAnswer | undefined>} `undefined` if the server closed without an answer
 */
export async function sent(origin, request) {
  const { hostname, port, host } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const chunks = [];
  const ended = new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer to ${JSON.stringify(describe(request))}`));
      socket.destroy();
    }, PATIENCE);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (isComplete(Buffer.concat(chunks), request.method)) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  await write(socket, host, request);
  await ended;
  return answerOf(Buffer.concat(chunks));
}

async function write(socket, host, { method, target, headers, body, sending }) {
  const framing =
    body === undefined
      ? []
      : [
          sending === "chunked"
            ? ["transfer-encoding", "chunked"]
            : ["content-length", body.length],
        ];
  const lines = [...headers, ...framing].map(([name, value]) => `${name}: ${value}`);
  // One byte for each character, because a header can have non-ASCII characters.
  const head = [`${method} ${target} HTTP/1.1`, `host: ${host}`, "connection: close", ...lines];
  socket.write(Buffer.from(`${head.map(oneLine).join("\r\n")}\r\n\r\n`, "latin1"));
  if (body === undefined) return;
  switch (sending) {
    case "whole":
      socket.write(body);
      break;
    case "chunked":
      for (let at = 0; at < body.length; at += 1_000) {
        const part = body.subarray(at, at + 1_000);
        socket.write(`${part.length.toString(16)}\r\n`);
        socket.write(part);
        socket.write("\r\n");
      }
      socket.write("0\r\n\r\n");
      break;
    case "slow":
      for (let part = 0; part < 4; part += 1) {
        const step = Math.ceil(body.length / 4);
        socket.write(body.subarray(part * step, (part + 1) * step));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      break;
    case "cut":
      socket.write(body.subarray(0, body.length / 2), () => socket.end());
  }
}

/** The server handles a value that breaks a header in two, not the API. */
function oneLine(text) {
  return text.replace(/[\r\n\0]/g, "");
}

/** Not every server closes the connection, and an answer with events never ends. */
function isComplete(bytes, method) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const head = bytes.toString("latin1", 0, end);
  if (method === "HEAD" || /^content-type: text\/event-stream/im.test(head)) return true;
  const [, length] = /^content-length: (\d+)/im.exec(head) ?? [];
  if (length !== undefined) return bytes.length >= end + 4 + Number(length);
  return bytes.subarray(-5).equals(Buffer.from("0\r\n\r\n"));
}

function answerOf(bytes) {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((header) => {
      const colon = header.indexOf(":");
      return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()];
    }),
  );
  const body = bytes.subarray(end + 4);
  const whole = headers["transfer-encoding"] === "chunked" ? dechunked(body) : body;
  return { status: Number(line.split(" ")[1]), headers, body: whole.toString("utf8") };
}

function dechunked(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const length = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (!(length > 0)) break;
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
  return Buffer.concat(parts);
}

/** The parts of a request that a report needs. */
export function describe({ id, mutations, method, target, headers, body, sending }) {
  return {
    id,
    mutations,
    method,
    target: target.slice(0, 300),
    headers: headers.map(([name, value]) => `${name}: ${value.slice(0, 60)}`),
    body: body?.toString("latin1").slice(0, 300),
    sending,
  };
}
