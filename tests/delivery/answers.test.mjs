// Notifications to clients with every kind of failure: how they are retried and given up, and that
// the session ends regardless.
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { createLocalJWKSet, jwtVerify } from "jose";
import {
  answering,
  deadline,
  ISSUER,
  localSender,
  providerKey,
  refusingUri,
  relyingParty,
} from "../logout/support.mjs";
import { DURATION, patient, provider, STORES, silentUri } from "./support.mjs";

const SCHEDULE = { firstRetry: 1_000, maxRetry: 8_000, giveUpAfter: 20_000 };
/** A short timeout for clients that don't answer. */
const impatient = localSender({ timeout: 100 });

const answered = (status, more = "") => new RegExp(`^the client answered ${status}${more}$`);
const noAnswer = /^no answer within 100 ms$/;

/** Sends a body until the other side closes the connection. */
async function endless(response, status) {
  const closed = once(response, "close");
  response.writeHead(status);
  while (!response.destroyed) {
    response.write("x".repeat(1_024)) || (await Promise.race([once(response, "drain"), closed]));
  }
}

/** The behaviour of each client, and the outcome of an attempt at it. */
const CLIENTS = {
  "answers too late": {
    sender: impatient,
    make: async (t) => {
      const responses = [];
      const party = await relyingParty(t, (_, response) => responses.push(response));
      const afterwards = () => {
        for (const response of responses) response.end();
      };
      return { ...party, afterwards };
    },
    retried: { error: noAnswer },
  },
  "accepts the connection and never answers": {
    sender: impatient,
    make: async (t) => ({ uri: await silentUri(t) }),
    retried: { error: noAnswer },
  },
  "refuses the connection": {
    make: async () => ({ uri: await refusingUri() }),
    retried: { error: /^cannot reach `127\.0\.0\.1:\d+`: .*ECONNREFUSED/ },
  },
  "resets the connection": {
    make: (t) => relyingParty(t, (request) => request.socket.resetAndDestroy()),
    retried: { error: /^cannot reach `127\.0\.0\.1:\d+`: ./ },
  },
  "has an untrusted certificate": {
    make: (t) => relyingParty(t, undefined, { tls: true }),
    retried: { error: /^cannot reach `127\.0\.0\.1:\d+`: .*self-signed certificate/ },
    unheard: true,
  },
  "answers 500": { make: (t) => answering(t, 500), retried: { status: 500, error: answered(500) } },
  "answers 503 without a time": {
    make: (t) => answering(t, 503),
    retried: { status: 503, error: answered(503) },
  },
  "answers 500 with an endless body": {
    make: (t) => relyingParty(t, (_, response) => endless(response, 500)),
    retried: { status: 500, error: answered(500) },
  },
  "answers 429 and asks for 90 seconds": {
    make: (t) => answering(t, 429, { headers: { "retry-after": "90" } }),
    delivery: { ...SCHEDULE, giveUpAfter: 200_000 },
    retried: { status: 429, error: answered(429), pause: 90_000 },
  },
  "answers 503 and asks for a shorter pause than the default": {
    make: (t) => answering(t, 503, { headers: { "retry-after": "0" } }),
    retried: { status: 503, error: answered(503) },
  },
  "answers 400": {
    make: (t) => answering(t, 400, { body: '{"error":"invalid_request"}' }),
    givenUp: { status: 400, error: answered(400, ": `invalid_request`") },
  },
  "answers 400 with an endless body": {
    make: (t) => relyingParty(t, (_, response) => endless(response, 400)),
    givenUp: { status: 400, error: answered(400) },
  },
  ...Object.fromEntries(
    [301, 302, 303, 307, 308].map((status) => [
      `redirects by ${status}`,
      {
        make: async (t) => {
          const elsewhere = await relyingParty(t);
          const party = await answering(t, status, { headers: { location: elsewhere.uri } });
          return {
            ...party,
            afterwards: () =>
              assert.equal(elsewhere.requests.length, 0, "the token was sent elsewhere"),
          };
        },
        givenUp: { status, error: /^`127\.0\.0\.1:\d+` redirects, which is not followed$/ },
      },
    ]),
  ),
};

/** The claims of a logout token, its signature verified. */
async function verified(token) {
  const keys = createLocalJWKSet({ keys: [providerKey.publicJwk] });
  const { payload } = await jwtVerify(token, keys, {
    issuer: ISSUER,
    audience: "shop",
    typ: "logout+jwt",
  });
  return payload;
}

/** Ends alice's session at `shop`, and checks that it was removed. */
async function endSession({ management, signIn, events }) {
  await signIn("alice", "s1", ["shop"]);
  events.length = 0;
  const report = await management.removeSessions({ subjectId: "alice" });
  assert.equal(report.sessionsRemoved, 1);
  assert.equal((await management.querySessions()).totalCount, 0, "the session was not removed");
  return report;
}

/** The members that all reports of the notification share. */
const identity = ({ id, clientId, subjectId, sessionId, issuer }) => ({
  id,
  clientId,
  subjectId,
  sessionId,
  issuer,
});

function assertFailed(entry, { state, attempts, status, error }) {
  assert.deepEqual([entry.state, entry.attempts, entry.status], [state, attempts, status]);
  assert.match(entry.error, error);
}

function assertTold({ deliveries: [delivery] }, { requests }) {
  assert.deepEqual([delivery.state, delivery.attempts, delivery.status], ["delivered", 1, 200]);
  assert.equal(requests.length, 1);
}

/**
 * Registers a listening address for the client, retries, and checks the request that arrives there.
 */
async function assertRetries(t, { delivery, register, entries, jtis, events }, id) {
  const party = await relyingParty(t);
  register("shop", party.uri);
  const [{ attempts }] = await entries();
  assert.equal(await delivery.retry(id), true);
  assert.deepEqual(await delivery.deliverDue(), {
    delivered: 1,
    failed: 0,
    rescheduled: 0,
    more: false,
    pruned: 0,
    pruningFailed: false,
  });
  const [delivered] = await entries();
  assert.deepEqual(
    [delivered.state, delivered.attempts, delivered.status],
    ["delivered", attempts + 1, 200],
  );
  assert.equal("error" in delivered || "nextAttempt" in delivered, false);
  assert.equal(party.requests.length, 1);
  const { jti, sub } = await verified(party.token());
  assert.deepEqual([jti, sub], [jtis.at(-1), "alice"]);
  const { type, duration, status } = events.at(-1);
  assert.deepEqual([type, duration, status], ["notification_delivered", DURATION, 200]);
  assert.equal(await delivery.retry(id), false);
}

for (const [stores, open] of Object.entries(STORES)) {
  describe(`a client, over ${stores},`, () => {
    for (const [
      name,
      { make, sender = patient, delivery = SCHEDULE, retried, givenUp, unheard },
    ] of Object.entries(CLIENTS)) {
      test(`that ${name} is ${retried ? "retried, and finally given up" : "given up at once"}`, async (t) => {
        const party = await make(t);
        let send = sender;
        const all = provider({
          stores: await open(t),
          delivery,
          send: (...message) => send(...message),
        });
        const { clock, jtis, events, entries } = all;
        const recorded = clock.now;
        all.register("shop", party.uri);
        const report = await endSession(all);
        const expected = retried ?? givenUp;
        const [reported] = report.deliveries;
        let [entry] = await entries();
        assert.deepEqual(reported, entry, "the report and the outbox differ");
        assertFailed(entry, { ...expected, state: retried ? "pending" : "failed", attempts: 1 });
        const { id } = entry;

        const happened = [{ type: "session_removed" }];
        let attempts = 1;
        while (entry.state === "pending") {
          const { nextAttempt } = entry;
          const pause = Math.min(SCHEDULE.firstRetry * 2 ** (attempts - 1), SCHEDULE.maxRetry);
          // A client that asks for more time gets none beyond the end.
          const end = recorded + delivery.giveUpAfter;
          const asked = Math.min(clock.now + (expected.pause ?? 0), end);
          const next = nextAttempt.getTime();
          assert.ok(
            next >= Math.max(clock.now + pause / 2, asked),
            "the next attempt is too early",
          );
          assert.ok(next <= Math.max(clock.now + pause, asked), "the next attempt is too late");
          happened.push({
            type: "notification_failed",
            attempts,
            nextAttempt,
          });
          clock.now = nextAttempt.getTime() - 1;
          assert.deepEqual(await all.delivery.deliverDue(), {
            delivered: 0,
            failed: 0,
            rescheduled: 0,
            more: false,
            pruned: 0,
            pruningFailed: false,
          });
          clock.now = nextAttempt.getTime();
          const pass = await all.delivery.deliverDue();
          attempts += 1;
          [entry] = await entries();
          assert.deepEqual([pass.delivered, pass.failed + pass.rescheduled], [0, 1]);
          assertFailed(entry, {
            ...expected,
            state: pass.failed === 1 ? "failed" : "pending",
            attempts,
          });
          assert.ok(clock.now <= recorded + delivery.giveUpAfter + DURATION);
        }
        happened.push({ type: "notification_given_up", attempts });
        assert.equal(attempts > 1, retried !== undefined);
        assert.equal("nextAttempt" in entry, false);
        clock.now += 30 * 86_400_000;
        assert.deepEqual(await all.delivery.deliverDue(), {
          delivered: 0,
          failed: 0,
          rescheduled: 0,
          more: false,
          pruned: 0,
          pruningFailed: false,
        });
        assert.deepEqual(await entries(), [entry], "the notification is no longer listed");

        const [removed, ...notified] = events.map(({ at: _, kind: __, ...event }) => event);
        assert.deepEqual(removed, {
          type: "session_removed",
          subjectId: "alice",
          sessionId: "s1",
          issuer: "https://id.example.com",
          logoutReason: "terminated",
        });
        assert.deepEqual(
          notified.map(({ error: _, ...event }) => event),
          happened.slice(1).map((event) => ({
            ...event,
            ...identity(entry),
            duration: DURATION,
            ...(expected.status && { status: expected.status }),
          })),
        );
        assert.ok(notified.every(({ error }) => expected.error.test(error)));
        assert.deepEqual(
          [jtis.length, new Set(jtis).size],
          [attempts, attempts],
          "each attempt has a fresh token",
        );
        if (unheard) assert.equal(party.requests.length, 0);
        party.afterwards?.();
        send = patient;
        await assertRetries(t, all, id);
        assert.equal(new Set(jtis).size, attempts + 1);
      });
    }

    test("that answers 429 and asks to wait until a date is not retried before", async (t) => {
      // A header has whole seconds.
      const date = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 90_000);
      const party = await answering(t, 429, { headers: { "retry-after": date.toUTCString() } });
      // The real clock, because the header uses it too.
      const all = provider({
        stores: await open(t),
        clock: {
          get now() {
            return Date.now();
          },
          set now(_) {},
        },
      });
      all.register("shop", party.uri);
      const { deliveries } = await endSession(all);
      const [entry] = await all.entries();
      assert.deepEqual([entry.state, entry.status], ["pending", 429]);
      assert.deepEqual(deliveries, [entry]);
      assert.ok(
        entry.nextAttempt >= date,
        `${entry.nextAttempt.toISOString()} is before ${date.toISOString()}`,
      );
    });

    test("that answers 500 and then 200 is notified once, by the second attempt", async (t) => {
      const answers = [500, 200];
      const party = await relyingParty(t, (_, response) =>
        response.writeHead(answers.shift()).end(),
      );
      const all = provider({ stores: await open(t), delivery: SCHEDULE });
      all.register("shop", party.uri);
      const report = await endSession(all);
      const [{ id, nextAttempt }] = report.deliveries;
      all.clock.now = nextAttempt.getTime();
      assert.deepEqual(await all.delivery.deliverDue(), {
        delivered: 1,
        failed: 0,
        rescheduled: 0,
        more: false,
        pruned: 0,
        pruningFailed: false,
      });
      assert.deepEqual(await all.entries(), [
        {
          ...{ id, clientId: "shop", subjectId: "alice", sessionId: "s1", issuer: ISSUER },
          ...{ state: "delivered", attempts: 2, status: 200 },
        },
      ]);
      const tokens = party.requests.map(({ body }) =>
        new URLSearchParams(body).get("logout_token"),
      );
      const claims = await Promise.all(tokens.map(verified));
      assert.deepEqual(
        claims.map(({ jti }) => jti),
        all.jtis,
      );
      assert.notEqual(all.jtis[0], all.jtis[1]);
      assert.deepEqual(
        all.events.map(({ type, attempts, duration, status }) => [
          type,
          attempts,
          duration,
          status,
        ]),
        [
          ["session_removed", undefined, undefined, undefined],
          ["notification_failed", 1, DURATION, 500],
          ["notification_delivered", 2, DURATION, 200],
        ],
      );
    });

    test("that answers 200 with an endless body counts as notified", async (t) => {
      const party = await relyingParty(t, (_, response) => endless(response, 200));
      const all = provider({ stores: await open(t), delivery: SCHEDULE });
      all.register("shop", party.uri);
      assertTold(await endSession(all), party);
    });

    test("that answers 200 and stops in the middle of its body counts as notified", async (t) => {
      const party = await relyingParty(t, (_, response) =>
        response.writeHead(200).write("signing"),
      );
      const { timeout, expire } = deadline(t);
      const fetchThenExpire = async (...request) => {
        const response = await fetch(...request);
        setImmediate(expire);
        return response;
      };
      const send = localSender({ timeout, fetch: fetchThenExpire });
      const all = provider({ stores: await open(t), delivery: SCHEDULE, send });
      all.register("shop", party.uri);
      assertTold(await endSession(all), party);
    });
  });
}
