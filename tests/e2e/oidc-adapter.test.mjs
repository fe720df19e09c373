/**
 * The data that oidc-provider finds in Rollcall's stores, and no longer finds after a removal.
 *
 * @module
 */

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import {
  findConsent,
  rollcallAdapter,
} from "../../examples/identity-provider/provider/adapter.mjs";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";

const ISSUER = "https://provider.example";
const KEYS = { current: "k", keys: { k: new Uint8Array(32) } };

describe("the adapter under oidc-provider", () => {
  let stores;
  let management;
  let tickets;
  let cookie;
  let adapter;

  beforeEach(() => {
    stores = memoryStores();
    management = new SessionManagement(stores, { keys: KEYS });
    tickets = new TicketStore(stores, { keys: KEYS });
    cookie = undefined;
    adapter = rollcallAdapter({
      sessions: management,
      grants: stores.grants,
      tickets,
      cookieValue: () => cookie,
      issuer: ISSUER,
    });
  });

  /** A session of Rollcall with oidc-provider's session in it. */
  async function signIn() {
    cookie = await tickets.store({ subjectId: "alice", sessionId: "uid-1" });
    const session = {
      jti: "jti-1",
      uid: "uid-1",
      accountId: "alice",
      authorizations: { notes: { sid: "sid-1", grantId: "g" } },
    };
    await adapter("Session").upsert("jti-1", session, 3600);
    return session;
  }

  const token = (clientId = "notes") => ({
    jti: "token",
    accountId: "alice",
    clientId,
    sessionUid: "uid-1",
    grantId: "consent",
  });
  const consent = (clientId = "notes") => ({
    jti: "consent",
    accountId: "alice",
    clientId,
    openid: { scope: "openid" },
  });

  test("finds a session by its id only together with the cookie of the browser", async () => {
    const session = await signIn();
    assert.deepEqual(await adapter("Session").find("jti-1"), session);
    assert.deepEqual(await adapter("Session").findByUid("uid-1"), session);
    assert.equal(await adapter("Session").find("jti-0"), undefined);
    cookie = undefined;
    assert.equal(await adapter("Session").find("jti-1"), undefined);
    assert.deepEqual(
      await adapter("Session").findByUid("uid-1"),
      session,
      "a token finds the session",
    );
    cookie = "00".repeat(32);
    assert.equal(await adapter("Session").find("jti-1"), undefined);
    for (const uid of ["", "uid-2"]) {
      assert.equal(await adapter("Session").findByUid(uid), undefined);
    }
  });

  test("finds a session with the cookie value of a rotation", async () => {
    const session = await signIn();
    const former = cookie;
    cookie = await tickets.rotate(former);
    assert.deepEqual(await adapter("Session").find("jti-1"), session);
    assert.deepEqual(await adapter("Session").findByUid("uid-1"), session);
    cookie = former;
    assert.equal(await adapter("Session").find("jti-1"), undefined);
  });

  test("expires a session with Rollcall's row", async () => {
    const session = await signIn();
    const expires = Math.floor(Date.now() / 1000) + 7200;
    await tickets.renew(cookie, { expires: expires * 1000 });
    assert.deepEqual(await adapter("Session").find("jti-1"), { ...session, exp: expires });
    assert.deepEqual(await adapter("Session").findByUid("uid-1"), { ...session, exp: expires });
  });

  test("records the clients of a session with the sid of each", async () => {
    const session = await signIn();
    const authorizations = { ...session.authorizations, photos: { sid: "sid-2" }, unfinished: {} };
    await adapter("Session").upsert("jti-2", { ...session, jti: "jti-2", authorizations }, 3600);
    const { clients, issuer } = await tickets.retrieve(cookie);
    assert.deepEqual(clients, [
      { clientId: "notes", sessionId: "sid-1" },
      { clientId: "photos", sessionId: "sid-2" },
    ]);
    assert.equal(issuer, ISSUER);
    assert.equal(await adapter("Session").find("jti-1"), undefined, "the old id is still valid");
    assert.equal((await adapter("Session").find("jti-2")).uid, "uid-1");
  });

  test("keeps both of two clients that sign in at the same moment", async () => {
    const session = await signIn();
    const { authorizations: _, ...before } = session;
    for (const clientId of ["photos", "maps"]) {
      await adapter("Session").upsert(
        "jti-2",
        { ...before, jti: "jti-2", authorizations: { [clientId]: { sid: clientId } } },
        3600,
      );
    }
    const { authorizations } = await adapter("Session").find("jti-2");
    assert.deepEqual(Object.keys(authorizations), ["notes", "photos", "maps"]);
    assert.equal((await tickets.retrieve(cookie)).clients.length, 3);
  });

  test("finds nothing of a removed session, and a late write doesn't restore it", async () => {
    const session = await signIn();
    await management.removeSessions({ sessionId: "uid-1" });
    assert.equal(await adapter("Session").find("jti-1"), undefined);
    assert.equal(await adapter("Session").findByUid("uid-1"), undefined);
    await assert.rejects(
      () => adapter("Session").upsert("jti-2", { ...session, jti: "jti-2" }, 3600),
      {
        name: "SessionNotFound",
      },
    );
    assert.equal((await management.querySessions()).totalCount, 0);
  });

  test("writes no session of another subject, or of another uid, into a ticket", async () => {
    const session = await signIn();
    for (const change of [{ accountId: "bob" }, { uid: "uid-2" }]) {
      await assert.rejects(
        () => adapter("Session").upsert("jti-2", { ...session, ...change }, 3600),
        {
          name: "SessionNotFound",
        },
      );
    }
    assert.deepEqual(await adapter("Session").find("jti-1"), session);
  });

  test("doesn't store sessions without a signed-in user", async () => {
    await adapter("Session").upsert("jti-3", { jti: "jti-3", uid: "uid-3" }, 3600);
    assert.equal(await adapter("Session").find("jti-3"), undefined);
    assert.equal((await management.querySessions()).totalCount, 0);
  });

  test("stores tokens and codes so that a removal of their session revokes them", async () => {
    await signIn();
    const models = [
      "AccessToken",
      "RefreshToken",
      "AuthorizationCode",
      "BackchannelAuthenticationRequest",
    ];
    for (const model of models) {
      await adapter(model).upsert("token", token(), 3600);
      assert.deepEqual(await adapter(model).find("token"), token(), model);
    }
    await adapter("Grant").upsert("consent", consent(), 3600);
    const report = await management.removeSessions({ sessionId: "uid-1" });
    assert.deepEqual([report.tokensRevoked, report.consentsRevoked], [4, 0]);
    for (const model of models) assert.equal(await adapter(model).find("token"), undefined, model);
    assert.deepEqual(
      await adapter("Grant").find("consent"),
      consent(),
      "the consent ended with the session",
    );
  });

  test("stores consents so that a removal of their subject revokes them", async () => {
    await adapter("Grant").upsert("consent", consent(), 3600);
    assert.equal(await findConsent(stores.grants, "alice", "notes"), "consent");
    assert.equal(await findConsent(stores.grants, "alice", "photos"), undefined);
    assert.equal(await findConsent(stores.grants, "bob", "notes"), undefined);
    const report = await management.removeSessions({ subjectId: "alice" });
    assert.equal(report.consentsRevoked, 1);
    assert.equal(await findConsent(stores.grants, "alice", "notes"), undefined);
    assert.equal(await adapter("Grant").find("consent"), undefined);
  });

  test("stores no token in the clear", async () => {
    await adapter("RefreshToken").upsert(
      "a-secret-token",
      { ...token(), jti: "a-secret-token" },
      3600,
    );
    const kept = await stores.grants.list({ subjectId: "alice" });
    assert.equal(kept.length, 1);
    assert.ok(!JSON.stringify(kept).includes("a-secret-token"));
    assert.equal((await adapter("RefreshToken").find("a-secret-token")).jti, "a-secret-token");
    assert.equal(
      await adapter("AccessToken").find("a-secret-token"),
      undefined,
      "another model found the token",
    );
  });

  test("distinguishes used, expired and revoked tokens", async () => {
    await adapter("AuthorizationCode").upsert("token", token(), 3600);
    await adapter("AuthorizationCode").consume("token");
    const { consumed } = await adapter("AuthorizationCode").find("token");
    assert.ok(Math.abs(consumed - Date.now() / 1000) < 60, "`consumed` is not in seconds");

    await adapter("AccessToken").upsert("token", token(), -1);
    assert.equal(await adapter("AccessToken").find("token"), undefined);

    await adapter("RefreshToken").upsert("token", token(), 3600);
    await adapter("RefreshToken").destroy("token");
    assert.equal(await adapter("RefreshToken").find("token"), undefined);
    await adapter("RefreshToken").destroy("unknown");
    assert.equal(
      (await management.removeSessions({ subjectId: "alice" })).tokensRevoked,
      2,
      "a revoked token was counted",
    );
  });

  test("revokes the tokens of a consent, even if the consent is removed at the same time", async () => {
    await adapter("Grant").upsert("consent", consent(), 3600);
    await adapter("RefreshToken").upsert("mine", token(), 3600);
    await adapter("RefreshToken").upsert("of another client", token("photos"), 3600);
    await adapter("AccessToken").upsert("mine", token(), 3600);
    await adapter("Grant").destroy("consent");
    await adapter("RefreshToken").revokeByGrantId("consent");
    assert.equal(await adapter("RefreshToken").find("mine"), undefined);
    assert.notEqual(await adapter("RefreshToken").find("of another client"), undefined);
    assert.notEqual(
      await adapter("AccessToken").find("mine"),
      undefined,
      "the token of another model was revoked",
    );
    await adapter("AccessToken").revokeByGrantId("consent");
    assert.equal(await adapter("AccessToken").find("mine"), undefined);
    await adapter("AccessToken").revokeByGrantId("unknown");
  });
});
