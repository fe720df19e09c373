// The clients: a real server that counts the logout tokens that it accepts.
import { once } from "node:events";
import http from "node:http";
import { decodeJwt } from "jose";

/** A name for a notification, made of its client, subject and session. */
export function tokenName({ aud, sub, sid }) {
  return [aud, sub, sid].filter((part) => part !== undefined).join(" / ");
}

/**
 * Starts the server. Each run has its own addresses, so that late requests don't count for the next
 * run.
 */
export async function startReceiver() {
  const runs = new Map();
  const server = http.createServer(async (request, response) => {
    const [, run, clientId] = request.url.split("/");
    const { received, unwilling } = runs.get(run);
    const chunks = await request.toArray().catch(() => undefined);
    // A request of a process that died while sending isn't counted.
    if (chunks === undefined) return;
    if (unwilling.delete(clientId)) {
      response.writeHead(503).end();
      return;
    }
    const token = new URLSearchParams(Buffer.concat(chunks).toString()).get("logout_token");
    const name = tokenName(decodeJwt(token));
    received.set(name, (received.get(name) ?? 0) + 1);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    /**
     * Starts a run. Returns an address for each client, and the number of times that each token
     * arrived. Clients in `unwilling` reject their first token.
     *
     * @param {string[]} unwilling
     */
    begin: (unwilling) => {
      const run = `${runs.size}`;
      const received = new Map();
      runs.set(run, { received, unwilling: new Set(unwilling) });
      return { uri: (clientId) => `${origin}/${run}/${clientId}`, received };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
