/**
 * The relying party of these tests refuses everything that OpenID Connect Back-Channel Logout 1.0
 * requires it to refuse. This makes it meaningful that it accepts Rollcall's tokens.
 *
 * @module
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { CompactEncrypt, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { ISSUER, keyPair } from "../logout/support.mjs";
import { providerKeys, signingKeys } from "./provider.mjs";
import { receiver } from "./receiver.mjs";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

const foreign = await keyPair("RS256");

/** The times of a token that is issued and expires that many seconds from now. */
function times(issued, expires) {
  const now = Math.floor(Date.now() / 1000);
  return { iat: now + issued, exp: now + expires };
}

/** The claims of a valid token, with the changes of `change`. `undefined` omits a claim. */
function claims(change = {}) {
  return {
    iss: ISSUER,
    aud: "shop",
    ...times(0, 120),
    jti: randomUUID(),
    events: { [EVENT]: {} },
    sub: "alice",
    sid: "one",
    ...change,
  };
}

/** A valid token, with the changes of the arguments. */
async function token(
  change = {},
  { alg = "RS256", key = signingKeys.find((jwk) => jwk.alg === alg), ...header } = {},
) {
  return new SignJWT(claims(change))
    .setProtectedHeader({ alg, kid: key.kid, typ: "logout+jwt", ...header })
    .sign(key);
}

const form = (...tokens) => new URLSearchParams(tokens.map((text) => ["logout_token", text]));

/** Alice's two sessions at a relying party. */
async function start(t, options = {}) {
  const party = await receiver(t, { issuer: ISSUER, providerKeys, ...options });
  party.signIn("alice", "one");
  party.signIn("alice", "two");
  return party;
}

const post = (party, body, options = {}) => fetch(party.uri, { method: "POST", body, ...options });

/** Asserts that the request is refused in the form of section 2.8, and that no session ends. */
async function assertRefused(party, response, fault) {
  assert.equal(response.status, 400);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const { error, error_description: description } = await response.json();
  assert.equal(error, "invalid_request");
  assert.match(description, fault);
  assert.deepEqual(party.signedIn(), ["one", "two"]);
}

describe("the receiver accepts", () => {
  for (const [name, change, left] of [
    ["a token with `sub` and `sid`, and ends that session", {}, ["two"]],
    ["a token with only `sid`, and ends that session", { sub: undefined }, ["two"]],
    ["a token with only `sub`, and ends all sessions of the subject", { sid: undefined }, []],
    [
      "a token with unknown claims",
      { logout_reason: "terminated", "https://example.com/claim": 1 },
      ["two"],
    ],
    ["a token whose audience is a list of one", { aud: ["shop"] }, ["two"]],
  ]) {
    test(name, async (t) => {
      const party = await start(t);
      const response = await post(party, form(await token(change)));
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.deepEqual(party.signedIn(), left);
    });
  }

  test("a form with fields besides the token", async (t) => {
    const party = await start(t);
    const body = form(await token());
    body.append("other", "value");
    assert.equal((await post(party, body)).status, 200);
  });

  test("an encrypted token if it registered encryption, and ends that session", async (t) => {
    const party = await start(t, { encryption: { alg: "RSA-OAEP-256", enc: "A256GCM" } });
    const [key] = party.client.jwks.keys;
    assert.equal((await post(party, form(await encrypted(await token(), key)))).status, 200);
    assert.deepEqual(party.signedIn(), ["two"]);
  });

  test("a token for a session that has ended", async (t) => {
    const party = await start(t);
    for (const _ of ["first", "second"]) {
      assert.equal((await post(party, form(await token()))).status, 200);
    }
    assert.deepEqual(party.signedIn(), ["two"]);
  });
});

describe("the receiver refuses a request", () => {
  test("without a token", async (t) => {
    const party = await start(t);
    await assertRefused(party, await post(party, form()), /must have one `logout_token`/);
  });

  test("with two tokens", async (t) => {
    const party = await start(t);
    await assertRefused(
      party,
      await post(party, form(await token(), await token())),
      /must have one `logout_token`/,
    );
  });

  test("that isn't a form", async (t) => {
    const party = await start(t);
    const headers = { "content-type": "application/json" };
    const response = await post(party, JSON.stringify({ logout_token: await token() }), {
      headers,
    });
    await assertRefused(party, response, /not a posted form/);
  });
});

describe("the receiver refuses a token", () => {
  for (const [name, make, fault] of [
    ["that isn't one", () => "token", /Invalid Compact JWS/],
    [
      "that is encrypted although it registered no encryption",
      async () => encrypted(await token()),
      /token is encrypted/,
    ],
    ["that is signed with another key", () => token({}, { key: foreign.privateJwk }), /signature/],
    [
      "that is signed with an unknown key",
      () => token({}, { key: { ...foreign.privateJwk, kid: "?" } }),
      /no applicable/,
    ],
    [
      "that is signed with an algorithm that it did not register",
      () => token({}, { alg: "ES256" }),
      /"alg"/,
    ],
    ["that is not signed", () => new UnsecuredJWT(claims()).encode(), /"alg"|Invalid/],
    ["without a type", () => token({}, { typ: undefined }), /`typ`/],
    ["of another type", () => token({}, { typ: "JWT" }), /`typ`/],
    ["of another issuer", () => token({ iss: "https://other.example.com" }), /"iss"/],
    ["without an issuer", () => token({ iss: undefined }), /"iss"/],
    ["for another client", () => token({ aud: "forum" }), /"aud"/],
    ["for another client too", () => token({ aud: ["shop", "forum"] }), /other audiences too/],
    ["without an audience", () => token({ aud: undefined }), /"aud"/],
    ["that has expired", () => token(times(-100, 0)), /"exp"/],
    ["without an expiry", () => token({ exp: undefined }), /"exp"/],
    ["that is valid for more than two minutes", () => token(times(0, 121)), /valid for too long/],
    ["from the future", () => token(times(60, 120)), /"iat"/],
    ["that is old", () => token(times(-200, 10)), /"iat"/],
    ["without an issue time", () => token({ iat: undefined }), /"iat"/],
    [
      "with neither `sub` nor `sid`",
      () => token({ sub: undefined, sid: undefined }),
      /neither `sub` nor `sid`/,
    ],
    ["with a `sub` that is not a string", () => token({ sub: 7 }), /`sub`/],
    ["with an empty `sid`", () => token({ sid: "" }), /`sid`/],
    ["without events", () => token({ events: undefined }), /`events`/],
    ["with events that are not an object", () => token({ events: [EVENT] }), /`events`/],
    ["of another event", () => token({ events: { "https://example.com/event": {} } }), /`events`/],
    ["with an event that is not an object", () => token({ events: { [EVENT]: true } }), /`events`/],
    ["with a nonce", () => token({ nonce: "n" }), /`nonce`/],
    ["without an id", () => token({ jti: undefined }), /`jti`/],
    [
      "for a subject that never signed in",
      () => token({ sub: "bob", sid: undefined }),
      /no current or recent session/,
    ],
    [
      "for a session that never existed",
      () => token({ sid: "three" }),
      /no current or recent session/,
    ],
    [
      "that combines one subject with another's session",
      () => token({ sub: "bob" }),
      /no current or recent session/,
    ],
  ]) {
    test(name, async (t) => {
      const party = await start(t);
      await assertRefused(party, await post(party, form(await make())), fault);
    });
  }

  test("that it has received before", async (t) => {
    const party = await start(t);
    party.breakDown();
    const body = form(await token());
    assert.equal((await post(party, body)).status, 500);
    await assertRefused(party, await post(party, body), /received before/);
  });
});

describe("the receiver that registered encryption refuses a token", () => {
  for (const [name, make, fault] of [
    ["that is only signed", (_, signed) => signed, /not encrypted/],
    [
      "encrypted with another algorithm",
      (key, signed) => encrypted(signed, key, { alg: "RSA-OAEP" }),
      /"alg"/,
    ],
    [
      "encrypted with another content algorithm",
      (key, signed) => encrypted(signed, key, { enc: "A128GCM" }),
      /"enc"/,
    ],
    [
      "encrypted to another key",
      (key, signed) => encrypted(signed, { ...foreign.publicJwk, kid: key.kid }),
      /decryption/,
    ],
    [
      "without the type of its content",
      (key, signed) => encrypted(signed, key, { cty: undefined }),
      /`cty`/,
    ],
    [
      "that names another issuer in the clear",
      (key, signed) => encrypted(signed, key, { iss: "https://a.example" }),
      /header/,
    ],
    [
      "without a signed one in it",
      (key) => encrypted(JSON.stringify(claims()), key),
      /Invalid Compact JWS/,
    ],
  ]) {
    test(name, async (t) => {
      const party = await start(t, { encryption: { alg: "RSA-OAEP-256", enc: "A256GCM" } });
      const [key] = party.client.jwks.keys;
      await assertRefused(party, await post(party, form(await make(key, await token()))), fault);
    });
  }
});

/** A signed token, encrypted to this key, with the changes of `change`. */
async function encrypted(signed, jwk = foreign.publicJwk, change = {}) {
  const header = {
    alg: "RSA-OAEP-256",
    enc: "A256GCM",
    cty: "JWT",
    kid: jwk.kid,
    iss: ISSUER,
    ...change,
  };
  const { alg, ...bare } = jwk;
  const key = await importJWK(bare, header.alg);
  return new CompactEncrypt(new TextEncoder().encode(signed))
    .setProtectedHeader(header)
    .encrypt(key);
}
