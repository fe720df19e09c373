// Shared by the tests of the sender: relying parties that are real servers, the provider's keys,
// and messages to send.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { exportJWK, generateKeyPair } from "jose";
import { backChannelSender } from "../../pkg/logout.js";
import { listening } from "../listening.mjs";

export const ISSUER = "https://id.example.com";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** A key pair as JWKs, with a `kid` that names its algorithm. */
export async function keyPair(alg, options = {}) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { ...options, extractable: true });
  const members = { kid: `key for ${alg}`, alg };
  return {
    publicJwk: { ...(await exportJWK(publicKey)), ...members },
    privateJwk: { ...(await exportJWK(privateKey)), ...members },
  };
}

/** The provider's key for tests that don't depend on the signature. */
export const providerKey = await keyPair("ES256");

/** A sender to local relying parties. */
export function localSender(options = {}) {
  return backChannelSender({
    issuer: ISSUER,
    signingKeys: [providerKey.privateJwk],
    allowInsecure: true,
    ...options,
  });
}

/**
 * The ways of the sender to make requests on Node, as its options. `onHead` is called once the head
 * of an answer has arrived.
 */
export const TRANSPORTS = {
  "by `node:http`": (t, onHead) => {
    if (onHead !== undefined) {
      const listener = () => setImmediate(onHead);
      subscribe("http.client.response.finish", listener);
      t.after(() => unsubscribe("http.client.response.finish", listener));
    }
    return {};
  },
  "by `fetch`": (_t, onHead = () => {}) => ({
    fetch: async (...request) => {
      const response = await fetch(...request);
      setImmediate(onHead);
      return response;
    },
  }),
};

/**
 * A message as the core makes it, for a client that registered ES256. `claims` and `client`
 * override the default ones.
 */
export function messageTo(logoutUri, { claims = {}, client = {}, ...members } = {}) {
  const now = Math.floor(Date.now() / 1000);
  return {
    id: "notification-1",
    clientId: "shop",
    logoutUri,
    subjectId: "alice",
    sessionId: "session-1",
    reason: "terminated",
    attempt: 0,
    created: now * 1000,
    client: { clientId: "shop", idTokenSignedResponseAlg: "ES256", ...client },
    claims: {
      aud: "shop",
      iat: now,
      exp: now + 120,
      jti: "token-1",
      events: { [EVENT]: {} },
      sub: "alice",
      sid: "session-1",
      logout_reason: "terminated",
      ...claims,
    },
    ...members,
  };
}

/**
 * A local relying party for one test. It records its requests, and answers with `answer`, by
 * default with an empty 200.
 */
export async function relyingParty(
  t,
  answer = (_, response) => response.end(),
  { tls = false } = {},
) {
  const requests = [];
  const listener = async (request, response) => {
    const chunks = await request.toArray();
    const body = Buffer.concat(chunks).toString();
    requests.push({ method: request.method, path: request.url, headers: request.headers, body });
    await answer(request, response, body);
  };
  const server = tls ? https.createServer(selfSigned(), listener) : http.createServer(listener);
  const origin = `${tls ? "https" : "http"}://${await listening(t, server)}`;
  return {
    origin,
    uri: `${origin}/logout`,
    requests,
    server,
    /** The token of the latest request. */
    token: () => new URLSearchParams(requests.at(-1).body).get("logout_token"),
  };
}

/** A relying party that answers with a status, headers and a body. */
export function answering(t, status, { headers = {}, body = "" } = {}) {
  return relyingParty(t, (_, response) => response.writeHead(status, headers).end(body));
}

/** Lets a test time out an attempt without waiting: `timeout` is for the sender's options. */
export function deadline(t) {
  const { setTimeout } = globalThis;
  const timeout = 98_765;
  let expire;
  t.mock.method(globalThis, "setTimeout", (callback, delay, ...rest) => {
    if (delay !== timeout) {
      return setTimeout(callback, delay, ...rest);
    }
    expire = callback;
  });
  return { timeout, expire: () => expire() };
}

/** The path of an untrusted certificate, with its key. */
export const SELF_SIGNED = new URL("fixtures/self-signed.pem", import.meta.url);

function selfSigned() {
  const pem = readFileSync(SELF_SIGNED);
  return { key: pem, cert: pem };
}

/** The URI of a port on which no server listens. */
export async function refusingUri() {
  const server = http.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}/logout`;
}

/** A promise with the function that resolves it. */
export function deferred() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
