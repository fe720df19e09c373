// Registrations and notifications as hosts really pass them: with `null` from a database, and with
// members of the wrong type.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RollcallError } from "../../pkg/errors.js";
import { answering, localSender, messageTo, relyingParty } from "./support.mjs";

const NULLS = {
  enabled: null,
  logoutTokenType: null,
  idTokenEncryptedResponseAlg: null,
  idTokenEncryptedResponseEnc: null,
  jwks: null,
  jwksUri: null,
  securityEventUri: null,
  securityEventAuthorization: null,
};

describe("a registration", () => {
  test("with null for an optional member is like one without it", async (t) => {
    const shop = await relyingParty(t);
    const client = { ...NULLS, backChannelLogoutUri: shop.uri };
    const outcome = await localSender()(messageTo(null, { client }));
    assert.deepEqual(outcome, { delivered: true, status: 200 });
    assert.equal(shop.token().split(".").length, 3, "the token is not only signed");
  });

  test("with null for its authorization sends none", async (t) => {
    const shop = await answering(t, 202);
    const message = messageTo(shop.uri, { kind: "session_revoked", client: NULLS });
    const { sub, exp, ...claims } = message.claims;
    claims.sub_id = { format: "iss_sub", sub };
    const outcome = await localSender()({ ...message, claims });
    assert.deepEqual(outcome, { delivered: true, status: 202 });
    assert.equal(shop.requests[0].headers.authorization, undefined);
  });

  test("with an authorization that isn't a string is an error that names it", async (t) => {
    const shop = await answering(t, 202);
    const client = { securityEventAuthorization: ["Bearer x"] };
    const outcome = await localSender()(messageTo(shop.uri, { kind: "session_revoked", client }));
    assert.match(outcome.error, /`securityEventAuthorization` must be the value of a header/);
    assert.equal(shop.requests.length, 0);
  });

  test("with a list for its logout URI is an error that names it", async (t) => {
    const shop = await relyingParty(t);
    const client = { backChannelLogoutUri: [shop.uri] };
    const outcome = await localSender()(messageTo(undefined, { client }));
    assert.match(outcome.error, /`backChannelLogoutUri` is not an absolute URL/);
    assert.equal(shop.requests.length, 0);
  });

  test("with null for its keys and a `jwksUri` is encrypted to the key set there", async () => {
    const client = { idTokenEncryptedResponseAlg: "RSA-OAEP", jwks: null, jwksUri: "nowhere" };
    const outcome = await localSender()(messageTo("http://127.0.0.1:1/logout", { client }));
    assert.match(outcome.error, /`jwksUri` is not an absolute URL/);
  });
});

test("the sender refuses a value that isn't a notification", async () => {
  const send = localSender();
  const message = messageTo("http://127.0.0.1:1/logout");
  const wrong = [undefined, null, 5, "x", [], {}, new Map(), Promise.resolve(message)];
  for (const value of [...wrong, { ...message, client: undefined }, { ...message, claims: null }]) {
    const error = await send(value).catch((error) => error);
    assert.ok(error instanceof RollcallError, `${error}`);
    assert.equal(error.code, "invalid_argument");
  }
});

test("the sender accepts null for its options", async (t) => {
  const shop = await relyingParty(t);
  assert.equal((await localSender()(messageTo(shop.uri), null)).delivered, true);
});
