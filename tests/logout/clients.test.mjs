// Core and sender together: which clients are notified when sessions end, with relying parties that
// verify the tokens.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLocalJWKSet, jwtVerify } from "jose";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import {
  LogoutDelivery,
  RollcallError,
  SessionManagement,
  TicketStore,
} from "../../pkg/entry/node.js";
import { answering, ISSUER, localSender, providerKey, relyingParty } from "./support.mjs";

const TICKET_KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };

/** A provider with these clients, by id. A client's `party` is its registered address. */
function provider(clients, options = {}) {
  const host = {
    ...memoryStores(),
    clients: (clientId) => registration(clientId, clients[clientId]),
    sendLogout: localSender(),
    ...options,
  };
  const tickets = new TicketStore(host, { keys: TICKET_KEYS });
  return {
    host,
    management: new SessionManagement(host),
    signIn: (sessionId, session = {}) =>
      tickets.store({ subjectId: "alice", sessionId, clients: Object.keys(clients), ...session }),
  };
}

function registration(clientId, settings) {
  if (settings === undefined) {
    return undefined;
  }
  const { party, ...members } = settings;
  const uri = party && { backChannelLogoutUri: party.uri };
  return { clientId, idTokenSignedResponseAlg: "ES256", ...uri, ...members };
}

/** The claims of all tokens that a relying party got, each verified according to section 2.6. */
async function claimsSentTo(party, clientId, issuer = ISSUER) {
  const keys = createLocalJWKSet({ keys: [providerKey.publicJwk] });
  const claims = [];
  for (const { body } of party.requests) {
    const token = new URLSearchParams(body).get("logout_token");
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: clientId,
      typ: "logout+jwt",
    });
    assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} });
    assert.equal(payload.exp - payload.iat, 120);
    assert.match(payload.jti, /^[0-9a-f]{32}$/);
    assert.equal(payload.logout_reason, "terminated");
    assert.ok(!("nonce" in payload));
    claims.push(payload);
  }
  assert.equal(new Set(claims.map(({ jti }) => jti)).size, claims.length);
  return claims;
}

const subAndSid = ({ sub, sid }) => [sub, sid];

describe("when one session ends", () => {
  test("each of its clients is notified of that session, with the client's own `sid`", async (t) => {
    const [shop, forum] = [await relyingParty(t), await relyingParty(t)];
    const { management, signIn } = provider({ shop: { party: shop }, forum: { party: forum } });
    await signIn("one", {
      clients: ["shop", { clientId: "forum", sessionId: "one at the forum" }],
    });
    await signIn("two", { clients: ["shop"] });
    const report = await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(report.notifications, { delivered: 2, pending: 0, failed: 0, skipped: 0 });
    assert.deepEqual((await claimsSentTo(shop, "shop")).map(subAndSid), [["alice", "one"]]);
    assert.deepEqual((await claimsSentTo(forum, "forum")).map(subAndSid), [
      ["alice", "one at the forum"],
    ]);
  });

  test("the issuer is the one of the sign-in", async (t) => {
    const shop = await relyingParty(t);
    const { management, signIn } = provider({ shop: { party: shop } });
    await signIn("one", { issuer: "https://old.example.com" });
    await management.removeSessions({ sessionId: "one" });
    assert.equal((await claimsSentTo(shop, "shop", "https://old.example.com")).length, 1);
  });

  test("its clients are notified in parallel: none waits for another's answer", async (t) => {
    const arrived = [];
    const answerWhenBothAreHere = (_, response) => {
      arrived.push(response);
      for (const waiting of arrived.length === 2 ? arrived : []) waiting.end();
    };
    const [shop, forum] = [
      await relyingParty(t, answerWhenBothAreHere),
      await relyingParty(t, answerWhenBothAreHere),
    ];
    const { management, signIn } = provider({ shop: { party: shop }, forum: { party: forum } });
    await signIn("one");
    const { notifications } = await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(notifications, { delivered: 2, pending: 0, failed: 0, skipped: 0 });
  });

  test("its tokens are revoked, and tokens without a session, such as for offline access, are kept", async () => {
    const stores = memoryStores();
    const { management, signIn } = provider({}, stores);
    await signIn("one");
    const token = {
      type: "refresh_token",
      subjectId: "alice",
      clientId: "shop",
      created: new Date(),
      data: "",
    };
    await stores.grants.store({ ...token, key: "online", sessionId: "one" });
    await stores.grants.store({ ...token, key: "offline" });
    assert.equal((await management.removeSessions({ sessionId: "one" })).tokensRevoked, 1);
    assert.equal(await stores.grants.get("online"), undefined);
    assert.equal((await stores.grants.get("offline")).key, "offline");
  });

  test("it ends only once, and its clients are notified once", async (t) => {
    const shop = await relyingParty(t);
    const { management, signIn } = provider({ shop: { party: shop } });
    await signIn("one");
    await Promise.all([1, 2, 3].map(() => management.removeSessions({ sessionId: "one" })));
    assert.equal((await claimsSentTo(shop, "shop")).length, 1);
  });
});

describe("when all sessions of a subject end", () => {
  for (const [name, settings] of [
    ["each client is notified of each of its sessions", {}],
    ["a client that chooses that is notified of each", { backChannelLogoutBy: "session" }],
    ["a client whose choice is null is notified of each", { backChannelLogoutBy: null }],
    [
      "a client that requires `sid` is notified of each",
      { backChannelLogoutSessionRequired: true },
    ],
    [
      "a client that requires `sid` and chooses one token is notified of each",
      { backChannelLogoutSessionRequired: true, backChannelLogoutBy: "subject" },
    ],
  ]) {
    test(name, async (t) => {
      const [shop, forum] = [await relyingParty(t), await relyingParty(t)];
      const { management, signIn } = provider({
        shop: { party: shop, ...settings },
        forum: { party: forum },
      });
      await signIn("one", { clients: ["shop"] });
      await signIn("two", { clients: [{ clientId: "shop", sessionId: "two at the shop" }] });
      await signIn("three");
      const report = await management.removeSessions({ subjectId: "alice" });
      assert.deepEqual(report.notifications, { delivered: 4, pending: 0, failed: 0, skipped: 0 });
      assert.deepEqual((await claimsSentTo(shop, "shop")).map(subAndSid).sort(), [
        ["alice", "one"],
        ["alice", "three"],
        ["alice", "two at the shop"],
      ]);
      assert.deepEqual((await claimsSentTo(forum, "forum")).map(subAndSid), [["alice", "three"]]);
    });
  }

  test("a client that chooses one token gets one with only the subject", async (t) => {
    const [shop, forum] = [await relyingParty(t), await relyingParty(t)];
    const { management, signIn } = provider({
      shop: { party: shop, backChannelLogoutBy: "subject" },
      forum: { party: forum },
    });
    for (const sessionId of ["one", "two", "three"]) {
      await signIn(sessionId);
    }
    const report = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(report.notifications, { delivered: 4, pending: 0, failed: 0, skipped: 0 });
    assert.deepEqual((await claimsSentTo(shop, "shop")).map(subAndSid), [["alice", undefined]]);
    assert.deepEqual((await claimsSentTo(forum, "forum")).map(subAndSid).sort(), [
      ["alice", "one"],
      ["alice", "three"],
      ["alice", "two"],
    ]);
  });

  test("a client that chooses one token gets one for each 1,000 sessions", async (t) => {
    const shop = await relyingParty(t);
    const { management, signIn } = provider({
      shop: { party: shop, backChannelLogoutBy: "subject" },
    });
    for (let session = 0; session <= 1_000; session += 1) {
      await signIn(`session ${session}`);
    }
    const report = await management.removeSessions({ subjectId: "alice" });
    assert.equal(report.sessionsRemoved, 1_001);
    assert.deepEqual((await claimsSentTo(shop, "shop")).map(subAndSid), [
      ["alice", undefined],
      ["alice", undefined],
    ]);
  });

  for (const [name, request, ended] of [
    ["that is excluded", { subjectId: "alice", exceptSessionIds: ["three"] }, ["one", "two"]],
    ["that is not named", { subjectId: "alice", sessionId: "one" }, ["one"]],
  ]) {
    test(`a client that chooses one token keeps a session ${name}`, async (t) => {
      const shop = await relyingParty(t);
      const { management, signIn } = provider({
        shop: { party: shop, backChannelLogoutBy: "subject" },
      });
      for (const sessionId of ["one", "two", "three"]) {
        await signIn(sessionId);
      }
      await management.removeSessions(request);
      const notified = (await claimsSentTo(shop, "shop")).map(subAndSid).sort();
      assert.deepEqual(
        notified,
        ended.map((sid) => ["alice", sid]),
      );
    });
  }

  test("a client with an unknown choice is reported, and its sessions end", async (t) => {
    const shop = await relyingParty(t);
    const { management, signIn } = provider({
      shop: { party: shop, backChannelLogoutBy: "user" },
    });
    await signIn("one");
    await signIn("two");
    const report = await management.removeSessions({ subjectId: "alice" });
    assert.equal(report.sessionsRemoved, 2);
    for (const { error } of report.deliveries)
      assert.match(error, /`backChannelLogoutBy` must be `subject` or `session`$/);
    assert.deepEqual([report.deliveries.length, await claimsSentTo(shop, "shop")], [2, []]);
  });

  test("a client with pairwise identifiers gets its own `sub`", async (t) => {
    const [shop, forum] = [await relyingParty(t), await relyingParty(t)];
    const subjectFor = async (subjectId, clientId) =>
      clientId === "shop" ? `${subjectId} at the shop` : subjectId;
    const { management, signIn } = provider(
      { shop: { party: shop }, forum: { party: forum } },
      { subjectFor },
    );
    await signIn("one");
    await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual((await claimsSentTo(shop, "shop")).map(subAndSid), [
      ["alice at the shop", "one"],
    ]);
    assert.deepEqual((await claimsSentTo(forum, "forum")).map(subAndSid), [["alice", "one"]]);
  });
});

describe("the times of a token", () => {
  const NOW = 1_750_000_000_999;
  for (const [name, delivery, iat] of [
    ["are set back by 5 s", undefined, 1_749_999_995],
    ["are those of the attempt with `backdate: 0`", { backdate: 0 }, 1_750_000_000],
    ["are set back by the host's `backdate`, to the second", { backdate: 1_000 }, 1_749_999_999],
    ["are set back by a fraction of a second", { backdate: 1_000.5 }, 1_749_999_999],
  ]) {
    test(name, async () => {
      const sent = [];
      const sendLogout = ({ claims }) => {
        sent.push([claims.iat, claims.exp]);
        return { delivered: true };
      };
      const client = {
        backChannelLogoutUri: "https://shop.example.com/logout",
        securityEventUri: "https://shop.example.com/events",
      };
      const { management, signIn } = provider(
        { shop: client },
        { now: () => NOW, delivery, sendLogout },
      );
      await signIn("one");
      await management.removeSessions({ sessionId: "one" });
      const byExpiry = (one, other) => (one[1] ?? 0) - (other[1] ?? 0);
      assert.deepEqual(sent.sort(byExpiry), [
        // The time of an event isn't set back: it would be before the event that it reports.
        [1_750_000_000, undefined],
        [iat, iat + 120],
      ]);
    });
  }

  test("of a pass are set back by the option of `LogoutDelivery`", async () => {
    const sent = [];
    const { host, management, signIn } = provider(
      { shop: { backChannelLogoutUri: "https://shop.example.com/logout" } },
      {
        now: () => NOW,
        delivery: { wait: 0, backdate: 0 },
        sendLogout: ({ claims }) => {
          sent.push([claims.iat, claims.exp]);
          return { delivered: true };
        },
      },
    );
    await signIn("one");
    await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(sent, []);
    await new LogoutDelivery(host, { backdate: 60_000 }).deliverDue();
    assert.deepEqual(sent, [[1_749_999_940, 1_750_000_060]]);
  });
});

describe("a client", () => {
  for (const [name, settings, error] of [
    ["that is unknown", undefined, "the client is not known"],
    [
      "that is disabled",
      { enabled: false, backChannelLogoutUri: "https://rp.example.com/logout" },
      "the client is disabled",
    ],
    ["without a logout URI", {}, "the client has no back-channel logout URI"],
    [
      "with a blank logout URI",
      { backChannelLogoutUri: " " },
      "the client has no back-channel logout URI",
    ],
  ]) {
    test(`${name} is skipped, and the report has the reason once`, async () => {
      const { management, signIn } = provider(
        { shop: settings },
        { sendLogout: () => assert.fail("sent") },
      );
      await signIn("one");
      await signIn("two");
      const { sessionsRemoved, notifications, deliveries } = await management.removeSessions({
        subjectId: "alice",
      });
      assert.equal(sessionsRemoved, 2);
      assert.deepEqual(notifications, { delivered: 0, pending: 0, failed: 0, skipped: 1 });
      assert.deepEqual(deliveries, [
        { id: "skipped:shop", clientId: "shop", state: "skipped", attempts: 0, error },
      ]);
    });
  }

  test("that refuses does not keep a session, and the report has its reason", async (t) => {
    const shop = await answering(t, 400, {
      body: '{"error":"invalid_request","error_description":"Unknown issuer"}',
    });
    const { management, signIn } = provider({ shop: { party: shop } });
    await signIn("one");
    const { sessionsRemoved, deliveries } = await management.removeSessions({ sessionId: "one" });
    assert.equal(sessionsRemoved, 1);
    assert.deepEqual(
      deliveries.map(({ state, attempts, status, error }) => ({ state, attempts, status, error })),
      [
        {
          state: "failed",
          attempts: 1,
          status: 400,
          error: "the client answered 400: `invalid_request` (`Unknown issuer`)",
        },
      ],
    );
    assert.deepEqual((await management.querySessions()).results, []);
  });

  test("that fails temporarily stays pending in the outbox, for as long as it asks", async (t) => {
    const shop = await answering(t, 503, { headers: { "retry-after": "3600" } });
    const { management, signIn } = provider({ shop: { party: shop } });
    await signIn("one");
    const before = Date.now();
    const { notifications, deliveries } = await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(notifications, { delivered: 0, pending: 1, failed: 0, skipped: 0 });
    const [{ state, status, nextAttempt }] = deliveries;
    assert.deepEqual([state, status], ["pending", 503]);
    assert.ok(nextAttempt.getTime() >= before + 3_600_000);
  });

  test("that fails temporarily has failed if there is no outbox", async (t) => {
    const shop = await answering(t, 503);
    const { sessions, grants } = memoryStores();
    const { management, signIn } = provider(
      { shop: { party: shop } },
      { sessions, grants, outbox: undefined, atomic: undefined },
    );
    await signIn("one");
    const { notifications } = await management.removeSessions({ sessionId: "one" });
    assert.deepEqual(notifications, { delivered: 0, pending: 0, failed: 1, skipped: 0 });
  });

  test("at an address that isn't public is sent nothing, and the report says so", async (t) => {
    const shop = await relyingParty(t, undefined, { tls: true });
    const { management, signIn } = provider(
      { shop: { party: shop } },
      { sendLogout: localSender({ allowInsecure: false }) },
    );
    await signIn("one");
    const { deliveries } = await management.removeSessions({ sessionId: "one" });
    const [{ state, error }] = deliveries;
    assert.deepEqual(
      [state, error],
      ["failed", "`backChannelLogoutUri` points to `127.0.0.1`, which is not a public address"],
    );
    assert.equal(shop.requests.length, 0);
  });
});

test("a removal that is aborted while a client is notified fails with `aborted`", async (t) => {
  const controller = new AbortController();
  const reason = new Error("shutting down");
  const shop = await relyingParty(t, () => controller.abort(reason));
  const { management, signIn } = provider({ shop: { party: shop } });
  await signIn("one");
  await assert.rejects(
    management.removeSessions({ sessionId: "one" }, { signal: controller.signal }),
    (error) => {
      assert.ok(error instanceof RollcallError);
      assert.equal(error.code, "aborted");
      assert.equal(error.cause, reason);
      return true;
    },
  );
  assert.deepEqual((await management.querySessions()).results, []);
});
