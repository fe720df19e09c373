// Security Event Tokens (RFC 8417) with the event `session-revoked` (OpenID CAEP 1.0), sent by push
// (RFC 8935): core and sender together, and the sender alone. The receivers are real servers that
// verify the tokens.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionCoordination, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { backChannelSender } from "../../pkg/logout.js";
import {
  answering,
  ISSUER,
  keyPair,
  localSender,
  messageTo,
  providerKey,
  relyingParty,
} from "./support.mjs";

const SESSION_REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

/** A receiver accepts a request with 202. */
const receiver = (t) => answering(t, 202);

const eventsAt = ({ origin }) => `${origin}/events`;

/**
 * The claims of one push, checked as the Shared Signals Framework 1.0 requires of a receiver
 * (section 4.1).
 */
async function verified(
  { headers, body },
  { audience = "shop", issuer = ISSUER, publicJwk = providerKey.publicJwk } = {},
) {
  assert.equal(headers["content-type"], "application/secevent+jwt");
  const keys = createLocalJWKSet({ keys: [publicJwk] });
  const { payload } = await jwtVerify(body, keys, {
    issuer,
    audience,
    typ: "secevent+jwt",
    requiredClaims: ["iat", "jti"],
  });
  assert.ok(!("sub" in payload) && !("exp" in payload) && !("nonce" in payload));
  assert.match(payload.jti, /^[0-9a-f]{32}$/);
  assert.match(payload.txn, /^[\w-]{22}$/);
  assert.deepEqual(Object.keys(payload.events), [SESSION_REVOKED]);
  return payload;
}

/** A provider with these clients, which are participants of every session. */
function provider(clients, options = {}) {
  const host = {
    ...memoryStores(),
    clients: (clientId) =>
      clients[clientId] && { clientId, idTokenSignedResponseAlg: "ES256", ...clients[clientId] },
    sendLogout: localSender(),
    ...options,
  };
  const tickets = new TicketStore(host, {
    keys: { current: "1", keys: { 1: new Uint8Array(32) } },
  });
  return {
    host,
    management: new SessionManagement(host),
    signIn: (sessionId, session = {}) =>
      tickets.store({ subjectId: "alice", sessionId, clients: Object.keys(clients), ...session }),
  };
}

describe("a client that receives events", () => {
  test("is notified of one ended session by an event that names it", async (t) => {
    const shop = await receiver(t);
    const { management, signIn } = provider(
      { shop: { securityEventUri: eventsAt(shop) } },
      { now: () => 1_750_000_000_999 },
    );
    await signIn("one", { clients: [{ clientId: "shop", sessionId: "one at the shop" }] });
    await signIn("two");
    const report = await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(report.notifications, { delivered: 1, pending: 0, failed: 0, skipped: 0 });
    assert.deepEqual(
      report.deliveries.map(({ kind, clientId, sessionId, status }) => ({
        kind,
        clientId,
        sessionId,
        status,
      })),
      [{ kind: "session_revoked", clientId: "shop", sessionId: "one at the shop", status: 202 }],
    );
    assert.deepEqual(
      shop.requests.map(({ path }) => path),
      ["/events"],
    );
    const { sub_id, events, iat } = await verified(shop.requests[0]);
    assert.deepEqual(sub_id, {
      format: "complex",
      session: { format: "opaque", id: "one at the shop" },
      user: { format: "iss_sub", iss: ISSUER, sub: "alice" },
    });
    assert.deepEqual(events[SESSION_REVOKED], {
      event_timestamp: 1_750_000_000,
      initiating_entity: "admin",
      reason_admin: { en: "terminated" },
    });
    assert.equal(iat, 1_750_000_000, "the time of the event was set back");
  });

  test("is notified of each of several ended sessions by an event that names it", async (t) => {
    const shop = await receiver(t);
    const { management, signIn } = provider({ shop: { securityEventUri: eventsAt(shop) } });
    for (const sessionId of ["one", "two", "three"]) {
      await signIn(sessionId);
    }
    await management.removeSessions({ subjectId: "alice" });
    const events = await Promise.all(shop.requests.map((request) => verified(request)));
    const named = events.map(({ sub_id }) => [sub_id.session.id, sub_id.user.sub]);
    assert.deepEqual(named.sort(), [
      ["one", "alice"],
      ["three", "alice"],
      ["two", "alice"],
    ]);
  });

  test("is notified of all ended sessions by one event that names the user, if it chooses that", async (t) => {
    const shop = await receiver(t);
    const { management, signIn } = provider({
      shop: { securityEventUri: eventsAt(shop), backChannelLogoutBy: "subject" },
    });
    for (const sessionId of ["one", "two", "three"]) {
      await signIn(sessionId);
    }
    await management.removeSessions({ subjectId: "alice" });
    assert.equal(shop.requests.length, 1);
    const { sub_id } = await verified(shop.requests[0]);
    assert.deepEqual(sub_id, { format: "iss_sub", iss: ISSUER, sub: "alice" });
  });

  test("gets a logout token as well, if it receives those too", async (t) => {
    const [logout, events] = [await relyingParty(t), await receiver(t)];
    const client = { backChannelLogoutUri: logout.uri, securityEventUri: eventsAt(events) };
    const { management, signIn } = provider({ shop: client });
    await signIn("one");
    const report = await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(report.deliveries.map(({ kind = "logout" }) => kind).sort(), [
      "logout",
      "session_revoked",
    ]);
    assert.equal(new Set(report.deliveries.map(({ id }) => id)).size, 2);
    assert.equal(decodeJwt(logout.token()).sid, "one");
    assert.equal((await verified(events.requests[0])).sub_id.session.id, "one");
    assert.deepEqual([logout.requests.length, events.requests.length], [1, 1]);
  });

  test("gets the initiator: an administrator, the user, or the system", async (t) => {
    const shop = await receiver(t);
    let now = Date.now();
    const { host, management, signIn } = provider(
      { shop: { securityEventUri: eventsAt(shop) } },
      { now: () => now },
    );
    const coordination = new SessionCoordination(host, {
      expiredSessionsTriggerBackchannelLogout: true,
    });
    await signIn("by an administrator");
    await management.removeSessions({ sessionId: "by an administrator" });
    await coordination.processLogout({
      subjectId: "alice",
      sessionId: "by the user",
      clientIds: ["shop"],
    });
    await signIn("by time", { expires: now + 1_000 });
    now += 1_000;
    await coordination.removeExpiredSessions();
    const received = await Promise.all(shop.requests.map((request) => verified(request)));
    assert.deepEqual(
      received.map(({ sub_id, events }) => [
        sub_id.session.id,
        events[SESSION_REVOKED].initiating_entity,
      ]),
      [
        ["by an administrator", "admin"],
        ["by the user", "user"],
        ["by time", "system"],
      ],
    );
  });

  test("gets the issuer and the subject of the sign-in", async (t) => {
    const shop = await receiver(t);
    const subjectFor = (subjectId, clientId) => `${subjectId} of ${clientId}`;
    const { management, signIn } = provider(
      { shop: { securityEventUri: eventsAt(shop) } },
      { subjectFor },
    );
    const issuer = "https://old.example.com";
    await signIn("one", { issuer });
    await management.removeSessions({ sessionId: "one" });
    const { sub_id } = await verified(shop.requests[0], { issuer });
    assert.deepEqual(sub_id.user, { format: "iss_sub", iss: issuer, sub: "alice of shop" });
  });

  test("is retried from the outbox, which stores the kind of the notification", async (t) => {
    const shop = await answering(t, 503);
    const { host, management, signIn } = provider({ shop: { securityEventUri: eventsAt(shop) } });
    await signIn("one");
    const { notifications } = await management.removeSessions({ sessionId: "one" });
    assert.equal(notifications.pending, 1);
    const [entry] = await host.outbox.list({});
    assert.deepEqual([entry.kind, entry.state, entry.status], ["session_revoked", "pending", 503]);
    const [due] = await host.outbox.claim({ now: Date.now() + 3_600_000, limit: 10, leaseFor: 1 });
    assert.deepEqual([due.kind, due.logoutUri], ["session_revoked", eventsAt(shop)]);
  });
});

test("a client that hasn't registered for events gets none", async (t) => {
  const shop = await relyingParty(t);
  const { management, signIn } = provider({ shop: { backChannelLogoutUri: shop.uri } });
  await signIn("one");
  const report = await management.removeSessions({ sessionId: "one" });
  assert.deepEqual(
    report.deliveries.map((delivery) => "kind" in delivery),
    [false],
  );
  assert.deepEqual(
    shop.requests.map(({ path }) => path),
    ["/logout"],
  );
});

test("an outbox refuses an unknown kind", async () => {
  const entry = {
    id: "n",
    clientId: "shop",
    reason: "terminated",
    attempt: 0,
    created: 0,
    kind: "rumour",
  };
  await assert.rejects(async () => memoryStores().outbox.add([entry]), {
    code: "invalid_argument",
    message: /`(?:\d+\.)?kind` must be `logout` or `session_revoked`/,
  });
});

/** A message as the core makes it, for a client that registered ES256. */
function eventTo(logoutUri, { claims = {}, ...members } = {}) {
  const message = messageTo(logoutUri, { kind: "session_revoked", ...members });
  const now = Math.floor(Date.now() / 1000);
  message.claims = {
    aud: "shop",
    iat: now,
    jti: "0123456789abcdef0123456789abcdef",
    sub_id: {
      format: "complex",
      session: { format: "opaque", id: "session-1" },
      user: { format: "iss_sub", sub: "alice" },
    },
    events: {
      [SESSION_REVOKED]: {
        event_timestamp: now,
        initiating_entity: "admin",
        reason_admin: { en: "terminated" },
      },
    },
    ...claims,
  };
  return message;
}

const failed = (error, members = {}) => ({ delivered: false, retry: false, ...members, error });

describe("the token", () => {
  for (const alg of ["RS256", "ES256", "EdDSA"]) {
    test(`is signed with ${alg} if the client registered that, and has its type`, async (t) => {
      const shop = await receiver(t);
      const { publicJwk, privateJwk } = await keyPair(alg);
      const send = localSender({ signingKeys: [privateJwk] });
      await send(eventTo(shop.uri, { client: { idTokenSignedResponseAlg: alg } }));
      await verified(shop.requests[0], { publicJwk });
      assert.deepEqual(decodeProtectedHeader(shop.requests[0].body), {
        alg,
        typ: "secevent+jwt",
        kid: `key for ${alg}`,
      });
    });
  }

  test("is signed by a signing function, which gets its type", async (t) => {
    const shop = await receiver(t);
    const sign = (header, claims) =>
      new SignJWT(claims).setProtectedHeader(header).sign(providerKey.privateJwk);
    const signingKeys = (claims, { header }) =>
      sign({ ...header, kid: providerKey.privateJwk.kid }, claims);
    assert.equal((await localSender({ signingKeys })(eventTo(shop.uri))).delivered, true);
    await verified(shop.requests[0]);
    const mistyped = (claims, { header }) => sign({ ...header, typ: "logout+jwt" }, claims);
    const outcome = await localSender({ signingKeys: mistyped })(eventTo(shop.uri));
    assert.match(outcome.error, /^`signingKeys` must return the claims it was given/);
    assert.equal(shop.requests.length, 1);
  });

  test("keeps its type, whatever type the client registered for its logout tokens", async (t) => {
    const shop = await receiver(t);
    for (const logoutTokenType of ["JWT", "wrong"]) {
      const outcome = await localSender()(eventTo(shop.uri, { client: { logoutTokenType } }));
      assert.deepEqual(outcome, { delivered: true, status: 202 });
      const { alg, kid } = providerKey.privateJwk;
      const header = decodeProtectedHeader(shop.requests.at(-1).body);
      assert.deepEqual(header, { alg, typ: "secevent+jwt", kid });
    }
  });

  test("is not encrypted, because the registration is about ID tokens only", async (t) => {
    const shop = await receiver(t);
    await localSender()(
      eventTo(shop.uri, {
        client: { idTokenEncryptedResponseAlg: "RSA-OAEP", jwks: { keys: [] } },
      }),
    );
    await verified(shop.requests[0]);
  });

  test("has the sender's issuer everywhere if the session has none", async (t) => {
    const shop = await receiver(t);
    const user = { format: "iss_sub", sub: "alice" };
    const session = { format: "opaque", id: "session-1" };
    for (const [sub_id, expected] of [
      [user, { ...user, iss: ISSUER }],
      [session, session],
      [
        { format: "complex", session, user },
        { format: "complex", session, user: { ...user, iss: ISSUER } },
      ],
    ]) {
      await localSender()(eventTo(shop.uri, { claims: { sub_id } }));
      assert.deepEqual((await verified(shop.requests.at(-1))).sub_id, expected);
    }
  });

  test("has one transaction for all attempts of one notification", async (t) => {
    const shop = await receiver(t);
    for (const id of ["one", "one", "two"]) {
      await localSender()(eventTo(shop.uri, { id }));
    }
    await localSender()(eventTo(shop.uri, { claims: { txn: "the host's own" } }));
    const [first, again, other, own] = shop.requests.map(({ body }) => decodeJwt(body).txn);
    assert.equal(first, again);
    assert.notEqual(first, other);
    assert.equal(own, "the host's own");
  });

  for (const [name, claims, error] of [
    [
      "no subject",
      { sub_id: undefined },
      "the claims have no `sub_id`, and a security event token must have one",
    ],
    ["a `sub`", { sub: "alice" }, "the claims have `sub`, and a security event token must not"],
    ["an `exp`", { exp: 1 }, "the claims have `exp`, and a security event token must not"],
  ]) {
    test(`with ${name} is not sent`, async (t) => {
      const shop = await receiver(t);
      assert.deepEqual(await localSender()(eventTo(shop.uri, { claims })), failed(error));
      assert.equal(shop.requests.length, 0);
    });
  }

  test("is never unsigned", async (t) => {
    const shop = await receiver(t);
    const outcome = await localSender()(
      eventTo(shop.uri, { client: { idTokenSignedResponseAlg: "none" } }),
    );
    const error =
      "the client's `idTokenSignedResponseAlg` is `none`, which a security event token must not have";
    assert.deepEqual(outcome, failed(error));
  });
});

describe("the request", () => {
  test("follows RFC 8935, with the client's authorization and no other credentials", async (t) => {
    const shop = await receiver(t);
    const client = { securityEventAuthorization: "Bearer of good news" };
    assert.deepEqual(await localSender()(eventTo(shop.uri, { client })), {
      delivered: true,
      status: 202,
    });
    await localSender()(eventTo(shop.uri));
    const [{ method, headers, body }, bare] = shop.requests;
    assert.equal(method, "POST");
    assert.equal(headers["content-type"], "application/secevent+jwt");
    assert.equal(headers.accept, "application/json");
    assert.equal(headers.authorization, "Bearer of good news");
    assert.equal(body.split(".").length, 3);
    for (const name of ["cookie", "referer", "origin"]) {
      assert.equal(headers[name], undefined, name);
    }
    assert.equal(bare.headers.authorization, undefined);
  });

  test("goes to the address of the notification, or else to the registered one", async (t) => {
    const [noted, registered] = [await receiver(t), await receiver(t)];
    const client = { securityEventUri: registered.uri };
    await localSender()(eventTo(noted.uri, { client }));
    await localSender()(eventTo(undefined, { client }));
    assert.deepEqual([noted.requests.length, registered.requests.length], [1, 1]);
    const nowhere = await localSender()(
      eventTo(undefined, { client: { backChannelLogoutUri: noted.uri } }),
    );
    assert.deepEqual(nowhere, failed("the client has no `securityEventUri`"));
  });

  for (const [uri, error] of [
    ["http://shop.example.com/events", "`securityEventUri` must be an https URL"],
    [
      "https://127.0.0.1/events",
      "`securityEventUri` points to `127.0.0.1`, which is not a public address",
    ],
    ["https://shop/events", "`securityEventUri` points to `shop`, which is not a public name"],
    ["events", "`securityEventUri` is not an absolute URL"],
  ]) {
    test(`is not sent to ${uri}`, async () => {
      const fetch = () => assert.fail("the request was sent");
      const send = backChannelSender({
        issuer: ISSUER,
        signingKeys: [providerKey.privateJwk],
        fetch,
      });
      assert.deepEqual(await send(eventTo(uri)), failed(error));
    });
  }

  for (const securityEventAuthorization of [
    "Bearer a\r\nx: a secret with a break",
    "",
    "Bearer ☎",
  ]) {
    test(`is not sent with the authorization ${JSON.stringify(securityEventAuthorization)}`, async (t) => {
      const shop = await receiver(t);
      const outcome = await localSender()(
        eventTo(shop.uri, { client: { securityEventAuthorization } }),
      );
      assert.deepEqual(
        outcome,
        failed("the client's `securityEventAuthorization` must be the value of a header, in ASCII"),
      );
      assert.equal(shop.requests.length, 0);
    });
  }
});

describe("the answer", () => {
  for (const status of [200, 201, 204, 401, 403, 404, 410]) {
    test(`${status} is a permanent failure`, async (t) => {
      const shop = await answering(t, status);
      assert.deepEqual(
        await localSender()(eventTo(shop.uri)),
        failed(`the client answered ${status}`, { status }),
      );
    });
  }

  test("400 is a permanent failure with a reason", async (t) => {
    const body = JSON.stringify({ err: "invalid_audience", description: "not one of ours" });
    const shop = await answering(t, 400, { headers: { "content-type": "application/json" }, body });
    const error = "the client answered 400: `invalid_audience` (`not one of ours`)";
    assert.deepEqual(await localSender()(eventTo(shop.uri)), failed(error, { status: 400 }));
  });

  for (const status of [408, 425, 429, 503]) {
    test(`${status} is a temporary failure`, async (t) => {
      const shop = await answering(t, status, { headers: { "retry-after": "7" } });
      const outcome = await localSender()(eventTo(shop.uri));
      const wait = status === 429 || status === 503 ? { retryAfter: 7 } : {};
      assert.deepEqual(
        outcome,
        failed(`the client answered ${status}`, { retry: true, ...wait, status }),
      );
    });
  }

  test("307 is not followed, and no other server gets the authorization", async (t) => {
    const elsewhere = await receiver(t);
    const shop = await answering(t, 307, { headers: { location: elsewhere.uri } });
    const outcome = await localSender()(
      eventTo(shop.uri, { client: { securityEventAuthorization: "Bearer x" } }),
    );
    assert.deepEqual(
      outcome,
      failed(`\`${new URL(shop.uri).host}\` redirects, which is not followed`, { status: 307 }),
    );
    assert.equal(elsewhere.requests.length, 0);
  });

  for (const authorization of ["Bearer a-credential-of-some-length", "Bearer 7T3x-9"]) {
    test(`never reveals the token or \`${authorization}\` in the error`, async (t) => {
      const shop = await relyingParty(t, (request, response) => {
        const description = `${shop.requests.at(-1).body} ${request.headers.authorization}`;
        response.writeHead(400).end(JSON.stringify({ err: "invalid_request", description }));
      });
      const outcome = await localSender()(
        eventTo(shop.uri, { client: { securityEventAuthorization: authorization } }),
      );
      assert.equal(outcome.error, "the client answered 400: `invalid_request` (`… Bearer …`)");
    });
  }
});
