// Encrypted logout tokens: OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6; OpenID
// Connect Core 1.0, section 10.2.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { compactDecrypt, decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { ISSUER, keyPair, localSender, messageTo, providerKey, relyingParty } from "./support.mjs";

const SECRET = "the secret of a confidential client";

const rsa = await keyPair("RSA-OAEP-256");

/** Sends to a client with these encryption settings, and returns the outcome and the party. */
async function sendTo(t, client, options = {}) {
  const party = await relyingParty(t);
  const message = messageTo(party.uri, { client });
  return { outcome: await localSender(options)(message), party, message };
}

/** Decrypts a token with the client's key and verifies the inner one with the provider's. */
async function opened(token, key, typ = "logout+jwt") {
  const { plaintext, protectedHeader } = await compactDecrypt(token, key);
  const publicKey = await importJWK(providerKey.publicJwk);
  const nested = await jwtVerify(new TextDecoder().decode(plaintext), publicKey, {
    issuer: ISSUER,
    typ,
  });
  return { header: protectedHeader, payload: nested.payload };
}

/** A client's key pair. The public half has only the given `members` in addition. */
async function clientKey(alg, members = {}, options = {}) {
  const { publicJwk, privateJwk } = await keyPair(alg, options);
  const { alg: _, ...publicMembers } = publicJwk;
  return {
    publicJwk: { ...publicMembers, kid: "key of the client", ...members },
    privateKey: await importJWK(privateJwk, alg),
  };
}

describe("a token for a client that registered encryption", () => {
  for (const [alg, enc, options] of [
    ["RSA-OAEP", "A128CBC-HS256"],
    ["RSA-OAEP-256", "A256GCM"],
    ["RSA-OAEP-384", "A128GCM"],
    ["RSA-OAEP-512", "A192GCM"],
    ["ECDH-ES", "A256CBC-HS512"],
    ["ECDH-ES", "A128GCM", { crv: "P-384" }],
    ["ECDH-ES", "A128GCM", { crv: "X25519" }],
    ["ECDH-ES+A128KW", "A192CBC-HS384", { crv: "P-521" }],
    ["ECDH-ES+A192KW", "A128GCM"],
    ["ECDH-ES+A256KW", "A128GCM"],
  ]) {
    test(`is nested in one with ${alg} ${options?.crv ?? ""} and ${enc}`, async (t) => {
      const { publicJwk, privateKey } = await clientKey(alg, {}, options);
      const client = {
        idTokenEncryptedResponseAlg: alg,
        idTokenEncryptedResponseEnc: enc,
        jwks: { keys: [publicJwk] },
      };
      const { outcome, party, message } = await sendTo(t, client);
      assert.deepEqual(outcome, { delivered: true, status: 200 });
      const { header, payload } = await opened(party.token(), privateKey);
      const { epk, ...rest } = header;
      assert.deepEqual(rest, { alg, enc, cty: "JWT", kid: "key of the client", iss: ISSUER });
      assert.equal(epk !== undefined, alg.startsWith("ECDH-ES"));
      assert.deepEqual(payload, { ...message.claims, iss: ISSUER });
    });
  }

  test("is encrypted with A128CBC-HS256 if the client registered no content algorithm", async (t) => {
    const { publicJwk, privateKey } = await clientKey("RSA-OAEP-256");
    const { party } = await sendTo(t, {
      idTokenEncryptedResponseAlg: "RSA-OAEP-256",
      jwks: { keys: [publicJwk] },
    });
    assert.equal((await opened(party.token(), privateKey)).header.enc, "A128CBC-HS256");
  });

  test("has the client's registered type inside, and the usual header outside", async (t) => {
    const { publicJwk, privateKey } = await clientKey("RSA-OAEP-256");
    const { party } = await sendTo(t, {
      idTokenEncryptedResponseAlg: "RSA-OAEP-256",
      jwks: { keys: [publicJwk] },
      logoutTokenType: "JWT",
    });
    const { header } = await opened(party.token(), privateKey, "JWT");
    assert.deepEqual(header, {
      alg: "RSA-OAEP-256",
      enc: "A128CBC-HS256",
      cty: "JWT",
      kid: "key of the client",
      iss: ISSUER,
    });
  });

  test("repeats the signed issuer in the clear", async (t) => {
    const { publicJwk } = await clientKey("RSA-OAEP-256");
    const party = await relyingParty(t);
    const client = { idTokenEncryptedResponseAlg: "RSA-OAEP-256", jwks: { keys: [publicJwk] } };
    await localSender()(
      messageTo(party.uri, { client, claims: { iss: "https://old.example.com" } }),
    );
    assert.equal(decodeProtectedHeader(party.token()).iss, "https://old.example.com");
  });

  test("doesn't change the client's registration", async (t) => {
    const { publicJwk } = await clientKey("RSA-OAEP-256", { use: "enc", key_ops: ["encrypt"] });
    const jwks = { keys: [publicJwk] };
    const before = structuredClone(jwks);
    await sendTo(t, { idTokenEncryptedResponseAlg: "RSA-OAEP-256", jwks });
    assert.deepEqual(jwks, before);
    assert.ok(!Object.isFrozen(publicJwk));
  });

  test("never appears in an error, whatever the client answers", async (t) => {
    const { publicJwk, privateKey } = await clientKey("ECDH-ES");
    const party = await relyingParty(t, async (_, response) => {
      const { plaintext } = await compactDecrypt(party.token(), privateKey);
      response.writeHead(400).end(
        JSON.stringify({
          error: party.token(),
          error_description: new TextDecoder().decode(plaintext),
        }),
      );
    });
    const client = { idTokenEncryptedResponseAlg: "ECDH-ES", jwks: { keys: [publicJwk] } };
    const { error } = await localSender()(messageTo(party.uri, { client }));
    assert.equal(error, "the client answered 400: `…` (`…`)");
  });
});

describe("the client's key", () => {
  const wanted = { idTokenEncryptedResponseAlg: "RSA-OAEP-256" };

  test("is the one for encryption, of the right type and algorithm", async (t) => {
    const { publicJwk, privateKey } = await clientKey("RSA-OAEP-256", { kid: "right", use: "enc" });
    const others = await Promise.all([
      clientKey("ECDH-ES", { kid: "another type", use: "enc" }),
      clientKey("RS256", { kid: "for signatures", use: "sig" }),
      clientKey("RSA-OAEP-512", { kid: "another algorithm", alg: "RSA-OAEP-512", use: "enc" }),
      clientKey("RS256", { kid: "to verify", key_ops: ["verify"] }),
      clientKey("RS256", { kid: "no use" }),
    ]);
    const keys = [
      null,
      "key",
      {},
      { ...rsa.privateJwk, kid: "private" },
      ...others.map((other) => other.publicJwk),
      publicJwk,
    ];
    const { party } = await sendTo(t, { ...wanted, jwks: { keys } });
    assert.equal((await opened(party.token(), privateKey)).header.kid, "right");
  });

  test("may have neither a use nor an id", async (t) => {
    const { publicJwk, privateKey } = await clientKey("RSA-OAEP-256", { kid: undefined });
    const { party } = await sendTo(t, { ...wanted, jwks: { keys: [publicJwk] } });
    assert.ok(!("kid" in (await opened(party.token(), privateKey)).header));
  });

  test("for key agreement may declare that operation", async (t) => {
    const { publicJwk, privateKey } = await clientKey("ECDH-ES", { key_ops: ["deriveBits"] });
    const { party } = await sendTo(t, {
      idTokenEncryptedResponseAlg: "ECDH-ES",
      jwks: { keys: [publicJwk] },
    });
    await opened(party.token(), privateKey);
  });

  const secp256k1 = { kty: "EC", crv: "secp256k1", x: "AA", y: "AA" };
  for (const [name, client, error] of [
    [
      "no key at all",
      {},
      "`RSA-OAEP-256` needs a key of the client, which has neither `jwks` nor `jwksUri`",
    ],
    ["an empty set", { jwks: { keys: [] } }, "`jwks` has no public key for `RSA-OAEP-256`"],
    ["a value that isn't a set", { jwks: [] }, "`jwks` is not a JWK set"],
    [
      "a key for signatures",
      { jwks: { keys: [{ ...rsa.publicJwk, use: "sig" }] } },
      "`jwks` has no public key for `RSA-OAEP-256`",
    ],
    [
      "a key for another algorithm",
      { jwks: { keys: [{ ...rsa.publicJwk, alg: "RSA-OAEP" }] } },
      "`jwks` has no public key for `RSA-OAEP-256`",
    ],
    [
      "a key for another operation",
      { jwks: { keys: [{ ...rsa.publicJwk, key_ops: ["verify"] }] } },
      "`jwks` has no public key for `RSA-OAEP-256`",
    ],
    [
      "a private key",
      { jwks: { keys: [rsa.privateJwk] } },
      "`jwks` has no public key for `RSA-OAEP-256`",
    ],
    [
      "a key on another curve",
      { idTokenEncryptedResponseAlg: "ECDH-ES", jwks: { keys: [secp256k1] } },
      "`jwks` has no public key for `ECDH-ES`",
    ],
    [
      "a broken algorithm",
      { idTokenEncryptedResponseAlg: "RSA1_5" },
      "the client's `idTokenEncryptedResponseAlg` is `RSA1_5`, which is not supported",
    ],
    [
      "an unknown content algorithm",
      { idTokenEncryptedResponseEnc: "A512GCM" },
      "the client's `idTokenEncryptedResponseEnc` is `A512GCM`, which is not supported",
    ],
    [
      "a missing secret",
      { idTokenEncryptedResponseAlg: "dir" },
      "`dir` needs the client's secret: set `clientSecret`",
    ],
  ]) {
    test(`with ${name} nothing is sent`, async (t) => {
      const { outcome, party } = await sendTo(t, { ...wanted, ...client });
      assert.deepEqual(outcome, { delivered: false, retry: false, error });
      assert.equal(party.requests.length, 0);
    });
  }

  test("with an invalid key nothing is sent", async (t) => {
    const { outcome, party } = await sendTo(t, {
      ...wanted,
      jwks: { keys: [{ kty: "RSA", n: "AAAA", e: "AQAB" }] },
    });
    assert.equal(outcome.retry, false);
    assert.match(outcome.error, /^cannot encrypt with `RSA-OAEP-256` and `A128CBC-HS256`: ./);
    assert.equal(party.requests.length, 0);
  });
});

describe("a key from the client's secret", () => {
  const derived = (hash, octets) => createHash(hash).update(SECRET).digest().subarray(0, octets);
  for (const [alg, enc, key] of [
    ["dir", "A128GCM", derived("sha256", 16)],
    ["dir", "A128CBC-HS256", derived("sha256", 32)],
    ["dir", "A192CBC-HS384", derived("sha384", 48)],
    ["dir", "A256CBC-HS512", derived("sha512", 64)],
    ["A128KW", "A256GCM", derived("sha256", 16)],
    ["A192KW", "A256GCM", derived("sha256", 24)],
    ["A256KW", "A128CBC-HS256", derived("sha256", 32)],
    ["A256GCMKW", "A128CBC-HS256", derived("sha256", 32)],
  ]) {
    test(`encrypts with ${alg} and ${enc}`, async (t) => {
      const client = { idTokenEncryptedResponseAlg: alg, idTokenEncryptedResponseEnc: enc };
      const { party } = await sendTo(t, client, { clientSecret: async () => SECRET });
      const { header } = await opened(party.token(), key);
      assert.equal(header.iss, ISSUER);
    });
  }
});
