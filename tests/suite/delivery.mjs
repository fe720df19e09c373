/** Delivery from the outbox, on every host. */

import { deferred, NOW, timedHost } from "./host.mjs";

const BUSY = { delivered: false, retry: true, status: 503, error: "the client answered 503" };
const REFUSED = { delivered: false, retry: false, status: 400, error: "the client answered 400" };
const DAY = 86_400_000;

/** A host where alice's session at `web` has just ended, and `web` has answered like this. */
async function ended(lib, outcome) {
  const timed = timedHost(lib);
  timed.outcomes.web = outcome;
  await timed.signIn("alice", "s1", ["web"]);
  timed.events.length = 0;
  const report = await timed.management.removeSessions({
    subjectId: "alice",
    reason: "lost laptop",
    actor: "carol",
  });
  return { ...timed, report, delivery: new lib.LogoutDelivery(timed.members) };
}

async function all(entries) {
  const list = [];
  for await (const entry of entries) list.push(entry);
  return list;
}

export function deliveryCases(lib, assert) {
  return [
    {
      name: "a temporary failure is delivered by a later pass, with a fresh token",
      async run() {
        const { report, delivery, clock, outcomes, sent, events } = await ended(lib, BUSY);
        const [pending] = report.deliveries;
        assert.deepEqual(report.notifications, { delivered: 0, pending: 1, failed: 0, skipped: 0 });
        const { id, nextAttempt, ...details } = pending;
        assert.deepEqual(details, {
          clientId: "web",
          subjectId: "alice",
          sessionId: "s1",
          state: "pending",
          attempts: 1,
          status: 503,
          error: BUSY.error,
        });
        assert.ok(nextAttempt >= NOW + 5_000 && nextAttempt <= NOW + 10_000, `${nextAttempt}`);
        assert.deepEqual(await all(delivery.list({ state: "pending" })), [pending]);

        const nothing = {
          delivered: 0,
          failed: 0,
          rescheduled: 0,
          more: false,
          pruned: 0,
          pruningFailed: false,
        };
        assert.deepEqual(await delivery.deliverDue(), nothing, "not yet");
        clock.now = nextAttempt.getTime();
        assert.deepEqual(await delivery.deliverDue(), { ...nothing, rescheduled: 1 });
        const [again] = await all(delivery.list());
        assert.equal(again.attempts, 2);
        clock.now = again.nextAttempt.getTime();
        delete outcomes.web;
        assert.deepEqual(await delivery.deliverDue(), { ...nothing, delivered: 1 });
        assert.deepEqual(await delivery.deliverDue(), nothing);

        assert.equal(new Set(sent.map(({ claims }) => claims.jti)).size, 3);
        assert.deepEqual(
          sent.map(({ attempt }) => attempt),
          [0, 1, 2],
        );
        assert.equal(sent[2].claims.iat, Math.floor((clock.now - 5_000) / 1_000));
        const members = {
          id,
          clientId: "web",
          subjectId: "alice",
          sessionId: "s1",
          duration: 0,
        };
        const failure = { ...members, type: "notification_failed", status: 503, error: BUSY.error };
        assert.deepEqual(events, [
          {
            type: "session_removed",
            at: new Date(NOW),
            subjectId: "alice",
            sessionId: "s1",
            logoutReason: "terminated",
            reason: "lost laptop",
            actor: "carol",
          },
          ...[
            { ...failure, at: new Date(NOW), attempts: 1, nextAttempt },
            { ...failure, at: nextAttempt, attempts: 2, nextAttempt: again.nextAttempt },
            {
              ...members,
              type: "notification_delivered",
              at: again.nextAttempt,
              attempts: 3,
              status: 200,
            },
          ].map((event) => ({ ...event, ...kindOf(events) })),
        ]);
      },
    },
    {
      name: "a client that asks for a delay gets it",
      async run() {
        const { report } = await ended(lib, { ...BUSY, status: 429, retryAfter: 90 });
        assert.deepEqual(report.deliveries[0].nextAttempt, new Date(NOW + 90_000));
      },
    },
    {
      name: "a given-up notification stays listed and can be retried",
      async run() {
        const { report, delivery, clock, outcomes, events, sessionIds } = await ended(lib, REFUSED);
        const [{ id }] = report.deliveries;
        assert.deepEqual(report.notifications, { delivered: 0, pending: 0, failed: 1, skipped: 0 });
        assert.deepEqual(await sessionIds(), [], "the session was not removed");
        clock.now += 30 * DAY;
        assert.equal((await delivery.deliverDue()).delivered, 0);
        const expected = {
          id,
          clientId: "web",
          subjectId: "alice",
          sessionId: "s1",
          state: "failed",
          attempts: 1,
          status: 400,
        };
        assert.deepEqual(await all(delivery.list({ state: "failed", clientId: "web" })), [
          { ...expected, error: REFUSED.error },
        ]);
        assert.deepEqual(await all(delivery.list({ state: "delivered" })), []);
        assert.equal(await delivery.retry("nobody's"), false);
        assert.equal(await delivery.retry(id), true);
        assert.equal(await delivery.retry(id), false, "the notification is pending already");
        delete outcomes.web;
        assert.equal((await delivery.deliverDue()).delivered, 1);
        const delivered = { ...expected, state: "delivered", attempts: 2, status: 200 };
        assert.deepEqual(await all(delivery.list({ subjectId: "alice" })), [delivered]);
        assert.deepEqual(
          events.map(({ type }) => type),
          ["session_removed", "notification_given_up", "notification_delivered"],
        );
        assert.equal("nextAttempt" in events[1], false);
      },
    },
    {
      name: "a notification that fails for too long is given up",
      async run() {
        const { members, clock, events } = await ended(lib, BUSY);
        const delivery = new lib.LogoutDelivery(members, { giveUpAfter: 60_000 });
        let [entry] = await all(delivery.list());
        while (entry.state === "pending") {
          clock.now = entry.nextAttempt.getTime();
          await delivery.deliverDue();
          [entry] = await all(delivery.list());
        }
        assert.ok(clock.now <= NOW + 60_000);
        assert.ok(entry.attempts > 2 && entry.attempts < 10, `${entry.attempts}`);
        assert.equal(events.at(-1).type, "notification_given_up");
      },
    },
    {
      name: "a pass is bounded, and the list is complete",
      async run() {
        const timed = timedHost(lib);
        const clients = Array.from({ length: 250 }, (_, number) => `client${number}`);
        await timed.signIn("alice", "s1", clients);
        const management = new lib.SessionManagement({ ...timed.members, delivery: { wait: 0 } });
        const report = await management.removeSessions({ subjectId: "alice" });
        assert.deepEqual(report.notifications, {
          delivered: 0,
          pending: 250,
          failed: 0,
          skipped: 0,
        });
        const delivery = new lib.LogoutDelivery(timed.members);
        assert.deepEqual(await delivery.deliverDue({ limit: 100 }), {
          delivered: 100,
          failed: 0,
          rescheduled: 0,
          more: true,
          pruned: 0,
          pruningFailed: false,
        });
        const entries = await all(delivery.list());
        const ids = entries.map(({ id }) => id);
        assert.deepEqual(ids, [...ids].sort());
        assert.deepEqual(entries.map(({ clientId }) => clientId).sort(), [...clients].sort());
        const progress = [];
        const onProgress = ({ notifications }) => progress.push(notifications);
        assert.deepEqual(await delivery.deliverDue({ onProgress }), {
          delivered: 150,
          failed: 0,
          rescheduled: 0,
          more: false,
          pruned: 0,
          pruningFailed: false,
        });
        assert.equal(progress.at(-1), 150);
        assert.deepEqual(timed.notified(), [...clients].sort());
      },
    },
    {
      name: "a removal reports early, and `waitUntil` gets the remaining attempts",
      async run() {
        const timed = timedHost(lib);
        const answer = deferred();
        timed.outcomes.slow = answer.promise;
        await timed.signIn("alice", "s1", ["slow", "web"]);
        const management = new lib.SessionManagement({ ...timed.members, delivery: { wait: 1 } });
        const rests = [];
        const report = await management.removeSessions(
          { subjectId: "alice" },
          { waitUntil: (rest) => rests.push(rest) },
        );
        assert.deepEqual(report.notifications, { delivered: 1, pending: 1, failed: 0, skipped: 0 });
        assert.deepEqual(await timed.sessionIds(), []);
        assert.equal(rests.length, 1);
        answer.resolve({ delivered: true, status: 204 });
        await rests[0];
        const entries = await all(new lib.LogoutDelivery(timed.members).list());
        assert.deepEqual(
          entries.map(({ clientId, state, attempts, status }) => [
            clientId,
            state,
            attempts,
            status,
          ]),
          [
            ["slow", "delivered", 1, 204],
            ["web", "delivered", 1, 200],
          ],
        );
      },
    },
    {
      name: "a runner makes passes until it is stopped, even if one fails",
      async run() {
        const timed = timedHost(lib);
        const { members } = timed;
        const [failed, notified] = [deferred(), deferred()];
        let claims = 0;
        const claim = (request) => {
          claims += 1;
          if (claims === 1) throw new Error("the disk is full");
          return members.outbox.claim(request);
        };
        const sendLogout = (message) => {
          notified.resolve(message.clientId);
          return { delivered: true };
        };
        const delivery = new lib.LogoutDelivery({
          ...members,
          sendLogout,
          outbox: { ...members.outbox, claim },
        });
        await timed.signIn("alice", "s1", ["web"]);
        const management = new lib.SessionManagement({ ...members, delivery: { wait: 0 } });
        await management.removeSessions({ subjectId: "alice" });
        const runner = delivery.start({ interval: 1, limit: 10, onError: failed.resolve });
        assert.equal((await failed.promise).code, "store_failed");
        assert.equal(await notified.promise, "web");
        await runner.stop();
        const atTheEnd = claims;
        await new Promise((resolve) => setTimeout(resolve, 10));
        assert.equal(claims, atTheEnd, "a pass started after the stop");
        const [{ state }] = await all(delivery.list());
        assert.equal(state, "delivered");
      },
    },
    {
      name: "delivery needs an outbox, clients and a sender",
      async run() {
        const { members } = timedHost(lib);
        const { outbox: _, ...withoutOutbox } = members;
        assert.throws(() => new lib.LogoutDelivery(withoutOutbox), {
          name: "RollcallError",
          code: "not_configured",
        });
        for (const name of ["clients", "sendLogout"]) {
          const { [name]: _, ...host } = members;
          await assert.rejects(new lib.LogoutDelivery(host).deliverDue(), {
            code: "not_configured",
          });
        }
        assert.throws(() => new lib.LogoutDelivery(members, { retries: 3 }), {
          code: "invalid_argument",
        });
        await assert.rejects(new lib.LogoutDelivery(members).deliverDue({ limit: 0 }), {
          code: "invalid_argument",
        });
        await assert.rejects(
          new lib.LogoutDelivery(members).deliverDue({ signal: AbortSignal.abort() }),
          { code: "aborted" },
        );
      },
    },
  ];
}

/** The kind of the first notification in the events. */
function kindOf(events) {
  return "kind" in events[1] ? { kind: "logout" } : {};
}
