// The logout token: OpenID Connect Back-Channel Logout 1.0, section 2.4.
import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { describe, test } from "node:test";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { ISSUER, keyPair, localSender, messageTo, providerKey, relyingParty } from "./support.mjs";

const SECRET = "a secret that is long enough even for HS512, which needs 64 octets";

function verified(token, publicJwk) {
  const keys = createLocalJWKSet({ keys: [publicJwk] });
  return jwtVerify(token, keys, {
    issuer: ISSUER,
    audience: "shop",
    typ: "logout+jwt",
    algorithms: [publicJwk.alg],
  });
}

describe("the claims", () => {
  test("are those of the message, with the sender's issuer if the session has none", async (t) => {
    const party = await relyingParty(t);
    const message = messageTo(party.uri);
    assert.deepEqual(await localSender()(message, {}), { delivered: true, status: 200 });
    const { payload } = await verified(party.token(), providerKey.publicJwk);
    assert.deepEqual(payload, { ...message.claims, iss: ISSUER });
  });

  test("keep the issuer of the sign-in", async (t) => {
    const party = await relyingParty(t);
    await localSender()(messageTo(party.uri, { claims: { iss: "https://old.example.com" } }));
    assert.equal(decodeJwt(party.token()).iss, "https://old.example.com");
  });

  for (const [present, absent] of [
    ["sub", "sid"],
    ["sid", "sub"],
  ]) {
    test(`may have ${present} and no ${absent}`, async (t) => {
      const party = await relyingParty(t);
      const message = messageTo(party.uri);
      delete message.claims[absent];
      await localSender()(message);
      assert.deepEqual(decodeJwt(party.token()), { ...message.claims, iss: ISSUER });
    });
  }

  test("without sub and sid are not sent", async (t) => {
    const party = await relyingParty(t);
    const message = messageTo(party.uri);
    delete message.claims.sub;
    delete message.claims.sid;
    assert.deepEqual(await localSender()(message), {
      delivered: false,
      retry: false,
      error: "the claims have neither `sub` nor `sid`, and a logout token must have one",
    });
    assert.equal(party.requests.length, 0);
  });

  test("with a nonce are not sent", async (t) => {
    const party = await relyingParty(t);
    const outcome = await localSender()(messageTo(party.uri, { claims: { nonce: "n" } }));
    assert.deepEqual(outcome, {
      delivered: false,
      retry: false,
      error: "the claims have a `nonce`, and a logout token must not",
    });
    assert.equal(party.requests.length, 0);
  });
});

describe("the signature", () => {
  for (const alg of [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
  ]) {
    test(`is made with ${alg} if the client registered that`, async (t) => {
      const party = await relyingParty(t);
      const { publicJwk, privateJwk } = await keyPair(alg);
      const send = localSender({ signingKeys: [providerKey.privateJwk, privateJwk].reverse() });
      await send(messageTo(party.uri, { client: { idTokenSignedResponseAlg: alg } }));
      const { protectedHeader } = await verified(party.token(), publicJwk);
      assert.deepEqual(protectedHeader, { alg, typ: "logout+jwt", kid: `key for ${alg}` });
    });
  }

  test("is made with RS256 if the client registered nothing", async (t) => {
    const party = await relyingParty(t);
    const { publicJwk, privateJwk } = await keyPair("RS256");
    const message = messageTo(party.uri);
    delete message.client.idTokenSignedResponseAlg;
    await localSender({ signingKeys: [providerKey.privateJwk, privateJwk] })(message);
    await verified(party.token(), publicJwk);
  });

  test("is made with the first key of the algorithm", async (t) => {
    const party = await relyingParty(t);
    const older = await keyPair("ES256");
    const send = localSender({
      signingKeys: [providerKey.privateJwk, { ...older.privateJwk, kid: "older" }],
    });
    await send(messageTo(party.uri));
    assert.equal(decodeProtectedHeader(party.token()).kid, providerKey.privateJwk.kid);
  });

  test("doesn't change the host's key", async (t) => {
    const party = await relyingParty(t);
    const key = { ...providerKey.privateJwk, use: "sig" };
    const before = structuredClone(key);
    await localSender({ signingKeys: [key] })(messageTo(party.uri));
    assert.deepEqual(key, before);
    assert.ok(!Object.isFrozen(key));
  });

  for (const [name, alg, error] of [
    [
      "no key matches",
      "PS256",
      "no signing key for `PS256`, the client's `idTokenSignedResponseAlg`",
    ],
    [
      "the algorithm is unknown",
      "toString",
      "no signing key for `toString`, the client's `idTokenSignedResponseAlg`",
    ],
    [
      "the algorithm is none",
      "none",
      "the client's `idTokenSignedResponseAlg` is `none`, which a logout token must not have",
    ],
    ["there is no secret", "HS256", "`HS256` needs the client's secret: set `clientSecret`"],
  ]) {
    test(`is refused if ${name}`, async (t) => {
      const party = await relyingParty(t);
      const outcome = await localSender()(
        messageTo(party.uri, { client: { idTokenSignedResponseAlg: alg } }),
      );
      assert.deepEqual(outcome, { delivered: false, retry: false, error });
      assert.equal(party.requests.length, 0);
    });
  }

  test("that fails because of a broken key names it", async (t) => {
    const party = await relyingParty(t);
    const send = localSender({ signingKeys: [{ ...providerKey.privateJwk, d: "AAAA" }] });
    const outcome = await send(messageTo(party.uri));
    assert.equal(outcome.delivered, false);
    assert.equal(outcome.retry, false);
    assert.match(outcome.error, /^cannot sign with `key for ES256`: ./);
    assert.equal(party.requests.length, 0);
  });
});

describe("the type", () => {
  for (const [logoutTokenType, typ] of [
    [undefined, "logout+jwt"],
    [null, "logout+jwt"],
    ["logout+jwt", "logout+jwt"],
    ["JWT", "JWT"],
  ]) {
    test(`is ${typ} if the client registered ${logoutTokenType}`, async (t) => {
      const party = await relyingParty(t);
      const outcome = await localSender()(messageTo(party.uri, { client: { logoutTokenType } }));
      assert.deepEqual(outcome, { delivered: true, status: 200 });
      const { kid } = providerKey.privateJwk;
      assert.deepEqual(decodeProtectedHeader(party.token()), { alg: "ES256", typ, kid });
    });
  }

  for (const logoutTokenType of [
    "",
    "jwt",
    "at+jwt",
    "secevent+jwt",
    "LOGOUT+JWT",
    "application/logout+jwt",
    true,
    ["JWT"],
    { typ: "JWT" },
  ]) {
    test(`is refused if the client registered ${JSON.stringify(logoutTokenType)}`, async (t) => {
      const party = await relyingParty(t);
      const outcome = await localSender()(messageTo(party.uri, { client: { logoutTokenType } }));
      assert.deepEqual(outcome, {
        delivered: false,
        retry: false,
        error: "the client's `logoutTokenType` must be `logout+jwt` or `JWT`",
      });
      assert.equal(party.requests.length, 0);
    });
  }
});

describe("a signature with the client's secret", () => {
  for (const alg of ["HS256", "HS384", "HS512"]) {
    test(`is made with ${alg} if the client registered that`, async (t) => {
      const party = await relyingParty(t);
      const clientSecret = t.mock.fn(() => SECRET);
      const send = localSender({ clientSecret });
      await send(messageTo(party.uri, { client: { idTokenSignedResponseAlg: alg } }));
      const { protectedHeader } = await jwtVerify(party.token(), createSecretKey(SECRET, "utf8"), {
        algorithms: [alg],
      });
      assert.deepEqual(protectedHeader, { alg, typ: "logout+jwt" });
      assert.deepEqual(
        clientSecret.mock.calls.map((call) => call.arguments),
        [["shop"]],
      );
    });
  }

  for (const [alg, octets] of [
    ["HS256", 32],
    ["HS384", 48],
    ["HS512", 64],
  ]) {
    test(`with ${alg} needs a secret of ${octets} octets`, async (t) => {
      const party = await relyingParty(t);
      const outcomeWith = (secret) => {
        const send = localSender({ clientSecret: () => secret });
        return send(messageTo(party.uri, { client: { idTokenSignedResponseAlg: alg } }));
      };
      // Two octets per character: the length of the string doesn't count.
      const enough = "é".repeat(octets / 2);
      assert.deepEqual(await outcomeWith(enough), { delivered: true, status: 200 });
      assert.deepEqual(await outcomeWith(`${enough.slice(1)}e`), {
        delivered: false,
        retry: false,
        error: `the client's secret is too short for \`${alg}\`, which needs ${octets} octets`,
      });
      assert.equal(party.requests.length, 1);
    });
  }

  for (const [name, clientSecret, outcome] of [
    [
      "is unknown",
      async () => undefined,
      {
        retry: false,
        error: "`HS512` needs the client's secret, but `clientSecret` returned none",
      },
    ],
    [
      "can't be looked up at the moment",
      () => {
        throw new Error("vault is sealed");
      },
      { retry: true, error: "`clientSecret` failed: Error" },
    ],
  ]) {
    test(`is refused if the secret ${name}`, async (t) => {
      const party = await relyingParty(t);
      const send = localSender({ clientSecret });
      const result = await send(
        messageTo(party.uri, { client: { idTokenSignedResponseAlg: "HS512" } }),
      );
      assert.deepEqual(result, { delivered: false, ...outcome });
      assert.equal(party.requests.length, 0);
    });
  }
});

describe("a function that signs", () => {
  const sign = (claims, { header }, change = {}) =>
    new SignJWT({ ...claims, ...change.claims })
      .setProtectedHeader({ ...header, kid: "in the vault", ...change.header })
      .sign(createSecretKey(SECRET, "utf8"));

  test("gets the claims, the client, the algorithm and the header", async (t) => {
    const party = await relyingParty(t);
    const signingKeys = t.mock.fn((claims, context) => sign(claims, context));
    const send = localSender({ signingKeys });
    const message = messageTo(party.uri, { client: { idTokenSignedResponseAlg: "HS256" } });
    assert.deepEqual(await send(message), { delivered: true, status: 200 });
    const [claims, { alg, client, header, signal }] = signingKeys.mock.calls[0].arguments;
    assert.deepEqual(claims, { ...message.claims, iss: ISSUER });
    assert.equal(alg, "HS256");
    assert.equal(client, message.client);
    assert.deepEqual(header, { alg: "HS256", typ: "logout+jwt" });
    assert.ok(signal instanceof AbortSignal);
    const { payload, protectedHeader } = await jwtVerify(
      party.token(),
      createSecretKey(SECRET, "utf8"),
    );
    assert.deepEqual(payload, claims);
    assert.deepEqual(protectedHeader, { ...header, kid: "in the vault" });
  });

  const wrongShape = {
    delivered: false,
    retry: false,
    error:
      "`signingKeys` must return the claims it was given as a signed JWT in compact form, with the header it was given (alg `HS256`, typ `logout+jwt`)",
  };
  for (const [name, signingKeys, outcome] of [
    ["returns nothing", () => undefined, wrongShape],
    ["returns a string that isn't a token", () => "token", wrongShape],
    ["returns an object", async () => ({ token: "a.b.c" }), wrongShape],
    [
      "signs with another algorithm",
      (...call) => sign(...call, { header: { alg: "HS384" } }),
      wrongShape,
    ],
    ["omits the type", (...call) => sign(...call, { header: { typ: undefined } }), wrongShape],
    [
      "signs another type of token",
      (...call) => sign(...call, { header: { typ: "JWT" } }),
      wrongShape,
    ],
    [
      "changes the given header",
      (claims, context) => {
        context.header.typ = "JWT";
        return sign(claims, context);
      },
      wrongShape,
    ],
    ["signs other claims", (...call) => sign(...call, { claims: { jti: "token-2" } }), wrongShape],
    [
      "rejects",
      () => Promise.reject(new Error("the key service is down")),
      { delivered: false, retry: true, error: "`signingKeys` failed: Error" },
    ],
    [
      "throws at once",
      () => {
        throw "no key";
      },
      {
        delivered: false,
        retry: true,
        error: "`signingKeys` failed: the thrown value is not an error",
      },
    ],
    [
      "never settles",
      () => new Promise(() => {}),
      { delivered: false, retry: true, error: "no answer within 50 ms" },
    ],
  ]) {
    test(`that ${name} prevents sending`, async (t) => {
      const party = await relyingParty(t);
      const send = localSender({ signingKeys, timeout: 50 });
      const result = await send(
        messageTo(party.uri, { client: { idTokenSignedResponseAlg: "HS256" } }),
      );
      assert.deepEqual(result, outcome);
      assert.equal(party.requests.length, 0);
    });
  }

  test("gets the client's registered type, and must sign it", async (t) => {
    const party = await relyingParty(t);
    const client = { idTokenSignedResponseAlg: "HS256", logoutTokenType: "JWT" };
    const signingKeys = t.mock.fn((claims, context) => sign(claims, context));
    assert.deepEqual(await localSender({ signingKeys })(messageTo(party.uri, { client })), {
      delivered: true,
      status: 200,
    });
    const header = { alg: "HS256", typ: "JWT" };
    assert.deepEqual(signingKeys.mock.calls[0].arguments[1].header, header);
    assert.deepEqual(decodeProtectedHeader(party.token()), { ...header, kid: "in the vault" });

    const usual = (...call) => sign(...call, { header: { typ: "logout+jwt" } });
    assert.deepEqual(await localSender({ signingKeys: usual })(messageTo(party.uri, { client })), {
      delivered: false,
      retry: false,
      error:
        "`signingKeys` must return the claims it was given as a signed JWT in compact form, with the header it was given (alg `HS256`, typ `JWT`)",
    });
    assert.equal(party.requests.length, 1);
  });

  test("is not called for a token of an unsupported type", async (t) => {
    const party = await relyingParty(t);
    const send = localSender({ signingKeys: () => assert.fail("asked") });
    const outcome = await send(messageTo(party.uri, { client: { logoutTokenType: "at+jwt" } }));
    assert.equal(outcome.error, "the client's `logoutTokenType` must be `logout+jwt` or `JWT`");
  });

  test("is not called for an unsigned token", async (t) => {
    const party = await relyingParty(t);
    const send = localSender({ signingKeys: () => assert.fail("asked") });
    const outcome = await send(
      messageTo(party.uri, { client: { idTokenSignedResponseAlg: "none" } }),
    );
    assert.equal(outcome.retry, false);
    assert.match(outcome.error, /`none`/);
  });
});
