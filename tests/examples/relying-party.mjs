/**
 * A local relying party, to which the examples send their logout tokens.
 *
 * @module
 */

import { once } from "node:events";
import { createServer } from "node:http";
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from "jose";

export const ISSUER = "https://id.example.com";

/** The provider's key, in the form that the examples need. */
export async function providerKey() {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const members = { kid: "1", alg: "ES256" };
  return {
    signingKeys: [{ ...(await exportJWK(privateKey)), ...members }],
    keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), ...members }] }),
  };
}

/**
 * Starts to listen.
 *
 * @param {{ keys: import("jose").JWTVerifyGetKey, answer?: (number: number) => unknown }} options
 *   `answer` returns the status for the n-th request, from 0, or a promise of it
 */
export async function relyingParty({ keys, answer = () => 200 }) {
  const tokens = [];
  const waiting = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const token = new URLSearchParams(body).get("logout_token") ?? "";
    const { payload } = await jwtVerify(token, keys, {
      issuer: ISSUER,
      audience: "shop",
      typ: "logout+jwt",
    });
    const number = tokens.push(payload) - 1;
    for (const { count, resolve } of waiting) if (tokens.length >= count) resolve();
    response.writeHead(await answer(number)).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    client: {
      clientId: "shop",
      idTokenSignedResponseAlg: "ES256",
      backChannelLogoutUri: `http://127.0.0.1:${server.address().port}/logout`,
    },
    /** The claims of the received tokens, once there are this many. */
    received: async (count) => {
      if (tokens.length < count) await new Promise((resolve) => waiting.push({ count, resolve }));
      return tokens;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
