/**
 * Rollcall's logout tokens at a relying party that accepts only the tokens that OpenID Connect
 * Back-Channel Logout 1.0 allows.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeJwt } from "jose";
import { ISSUER } from "../logout/support.mjs";
import { provider, providerKeys } from "./provider.mjs";
import { receiver } from "./receiver.mjs";

const DELIVERED = { delivered: 1, pending: 0, failed: 0, skipped: 0 };

const startReceiver = (t, options = {}) =>
  receiver(t, { issuer: ISSUER, providerKeys, ...options });

/** Signs alice in twice and bob once, at the provider and at its only relying party. */
async function threeSessions(party) {
  const { management, signIn } = provider([party]);
  for (const [subjectId, sessionId] of [
    ["alice", "one"],
    ["alice", "two"],
    ["bob", "three"],
  ]) {
    await signIn(subjectId, sessionId);
    party.signIn(subjectId, sessionId);
  }
  return management;
}

describe("a client that registered", () => {
  for (const [name, registered] of [
    ["no algorithm", {}],
    ["RS256", { signingAlg: "RS256" }],
    ["ES256", { signingAlg: "ES256" }],
    ["PS256", { signingAlg: "PS256" }],
    ["EdDSA", { signingAlg: "EdDSA" }],
    [
      "encryption with RSA-OAEP-256 and A256GCM",
      { encryption: { alg: "RSA-OAEP-256", enc: "A256GCM" } },
    ],
    [
      "ES256, encryption with ECDH-ES, and the address of its keys",
      { signingAlg: "ES256", encryption: { alg: "ECDH-ES", enc: "A128GCM" }, hasKeysUri: true },
    ],
  ]) {
    test(`${name} accepts the token of one session, and ends that one`, async (t) => {
      const party = await startReceiver(t, registered);
      const management = await threeSessions(party);
      const { notifications } = await management.removeSessions({ sessionId: "one" });
      assert.deepEqual(party.answers, [{ status: 200 }]);
      assert.deepEqual(notifications, DELIVERED);
      assert.deepEqual(party.signedIn(), ["two", "three"]);
    });

    test(`${name} accepts the tokens of all sessions of a subject, and ends each`, async (t) => {
      const party = await startReceiver(t, registered);
      const management = await threeSessions(party);
      const { deliveries } = await management.removeSessions({ subjectId: "alice" });
      assert.deepEqual(party.answers, [{ status: 200 }, { status: 200 }]);
      const delivered = deliveries.map(({ state, sessionId }) => [state, sessionId]);
      assert.deepEqual(delivered.sort(), [
        ["delivered", "one"],
        ["delivered", "two"],
      ]);
      assert.deepEqual(party.signedIn(), ["three"]);
    });

    test(`${name} accepts one token of a subject if it chooses that, and ends all of the subject's sessions`, async (t) => {
      const party = await startReceiver(t, registered);
      party.client.backChannelLogoutBy = "subject";
      const management = await threeSessions(party);
      const { notifications } = await management.removeSessions({ subjectId: "alice" });
      assert.deepEqual(party.answers, [{ status: 200 }]);
      assert.deepEqual(notifications, DELIVERED);
      assert.deepEqual(party.signedIn(), ["three"]);
    });
  }
});

describe("a session", () => {
  test("with the client's own `sid` is ended by that", async (t) => {
    const party = await startReceiver(t);
    const { management, signIn } = provider([party]);
    await signIn("alice", "one", [{ clientId: "shop", sessionId: "one at the shop" }]);
    party.signIn("alice", "one at the shop");
    party.signIn("alice", "one");
    const { notifications } = await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(notifications, DELIVERED);
    assert.deepEqual(party.signedIn(), ["one"]);
  });

  test("of a subject with a pairwise identifier is ended by that", async (t) => {
    const party = await startReceiver(t);
    const subjectFor = async (subjectId, clientId) => `${subjectId} at the ${clientId}`;
    const { management, signIn } = provider([party], { subjectFor });
    for (const [subjectId, sessionId] of [
      ["alice", "one"],
      ["alice", "two"],
      ["bob", "three"],
    ]) {
      await signIn(subjectId, sessionId);
      party.signIn(`${subjectId} at the shop`, sessionId);
    }
    await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(party.signedIn(), ["two", "three"]);
    await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(party.signedIn(), ["three"]);
    assert.deepEqual(party.answers, [{ status: 200 }, { status: 200 }]);
  });

  test("is named to a client that requires it, even if it chooses one token", async (t) => {
    const party = await startReceiver(t);
    party.client.backChannelLogoutSessionRequired = true;
    party.client.backChannelLogoutBy = "subject";
    const management = await threeSessions(party);
    const { notifications } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(notifications, { ...DELIVERED, delivered: 2 });
    const sids = tokens(party).map(({ sid }) => sid);
    assert.deepEqual(sids.sort(), ["one", "two"]);
    assert.deepEqual(party.signedIn(), ["three"]);
  });

  test("that ended at the client before is still notified with success", async (t) => {
    const party = await startReceiver(t);
    const management = await threeSessions(party);
    await management.removeSessions({ sessionId: "one", removeServerSideSession: false });
    const { notifications } = await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(notifications, DELIVERED);
    assert.deepEqual(party.answers, [{ status: 200 }, { status: 200 }]);
  });
});

test("a client that failed temporarily accepts the token of the next attempt, and refuses the same one twice", async (t) => {
  const party = await startReceiver(t);
  const management = await threeSessions(party);
  const notify = () =>
    management.removeSessions({ sessionId: "one", removeServerSideSession: false });

  party.breakDown();
  assert.deepEqual((await notify()).notifications, {
    delivered: 0,
    pending: 1,
    failed: 0,
    skipped: 0,
  });
  assert.deepEqual(party.signedIn(), ["one", "two", "three"]);
  assert.deepEqual((await notify()).notifications, DELIVERED);
  assert.deepEqual(party.signedIn(), ["two", "three"]);

  const [first, second] = tokens(party);
  assert.notEqual(first.jti, second.jti);
  assert.deepEqual({ ...first, jti: second.jti, iat: second.iat, exp: second.exp }, second);

  const [{ headers, body }] = party.requests();
  const { status } = await fetch(party.uri, {
    method: "POST",
    headers: { "content-type": headers["content-type"] },
    body,
  });
  assert.equal(status, 400);
  assert.deepEqual(party.answers.at(-1), { status: 400, error: "the token was received before" });
});

test("a client that is a provider itself passes the logout on to its own clients", async (t) => {
  const gateway = "https://gateway.example.com";
  const shop = await receiver(t, { issuer: gateway, providerKeys });
  const downstream = provider([shop], { issuer: gateway });
  const party = await startReceiver(t, {
    clientId: "gateway",
    passOn: ({ sub, sid }) =>
      downstream.management.removeSessions({ subjectId: sub, sessionId: sid }),
  });
  const { management, signIn } = provider([party]);

  for (const sessionId of ["one", "two", "three"]) {
    await signIn("alice", sessionId);
    party.signIn("alice", sessionId);
    await downstream.signIn("alice", sessionId);
    shop.signIn("alice", sessionId);
  }
  await management.removeSessions({ sessionId: "one" });
  assert.deepEqual(shop.signedIn(), ["two", "three"]);
  await management.removeSessions({ subjectId: "alice" });
  assert.deepEqual(shop.signedIn(), []);
});

/** The claims of the tokens that the client got, in order. */
function tokens(party) {
  return party
    .requests()
    .map(({ body }) => decodeJwt(new URLSearchParams(body).get("logout_token")));
}
