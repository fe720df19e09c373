// Key sets of clients at their `jwksUri`.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compactDecrypt, decodeProtectedHeader, importJWK } from "jose";
import {
  answering,
  deadline,
  keyPair,
  localSender,
  messageTo,
  refusingUri,
  relyingParty,
} from "./support.mjs";

const ALG = "RSA-OAEP-256";
const { publicJwk, privateJwk } = await keyPair(ALG);
const KEY_SET = JSON.stringify({ keys: [publicJwk] });

const messageWithKeySetAt = (uri, jwksUri, client = {}) =>
  messageTo(uri, { client: { idTokenEncryptedResponseAlg: ALG, jwksUri, ...client } });

describe("a key set", () => {
  test("is fetched, and its key is cached", async (t) => {
    const keys = await answering(t, 200, { body: KEY_SET });
    const party = await relyingParty(t);
    const send = localSender();
    for (const _ of [1, 2, 3]) {
      assert.deepEqual(await send(messageWithKeySetAt(party.uri, keys.uri)), {
        delivered: true,
        status: 200,
      });
      await compactDecrypt(party.token(), await importJWK(privateJwk, ALG));
    }
    assert.deepEqual(
      keys.requests.map(({ method, headers }) => [method, headers.accept]),
      [["GET", "application/jwk-set+json, application/json"]],
    );
  });

  test("is fetched again when its cached key has expired", async (t) => {
    const rotated = { ...publicJwk, kid: "rotated" };
    let current = publicJwk;
    const keys = await relyingParty(t, (_, response) =>
      response.end(JSON.stringify({ keys: [current] })),
    );
    const party = await relyingParty(t);
    const send = localSender();
    const start = Date.now();
    const kids = [];
    for (const [minutes, key] of [
      [0, publicJwk],
      [4, rotated],
      [6, rotated],
    ]) {
      current = key;
      t.mock.method(Date, "now", () => start + minutes * 60_000);
      await send(messageWithKeySetAt(party.uri, keys.uri));
      kids.push(decodeProtectedHeader(party.token()).kid);
    }
    assert.deepEqual(kids, [publicJwk.kid, publicJwk.kid, "rotated"]);
  });

  test("without a matching key is fetched again the next time", async (t) => {
    let current = { keys: [] };
    const keys = await relyingParty(t, (_, response) => response.end(JSON.stringify(current)));
    const party = await relyingParty(t);
    const send = localSender();
    assert.deepEqual(await send(messageWithKeySetAt(party.uri, keys.uri)), {
      delivered: false,
      retry: false,
      error: `\`jwksUri\` has no public key for \`${ALG}\``,
    });
    assert.equal(party.requests.length, 0);
    current = { keys: [publicJwk] };
    assert.deepEqual(await send(messageWithKeySetAt(party.uri, keys.uri)), {
      delivered: true,
      status: 200,
    });
  });

  test("in the registration takes precedence over one at `jwksUri`", async (t) => {
    const keys = await answering(t, 200, { body: KEY_SET });
    const party = await relyingParty(t);
    const jwks = { keys: [{ ...publicJwk, kid: "registered" }] };
    await localSender()(messageWithKeySetAt(party.uri, keys.uri, { jwks }));
    assert.equal(decodeProtectedHeader(party.token()).kid, "registered");
    assert.equal(keys.requests.length, 0);
  });

  test("is fetched by each of many concurrent notifications, and each is delivered", async (t) => {
    const keys = await answering(t, 200, { body: KEY_SET });
    const party = await relyingParty(t);
    const send = localSender();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => send(messageWithKeySetAt(party.uri, keys.uri))),
    );
    assert.deepEqual(new Set(outcomes.map(({ delivered }) => delivered)), new Set([true]));
    assert.equal(party.requests.length, 8);
  });
});

test("the thousand-and-first cached key replaces the first one", async () => {
  const fetched = [];
  const fetch = async (url, { method = "GET" }) => {
    if (method === "GET") fetched.push(new URL(url).pathname);
    return new Response(method === "GET" ? KEY_SET : "");
  };
  const send = localSender({ fetch });
  const sendWithKeySet = (number) =>
    send(messageWithKeySetAt("https://rp.example.com/logout", `https://rp.example.com/${number}`));
  for (let number = 1; number <= 1_001; number += 1) {
    assert.deepEqual(await sendWithKeySet(number), { delivered: true, status: 200 });
  }
  fetched.length = 0;
  await sendWithKeySet(2);
  await sendWithKeySet(1);
  assert.deepEqual(fetched, ["/1"]);
});

describe("a key set that can't be fetched", () => {
  const longKeySet = JSON.stringify({ keys: [{ ...publicJwk, x5c: ["x".repeat(65_536)] }] });
  for (const [name, status, answer, outcome] of [
    ["doesn't exist", 404, {}, { retry: false, error: "`jwksUri` answered 404" }],
    ["is empty", 204, {}, { retry: false, error: "`jwksUri` answered 204" }],
    ["fails temporarily", 500, {}, { retry: true, error: "`jwksUri` answered 500" }],
    [
      "asks to wait",
      429,
      { headers: { "retry-after": "9" } },
      { retry: true, retryAfter: 9, error: "`jwksUri` answered 429" },
    ],
    [
      "is too long",
      200,
      { body: longKeySet },
      { retry: false, error: "`jwksUri` has more than 65536 bytes" },
    ],
    [
      "is not JSON",
      200,
      { body: "<html>" },
      { retry: false, error: "the answer of `jwksUri` is not JSON" },
    ],
    [
      "isn't a key set",
      200,
      { body: '{"key":[]}' },
      { retry: false, error: "`jwksUri` is not a JWK set" },
    ],
    ["is null", 200, { body: "null" }, { retry: false, error: "`jwksUri` is not a JWK set" }],
  ]) {
    test(`because it ${name} prevents sending`, async (t) => {
      const keys = await answering(t, status, answer);
      const party = await relyingParty(t);
      assert.deepEqual(await localSender()(messageWithKeySetAt(party.uri, keys.uri)), {
        delivered: false,
        ...outcome,
      });
      assert.equal(party.requests.length, 0);
    });
  }

  test("because it redirects is not followed", async (t) => {
    const elsewhere = await answering(t, 200, { body: KEY_SET });
    const keys = await answering(t, 302, { headers: { location: elsewhere.uri } });
    const party = await relyingParty(t);
    const outcome = await localSender()(messageWithKeySetAt(party.uri, keys.uri));
    assert.equal(outcome.retry, false);
    assert.match(outcome.error, /redirects/);
    assert.deepEqual([elsewhere.requests.length, party.requests.length], [0, 0]);
  });

  test("because no server listens is retried", async (t) => {
    const party = await relyingParty(t);
    const outcome = await localSender()(messageWithKeySetAt(party.uri, await refusingUri()));
    assert.equal(outcome.retry, true);
    assert.match(outcome.error, /ECONNREFUSED/);
    assert.equal(party.requests.length, 0);
  });

  test("because it breaks off is retried", async (t) => {
    const keys = await relyingParty(t, (_, response) => {
      response.writeHead(200, { "content-length": KEY_SET.length });
      response.write(KEY_SET.slice(0, 20), () => response.destroy());
    });
    const party = await relyingParty(t);
    assert.deepEqual(await localSender()(messageWithKeySetAt(party.uri, keys.uri)), {
      delivered: false,
      retry: true,
      error: "the answer of `jwksUri` ended early",
    });
  });

  test("because it stalls is given up in time", async (t) => {
    const { timeout, expire } = deadline(t);
    const keys = await relyingParty(t, (_, response) =>
      response.writeHead(200).write(KEY_SET.slice(0, 20)),
    );
    const party = await relyingParty(t);
    const fetchThenExpire = async (...request) => {
      const response = await fetch(...request);
      setImmediate(expire);
      return response;
    };
    const send = localSender({ timeout, fetch: fetchThenExpire });
    assert.deepEqual(await send(messageWithKeySetAt(party.uri, keys.uri)), {
      delivered: false,
      retry: true,
      error: "no answer within 98765 ms",
    });
    assert.equal(party.requests.length, 0);
  });

  test("because its address isn't allowed is not requested", async () => {
    const fetch = () => Promise.reject(new Error("asked"));
    const send = localSender({ allowInsecure: false, fetch });
    for (const [jwksUri, error] of [
      ["http://rp.example.com/jwks", "`jwksUri` must be an https URL"],
      [
        "https://169.254.169.254/latest/meta-data",
        "`jwksUri` points to `169.254.169.254`, which is not a public address",
      ],
    ]) {
      const outcome = await send(messageWithKeySetAt("https://rp.example.com/logout", jwksUri));
      assert.deepEqual(outcome, { delivered: false, retry: false, error });
    }
  });
});
