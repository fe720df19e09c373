// The endpoint behind a server of Node, with an identity provider that signs tokens and publishes
// its keys on another server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { createRemoteJWKSet, exportJWK, generateKeyPair, SignJWT } from "jose";
import { privateKeyJwt } from "../../pkg/global-token-revocation.js";
import { listening } from "../listening.mjs";
import { ALICE, ENDPOINT, provider } from "./support.mjs";

const ISSUER = "https://idp.example.com/";

/** The handler as a listener of `node:http`, as in its page of the documentation. */
function listener(handle) {
  return async (incoming, outgoing) => {
    const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
    const request = new Request(new URL(incoming.url, "https://id.example.com"), {
      method: incoming.method,
      headers: incoming.headers,
      ...(hasBody && { body: Readable.toWeb(incoming), duplex: "half" }),
    });
    const response = await handle(request);
    // An unread body leaves the connection unusable.
    if (!incoming.complete) outgoing.setHeader("connection", "close");
    outgoing
      .writeHead(response.status, Object.fromEntries(response.headers))
      .end(await response.text());
  };
}

/** A local server for one test; returns its origin. */
async function serve(t, listen) {
  return `http://${await listening(t, createServer(listen))}`;
}

/** An identity provider with its key set, and the endpoint that trusts it. */
async function started(t) {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const keySet = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] };
  const idp = await serve(t, (_, response) =>
    response.setHeader("content-type", "application/json").end(JSON.stringify(keySet)),
  );
  const idpKeys = createRemoteJWKSet(new URL(`${idp}/jwks`));

  const used = new Set();
  const all = provider({
    authorize: privateKeyJwt({
      audience: ENDPOINT,
      keys: (issuer) => (issuer === ISSUER ? idpKeys : undefined),
      isFirstUse: ({ jti }) => !used.has(jti) && used.add(jti) === used,
    }),
  });
  const origin = await serve(t, listener(all.handle));
  const sign = () =>
    new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: "ES256", kid: "1" })
      .setIssuer(ISSUER)
      .setSubject("integration")
      .setAudience(ENDPOINT)
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(privateKey);
  const post = (token, body = ALICE) =>
    fetch(`${origin}/global-token-revocation`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
  return { ...all, origin, sign, post };
}

test("an identity provider signs a user out", async (t) => {
  const { sign, post, signIn, grant, sessions, grants, errors } = await started(t);
  await signIn("alice", "one");
  await grant("alice", "refresh_token");
  const token = await sign();

  const response = await post(token);
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
  assert.deepEqual(await sessions(), []);
  assert.deepEqual(await grants("alice"), []);

  const replayed = await post(token);
  assert.equal(replayed.status, 401);
  assert.equal(replayed.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
  assert.deepEqual(errors, []);
});

test("refusals reach the caller", async (t) => {
  const { origin, sign, post, errors } = await started(t);
  const anonymous = await post(undefined);
  assert.deepEqual([anonymous.status, anonymous.headers.get("www-authenticate")], [401, "Bearer"]);
  const unknown = await post(await sign(), {
    sub_id: { format: "email", email: "nobody@example.com" },
  });
  assert.deepEqual([unknown.status, (await unknown.json()).error], [404, "user_not_found"]);
  const malformed = await post(await sign(), { sub_id: { format: "email" } });
  assert.deepEqual([malformed.status, (await malformed.json()).error], [400, "invalid_request"]);
  const big = await post(await sign(), { sub_id: { format: "opaque", id: "x".repeat(100_000) } });
  assert.equal(big.status, 413);
  const read = await fetch(origin);
  assert.deepEqual([read.status, read.headers.get("allow")], [405, "POST"]);
  assert.deepEqual(errors, []);
});

/** A connection with a request whose body doesn't end. `length` is its declared length. */
async function unfinished(origin, token, length, body) {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  await once(socket, "connect");
  const head = [
    "POST / HTTP/1.1",
    "host: id.example.com",
    "content-type: application/json",
    `authorization: Bearer ${token}`,
  ];
  socket.write([...head, `content-length: ${length}`, "", body].join("\r\n"));
  return socket;
}

test("an endless body is answered before its end", async (t) => {
  const { origin, sign, errors } = await started(t);
  const socket = await unfinished(origin, await sign(), 1_000_000, " ".repeat(20_000));
  const answer = Buffer.concat(await socket.toArray()).toString();
  assert.match(answer, /^HTTP\/1.1 413 /);
  assert.match(answer, /^connection: close\r$/im);
  assert.deepEqual(errors, []);
});

test("a caller that disconnects in the middle of the body revokes nothing", async (t) => {
  const { origin, sign, signIn, sessions, post, errors } = await started(t);
  await signIn("alice", "one");
  const socket = await unfinished(origin, await sign(), 100, '{"sub_id":');
  socket.destroy();
  await once(socket, "close");
  assert.equal((await post(undefined)).status, 401);
  assert.deepEqual(await sessions(), ["one"]);
  assert.deepEqual(errors, []);
});
