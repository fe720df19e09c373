// The clients: a real server, which counts the logout tokens that it accepts.
import { once } from "node:events";
import http from "node:http";
import { decodeJwt } from "jose";

/** What a client is told, in a word: who, of whom, and of which session. */
export function tokenName({ aud, sub, sid }) {
  return [aud, sub, sid].filter((part) => part !== undefined).join(" / ");
}

/**
 * Starts the server. Each run has addresses of its own, so that what is late is not taken for the
 * next one's.
 */
export async function startReceiver() {
  const runs = new Map();
  const server = http.createServer(async (request, response) => {
    const [, run, clientId] = request.url.split("/");
    const { told, unwilling } = runs.get(run);
    const chunks = await request.toArray().catch(() => undefined);
    // Of who dies while sending nothing is known.
    if (chunks === undefined) return;
    if (unwilling.delete(clientId)) {
      response.writeHead(503).end();
      return;
    }
    const token = new URLSearchParams(Buffer.concat(chunks).toString()).get("logout_token");
    const name = tokenName(decodeJwt(token));
    told.set(name, (told.get(name) ?? 0) + 1);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    /**
     * What a run needs: an address for each client, and how often each token came. Who is
     * `unwilling` turns the first one away.
     *
     * @param {string[]} unwilling
     */
    begin: (unwilling) => {
      const run = `${runs.size}`;
      const told = new Map();
      runs.set(run, { told, unwilling: new Set(unwilling) });
      return { uri: (clientId) => `${origin}/${run}/${clientId}`, told };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
