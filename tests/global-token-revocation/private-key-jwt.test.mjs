// Callers that sign a JWT with their own key: section 3.5 of the draft.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EmbeddedJWK, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { privateKeyJwt } from "../../pkg/global-token-revocation.js";
import { ALICE, ENDPOINT, provider, requestFor } from "./support.mjs";

const ISSUER = "https://idp.example.com/";
const SUBJECT = "client_id_of_integration";

const keys = await keyPair("RS256");
const strangers = await keyPair("RS256");

async function keyPair(alg, kid = "1") {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

const now = () => Math.floor(Date.now() / 1_000);

/** The claims of the draft's example. An undefined one is omitted. */
function claims(changes = {}) {
  const all = {
    iss: ISSUER,
    sub: SUBJECT,
    aud: ENDPOINT,
    jti: crypto.randomUUID(),
    iat: now(),
    exp: now() + 300,
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function signed(changes, { alg, kid, privateKey } = keys) {
  return new SignJWT(claims(changes)).setProtectedHeader({ alg, kid }).sign(privateKey);
}

/** A token of an attacker, whose header contains the key that signed it. */
function forged(iss) {
  const { jwk, privateKey } = strangers;
  return new SignJWT(claims({ iss })).setProtectedHeader({ ...jwk, jwk }).sign(privateKey);
}

/** The check with the keys of one issuer, and the token ids that it stored. */
function checker(options = {}) {
  const uses = [];
  const authorize = privateKeyJwt({
    audience: ENDPOINT,
    keys: async (issuer) => (issuer === ISSUER ? { keys: [keys.jwk] } : undefined),
    isFirstUse: async (use) =>
      !uses.some(({ jti, issuer }) => jti === use.jti && issuer === use.issuer) &&
      uses.push(use) > 0,
    ...options,
  });
  return {
    uses,
    check: (token) =>
      authorize(requestFor(ALICE, { headers: { authorization: token && `Bearer ${token}` } })),
  };
}

describe("a token is accepted", () => {
  test("as in the draft's example, and identifies the caller", async () => {
    const { check } = checker();
    assert.deepEqual(await check(await signed()), {
      actor: `${ISSUER} ${SUBJECT}`,
      issuer: ISSUER,
      subject: SUBJECT,
    });
  });

  for (const alg of ["RS512", "PS256", "ES256", "ES512", "EdDSA"]) {
    test(`with ${alg}`, async () => {
      const own = await keyPair(alg);
      const { check } = checker({ keys: () => ({ keys: [own.jwk] }) });
      assert.equal((await check(await signed({}, own))).issuer, ISSUER);
    });
  }

  test("with one of several keys, and with a function that finds them", async () => {
    const old = await keyPair("RS256", "0");
    assert.ok(await checker({ keys: () => ({ keys: [old.jwk, keys.jwk] }) }).check(await signed()));
    assert.ok(await checker({ keys: () => async () => keys.jwk }).check(await signed()));
  });

  test("with a key in a Map or an object, even of an issuer that is added later", async () => {
    const map = new Map();
    const object = {};
    for (const [issuers, join] of [
      [map, () => map.set(ISSUER, { keys: [keys.jwk] })],
      [object, () => Object.assign(object, { [ISSUER]: async () => keys.jwk })],
    ]) {
      const { check } = checker({ keys: issuers });
      assert.equal(await check(await signed()), false);
      join();
      assert.equal((await check(await signed())).issuer, ISSUER);
    }
  });

  test("with a key that a function finds by its identifiers", async () => {
    const asked = [];
    const getKey = async (header) => asked.push(header) && keys.jwk;
    const names = { alg: "RS256", kid: "1", typ: "JWT", x5t: "a", "x5t#S256": "b" };
    const token = await new SignJWT(claims())
      .setProtectedHeader({ ...names, jwk: keys.jwk, jku: ISSUER, x5u: ISSUER, x5c: ["c"] })
      .sign(keys.privateKey);
    assert.ok(await checker({ keys: () => getKey }).check(token));
    assert.deepEqual(asked, [names]);
  });

  test("for only this endpoint, as a list", async () =>
    assert.ok(await checker().check(await signed({ aud: [ENDPOINT] }))));

  test("from a clock that is slightly ahead or behind", async () => {
    assert.ok(await checker().check(await signed({ iat: now() + 30, exp: now() + 330 })));
    assert.ok(await checker().check(await signed({ iat: now() - 330, exp: now() - 30 })));
  });
});

describe("a token is refused", () => {
  for (const [name, changes] of [
    ["of an unknown issuer", { iss: "https://idp.example.org/" }],
    ["for another endpoint", { aud: "https://id.example.org/global-token-revocation" }],
    ["for this endpoint with a query", { aud: `${ENDPOINT}?tenant=1` }],
    [
      "for another endpoint too",
      { aud: [ENDPOINT, "https://id.example.org/global-token-revocation"] },
    ],
    ["that has expired", { iat: now() - 600, exp: now() - 300 }],
    ["from the future", { iat: now() + 300, exp: now() + 600 }],
    [
      "more than an hour old, regardless of its expiry",
      { iat: now() - 7_200, exp: now() + 86_400 },
    ],
    ["that is not valid yet", { nbf: now() + 300 }],
    ["with a time that isn't a number", { exp: "tomorrow" }],
    ["with an issuer that isn't a string", { iss: [ISSUER] }],
    ["with an empty subject", { sub: "" }],
    ["with a number for its id", { jti: 1 }],
    ...["iss", "sub", "aud", "jti", "iat", "exp"].map((claim) => [
      `without \`${claim}\``,
      { [claim]: undefined },
    ]),
  ]) {
    test(name, async () => {
      const { check, uses } = checker();
      assert.equal(await check(await signed(changes)), false);
      assert.deepEqual(uses, []);
    });
  }

  test("signed with a foreign key", async () =>
    assert.equal(await checker().check(await signed({}, strangers)), false));

  test("signed with a key with another id", async () =>
    assert.equal(await checker().check(await signed({}, { ...keys, kid: "2" })), false));

  test("without a signature", async () =>
    assert.equal(await checker().check(new UnsecuredJWT(claims()).encode()), false));

  test("with a shared secret, even if the host has it among the keys", async () => {
    const secret = new Uint8Array(32).fill(7);
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(secret);
    assert.equal(await checker({ keys: () => async () => secret }).check(token), false);
    assert.equal(await checker().check(token), false);
  });

  test("with claims other than the signed ones", async () => {
    const [header, , signature] = (await signed()).split(".");
    const payload = Buffer.from(JSON.stringify(claims({ sub: "another" }))).toString("base64url");
    assert.equal(await checker().check([header, payload, signature].join(".")), false);
  });

  for (const [name, lookUp] of [
    ["a function that reads an object", (issuers) => (issuer) => issuers[issuer]],
    ["an object", (issuers) => issuers],
    ["a Map", (issuers) => new Map(Object.entries(issuers))],
  ]) {
    for (const iss of ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty"]) {
      test(`of the issuer ${iss}, signed by a key in its header, with ${name} as keys`, async () => {
        const { check, uses } = checker({ keys: lookUp({ [ISSUER]: { keys: [keys.jwk] } }) });
        assert.equal(await check(await forged(iss)), false);
        assert.deepEqual(uses, []);
      });
    }
  }

  for (const iss of [
    "idp.example.com",
    "http://idp.example.com/",
    `${ISSUER}?tenant=1`,
    "https://",
  ]) {
    test(`of the issuer ${iss}, for which no key is looked up`, async (t) => {
      const lookUp = t.mock.fn(() => ({ keys: [keys.jwk] }));
      assert.equal(await checker({ keys: lookUp }).check(await signed({ iss })), false);
      assert.equal(lookUp.mock.callCount(), 0);
    });
  }

  for (const [name, getKey, expected] of [
    ["is the key in the header", EmbeddedJWK, false],
    ["is the header itself", async (header) => header, "an error"],
    ["is a member of the header", async ({ jwk }) => jwk, "an error"],
  ]) {
    test(`whose key ${name}`, async () => {
      const { check, uses } = checker({ keys: () => getKey });
      const answer = await check(await forged(ISSUER)).catch(() => "an error");
      assert.equal(answer, expected);
      assert.deepEqual(uses, []);
    });
  }

  for (const token of [
    undefined,
    "f5641763544a7b24b08e4f74045",
    "a.b.c",
    "..",
    "eyJhbGciOiJSUzI1NiJ9.bm8.x",
  ]) {
    test(`that is ${token ?? "missing"}`, async () =>
      assert.equal(await checker().check(token), false));
  }

  test("with another scheme", async () => {
    const authorize = privateKeyJwt({
      audience: ENDPOINT,
      keys: () => ({ keys: [keys.jwk] }),
      isFirstUse: () => true,
    });
    const authorization = `Basic ${await signed()}`;
    assert.equal(await authorize(requestFor(ALICE, { headers: { authorization } })), false);
  });
});

describe("a token counts once", () => {
  test("and is stored with its issuer until it has expired", async () => {
    const { check, uses } = checker();
    const token = await signed({ jti: "once", iat: now(), exp: now() + 300 });
    assert.ok(await check(token));
    assert.equal(await check(token), false);
    assert.ok(await check(await signed()));
    const [{ issuer, jti, expires }] = uses;
    assert.deepEqual([issuer, jti], [ISSUER, "once"]);
    const seconds = expires.getTime() / 1_000 - now();
    assert.ok(seconds >= 300 && seconds <= 365, `${seconds}`);
  });

  test("and is not stored for longer than an hour", async () => {
    const { check, uses } = checker();
    assert.ok(await check(await signed({ exp: 253_402_300_799 })));
    assert.ok(uses[0].expires.getTime() / 1_000 - now() <= 3_665);
  });

  test("and is refused if `isFirstUse` returns nothing", async () => {
    assert.equal(await checker({ isFirstUse: () => undefined }).check(await signed()), false);
  });
});

describe("an internal error is", () => {
  const noCache = new Error("no cache");
  const failing = () => {
    throw noCache;
  };
  for (const [name, options, message] of [
    [
      "that `keys` rejects",
      { keys: () => Promise.reject(new Error("no registry")) },
      /no registry/,
    ],
    ["that the keys are invalid", { keys: () => ({ keys: "1" }) }, /JSON Web Key Set malformed/],
    [
      "that the keys can't be fetched",
      { keys: () => () => Promise.reject(new TypeError("fetch failed")) },
      /fetch failed/,
    ],
    ["that `isFirstUse` rejects", { isFirstUse: () => Promise.reject(noCache) }, /no cache/],
    ["that `isFirstUse` throws", { isFirstUse: failing }, /no cache/],
  ]) {
    test(name, async () => assert.rejects(checker(options).check(await signed()), message));
  }

  test("answered with 500, and `onError` gets the error of `isFirstUse`", async () => {
    for (const isFirstUse of [() => Promise.reject(noCache), failing]) {
      const { handle, errors } = provider({
        authorize: privateKeyJwt({
          audience: ENDPOINT,
          keys: () => ({ keys: [keys.jwk] }),
          isFirstUse,
        }),
      });
      const headers = { authorization: `Bearer ${await signed()}` };
      assert.equal((await handle(requestFor(ALICE, { headers }))).status, 500);
      assert.deepEqual(errors, [noCache]);
    }
  });
});

test("an issuer can revoke only its own users, if the host checks it", async () => {
  const { handle, signIn, sessions, events } = provider({
    authorize: privateKeyJwt({
      audience: ENDPOINT,
      keys: () => ({ keys: [keys.jwk] }),
      isFirstUse: () => true,
    }),
    resolveSubject: ({ email }, { issuer }) =>
      issuer === ISSUER && email === "alice@example.com" ? "alice" : undefined,
  });
  await signIn("alice", "one");
  const headers = async (changes) => ({ authorization: `Bearer ${await signed(changes)}` });
  const other = await handle(
    requestFor(ALICE, { headers: await headers({ iss: "https://idp.example.org/" }) }),
  );
  assert.equal(other.status, 404);
  assert.equal((await handle(requestFor(ALICE, { headers: await headers() }))).status, 204);
  assert.deepEqual(await sessions(), []);
  assert.equal(events.find(({ type }) => type === "session_removed").actor, `${ISSUER} ${SUBJECT}`);
});
