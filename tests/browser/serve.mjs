/**
 * A static file server for the console and the package, on a free port of this machine.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The strictest policy that the console promises to work under. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'";

/** @import { IncomingMessage, ServerResponse } from "node:http" */

/**
 * Serves `www/`, with `pkg/` below it; `answer` comes first and says `false` to what it leaves to
 * the files.
 *
 * @param {(request: IncomingMessage, response: ServerResponse) => Promise<boolean>} [answer]
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serveConsole(answer = async () => false) {
  const server = createServer(async (request, response) => {
    try {
      if (!(await answer(request, response))) await sendFile(request, response);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function sendFile(request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  const file = path === "/" ? "/index.html" : path;
  const body = await readFile(join(ROOT, file.startsWith("/pkg/") ? "" : "www", file)).catch(
    () => undefined,
  );
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "content-type": TYPES[extname(file)] ?? "application/octet-stream",
    "content-security-policy": POLICY,
  });
  response.end(body);
}
