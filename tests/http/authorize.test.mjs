// The built-in ways to authorize: access tokens of the provider, and a static secret.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { bearerTokens, staticSecret } from "../../pkg/http.js";
import { BASE, provider } from "./support.mjs";

const ISSUER = "https://id.example.com";
const AUDIENCE = "https://id.example.com/admin";

let keys;
let privateKey;
before(async () => {
  const pair = await generateKeyPair("ES256");
  privateKey = pair.privateKey;
  keys = { keys: [{ ...(await exportJWK(pair.publicKey)), alg: "ES256", kid: "1" }] };
});

const bearing = (token, header = `Bearer ${token}`) =>
  new Request(`${BASE}/v1/me`, { headers: { authorization: header } });

function token(claims = {}, { typ = "at+jwt", key = privateKey, alg = "ES256", ...header } = {}) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "carol",
    client_id: "console",
    iat: now,
    exp: now + 300,
    jti: "1",
    scope: "openid rollcall:read rollcall:purge",
    ...claims,
  })
    .setProtectedHeader({ alg, kid: "1", ...(typ !== "" && { typ }), ...header })
    .sign(key);
}

test("an access token authorizes an actor with the permissions of its scopes", async () => {
  const authorize = bearerTokens({ issuer: ISSUER, audience: AUDIENCE, keys });
  const actor = await authorize(
    bearing(await token({ auth_time: 1_790_000_000, sid: "s1", name: "Carol" })),
  );
  assert.deepEqual(actor, {
    actor: "carol",
    subjectId: "carol",
    sessionId: "s1",
    displayName: "Carol",
    permissions: ["read", "purge"],
    authTime: new Date(1_790_000_000_000),
  });
  const none = await authorize(bearing(await token({ scope: undefined })));
  assert.deepEqual(none.permissions, []);
});

test("scopes can have other names", async () => {
  const scopes = { read: "sessions", remove: "sessions:end" };
  const authorize = bearerTokens({ issuer: ISSUER, audience: AUDIENCE, keys, scopes });
  const actor = await authorize(bearing(await token({ scope: "sessions rollcall:purge" })));
  assert.deepEqual(actor.permissions, ["read", "purge"]);
});

test("other tokens don't authorize", async () => {
  const authorize = bearerTokens({ issuer: ISSUER, audience: AUDIENCE, keys });
  const now = Math.floor(Date.now() / 1000);
  const other = await generateKeyPair("ES256");
  const secret = new TextEncoder().encode("x".repeat(32));
  for (const [name, made] of Object.entries({
    "an ID token": token({}, { typ: "JWT" }),
    "without a type": token({}, { typ: "" }),
    expired: token({ exp: now - 120 }),
    "that never expires": token({ exp: undefined }),
    "not valid yet": token({ nbf: now + 120 }),
    "of another issuer": token({ iss: "https://other.example.com" }),
    "for another audience": token({ aud: "https://id.example.com/api" }),
    "without a subject": token({ sub: undefined }),
    "with a blank subject": token({ sub: " " }),
    "signed by another key": token({}, { key: other.privateKey }),
    "signed with a shared secret": token({}, { key: secret, alg: "HS256" }),
    damaged: token().then((text) => `${text.slice(0, -4)}AAAA`),
    "that isn't a JWT": "nonsense",
  })) {
    assert.equal(await authorize(bearing(await made)), false, name);
  }
  const good = await token();
  for (const header of [`Basic ${good}`, `DPoP ${good}`, good, "", `Bearer ${good} x`]) {
    assert.equal(await authorize(bearing("", header)), false, header);
  }
  assert.equal(await authorize(new Request(`${BASE}/v1/me?access_token=${good}`)), false);
  assert.notEqual(await authorize(bearing(good, `bearer   ${good}`)), false);
});

test("a key in the token's header is ignored", async () => {
  const own = await generateKeyPair("ES256");
  const seen = [];
  const authorize = bearerTokens({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: async (header) => {
      seen.push(header);
      return own.publicKey;
    },
  });
  const jwk = await exportJWK(own.publicKey);
  const forged = await token({}, { key: own.privateKey, jwk, jku: "https://evil.example/jwks" });
  await authorize(bearing(forged));
  assert.deepEqual(seen, [{ alg: "ES256", kid: "1", typ: "at+jwt" }]);
});

test("keys that can't be fetched are an error and not a 401", async () => {
  const authorize = bearerTokens({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: async () => {
      throw new TypeError("fetch failed");
    },
  });
  const { api, errors } = provider({ authorize });
  const response = await api(bearing(await token()));
  assert.equal(response.status, 500);
  assert.equal(errors[0].message, "fetch failed");
});

test("the options of `bearerTokens` are checked", () => {
  const good = { issuer: ISSUER, audience: AUDIENCE, keys };
  for (const wrong of [
    { issuer: "" },
    { audience: undefined },
    { keys: undefined },
    { keys: { keys: "none" } },
    { scopes: { write: "x" } },
    { scopes: { read: "two scopes" } },
    { scopes: "rollcall" },
    { scope: {} },
  ]) {
    assert.throws(() => bearerTokens({ ...good, ...wrong }), { code: "invalid_argument" });
  }
});

const SECRET = "0123456789abcdef0123456789abcdef";

test("a secret authorizes one program", async () => {
  const options = { secret: SECRET, actor: "nightly", permissions: ["read", "remove"] };
  const authorize = staticSecret(options);
  const actor = await authorize(bearing(SECRET));
  assert.equal(actor.actor, "nightly");
  assert.deepEqual(actor.permissions, ["read", "remove"]);
  for (const wrong of [`${SECRET}0`, SECRET.slice(1), SECRET.toUpperCase(), ""]) {
    assert.equal(await authorize(bearing(wrong)), false);
  }
  assert.equal(await authorize(bearing("", `Basic ${SECRET}`)), false);
  const { api } = provider({ authorize });
  const me = await (await api(bearing(SECRET))).json();
  assert.deepEqual([me.actor, me.permissions], ["nightly", ["read", "remove"]]);
});

test("a secret can be base64 with padding", async () => {
  const secret = `${SECRET}+/-._~==`;
  const authorize = staticSecret({ secret, actor: "nightly", permissions: ["read"] });
  assert.equal((await authorize(bearing(secret))).actor, "nightly");
});

test("a short secret, one that can't be a bearer token, and wrong options are refused", () => {
  const good = { secret: SECRET, actor: "nightly", permissions: ["read"] };
  for (const wrong of [
    { secret: SECRET.slice(1) },
    { secret: `${SECRET} with spaces` },
    { secret: `${SECRET}ü` },
    { secret: `=${SECRET}` },
    { secret: "four words are no bearer token, ever" },
    { secret: "é".repeat(32) },
    { secret: undefined },
    { actor: "" },
    { permissions: ["write"] },
    { permissions: undefined },
    { name: "x" },
  ]) {
    assert.throws(() => staticSecret({ ...good, ...wrong }), { code: "invalid_argument" });
  }
});
