/** The lifetime of sessions and of their tokens, on every host. */

import { deferred, KEYS, NOW, rowsOf, timedHost } from "./host.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const COORDINATE = { coordinateClientLifetimesWithUserSession: true };

/** A host with a client that coordinates, one that doesn't, and one that doesn't set it. */
function coordinated(lib) {
  const timed = timedHost(lib);
  timed.registrations.yes = { coordinateLifetimeWithUserSession: true };
  timed.registrations.no = { coordinateLifetimeWithUserSession: false };
  return timed;
}

const CLIENTS = ["yes", "no", "unset"];

export function coordinationCases(lib, assert) {
  return [
    {
      name: "a sign-out revokes the tokens of clients that coordinate and notifies all clients",
      async run() {
        for (const [options, left] of [
          [{}, ["no", "unset"]],
          [COORDINATE, ["no"]],
        ]) {
          const timed = coordinated(lib);
          const cookie = await timed.signIn("alice", "s1", CLIENTS);
          const { ticket: _, ...session } = await timed.tickets.retrieve(cookie);
          const report = await new lib.SessionCoordination(timed.members, options).processLogout(
            session,
          );
          assert.deepEqual([report.sessionsRemoved, report.tokensRevoked], [0, 3 - left.length]);
          assert.deepEqual(report.notifications, {
            delivered: 3,
            pending: 0,
            failed: 0,
            skipped: 0,
          });
          assert.deepEqual(await timed.tokensOf("s1"), left);
          assert.deepEqual(timed.notified(), ["no", "unset", "yes"]);
          for (const { claims } of timed.sent) {
            assert.deepEqual(
              [claims.logout_reason, claims.sid, claims.sub],
              ["user_logout", "s1", "alice"],
            );
          }
          assert.deepEqual(await timed.sessionIds(), ["s1"], "the session was removed");
          assert.equal(await timed.tickets.remove(cookie), true);
        }
      },
    },
    {
      name: "a sign-out can follow the removal of its session, with its data as arguments",
      async run() {
        const timed = coordinated(lib);
        const clients = ["no", { clientId: "yes", sessionId: "its own" }];
        const session = {
          subjectId: "alice",
          sessionId: "s1",
          issuer: "https://op.example",
          clients,
          clientIds: ["unset"],
        };
        await new lib.SessionCoordination(timed.members).processLogout(session);
        const sids = Object.fromEntries(
          timed.sent.map(({ clientId, claims }) => [clientId, claims.sid]),
        );
        assert.deepEqual(sids, { no: "s1", unset: "s1", yes: "its own" });
        assert.ok(timed.sent.every(({ claims }) => claims.iss === "https://op.example"));
      },
    },
    {
      name: "expired sessions end according to the settings of clients and host",
      async run() {
        for (const [options, notified, left] of [
          [{}, ["yes"], ["no", "unset"]],
          [COORDINATE, ["unset", "yes"], ["no"]],
          [
            { expiredSessionsTriggerBackchannelLogout: true },
            ["no", "unset", "yes"],
            ["no", "unset"],
          ],
        ]) {
          const timed = coordinated(lib);
          const coordination = new lib.SessionCoordination(timed.members, options);
          await timed.signIn("alice", "s1", CLIENTS, { expires: NOW + HOUR });
          await timed.signIn("bob", "s2", CLIENTS);
          timed.events.length = 0;
          assert.deepEqual(await coordination.removeExpiredSessions(), {
            processed: 0,
            more: false,
            failed: 0,
            grantsRemoved: 0,
            devicesForgotten: 0,
            pruningFailed: false,
          });
          timed.clock.now += HOUR;
          assert.deepEqual(await coordination.removeExpiredSessions(), {
            processed: 1,
            more: false,
            failed: 0,
            grantsRemoved: 0,
            devicesForgotten: 0,
            pruningFailed: false,
          });
          assert.deepEqual(await timed.sessionIds(), ["s2"]);
          assert.deepEqual(timed.notified(), notified);
          assert.deepEqual(await timed.tokensOf("s1"), left);
          assert.ok(
            timed.sent.every(({ claims }) => claims.logout_reason === "session_expiration"),
          );
          const at = new Date(timed.clock.now);
          assert.deepEqual(timed.events[0], {
            type: "session_expired",
            at,
            subjectId: "alice",
            sessionId: "s1",
          });
        }
      },
    },
    {
      name: "a pass over expired sessions is bounded, and continues after a failed client lookup",
      async run() {
        const timed = coordinated(lib);
        for (let number = 0; number < 5; number += 1) {
          await timed.signIn("alice", `s${number}`, [`client${number}`], {
            expires: NOW + 1 + number,
          });
        }
        timed.clock.now += HOUR;
        timed.events.length = 0;
        const coordination = new lib.SessionCoordination(timed.members);
        assert.deepEqual(await coordination.removeExpiredSessions({ batchSize: 2 }), {
          processed: 2,
          more: true,
          failed: 0,
          grantsRemoved: 0,
          devicesForgotten: 0,
          pruningFailed: false,
        });
        assert.deepEqual((await timed.sessionIds()).sort(), ["s2", "s3", "s4"]);
        const clients = (clientId) => {
          if (clientId === "client3") throw new Error("the registry is down");
          return timed.members.clients(clientId);
        };
        const hindered = new lib.SessionCoordination({ ...timed.members, clients });
        assert.deepEqual(await hindered.removeExpiredSessions(), {
          processed: 3,
          more: false,
          failed: 0,
          grantsRemoved: 0,
          devicesForgotten: 0,
          pruningFailed: false,
        });
        assert.deepEqual(await timed.sessionIds(), []);
        const failures = timed.events.filter(({ type }) => type === "client_unreadable");
        assert.deepEqual(
          failures.map(({ clientId, code }) => [clientId, code]),
          [["client3", "sender_failed"]],
        );
        assert.equal(failures[0].error, "`clients` failed: Error");
      },
    },
    {
      name: "a runner ends expired sessions until it is stopped",
      async run() {
        const timed = coordinated(lib);
        await timed.signIn("alice", "s1", ["web"], { expires: NOW + 1 });
        timed.clock.now += HOUR;
        const over = deferred();
        const onEvent = ({ type, sessionId }) =>
          type === "session_expired" && over.resolve(sessionId);
        const coordination = new lib.SessionCoordination({ ...timed.members, onEvent });
        const runner = coordination.start({ interval: 1, batchSize: 10 });
        assert.equal(await over.promise, "s1");
        await runner.stop();
        await timed.signIn("bob", "s2", ["web"], { expires: timed.clock.now + 1 });
        timed.clock.now += HOUR;
        await new Promise((resolve) => setTimeout(resolve, 10));
        assert.deepEqual(await timed.sessionIds(), ["s2"]);
      },
    },
    {
      name: "a validation extends the session of a token by its span, at most once a minute",
      async run() {
        const timed = coordinated(lib);
        const coordination = new lib.SessionCoordination(timed.members);
        const validate = (clientId, sessionId = "s1") => {
          return coordination.validateSession({ subjectId: "alice", sessionId, clientId });
        };
        await timed.signIn("alice", "s1", CLIENTS, { expires: NOW + HOUR });
        const expires = async () => (await rowsOf(timed.members))[0].expires;
        timed.clock.now = NOW + MINUTE - 1;
        assert.equal(await validate("yes"), true);
        assert.equal(await expires(), NOW + HOUR, "the session was renewed again within a minute");
        timed.clock.now = NOW + MINUTE;
        assert.equal(await validate("yes"), true);
        assert.equal(await expires(), NOW + MINUTE + HOUR);
        assert.equal(await validate("yes", "another"), false);
        assert.equal(
          await coordination.validateSession({ subjectId: "alice", clientId: "yes" }),
          true,
        );
        timed.clock.now = NOW + 3 * HOUR;
        assert.equal(await validate("yes"), false, "an expired session was extended");
        assert.equal(await expires(), NOW + MINUTE + HOUR);
        for (const clientId of ["no", "unset"]) {
          assert.equal(await validate(clientId), true, "the client doesn't coordinate");
        }
        assert.equal(
          await new lib.SessionCoordination(timed.members, COORDINATE).validateSession({
            subjectId: "alice",
            sessionId: "s1",
            clientId: "unset",
          }),
          false,
        );
      },
    },
    {
      name: "no session stays active past its absolute lifetime",
      async run() {
        const timed = coordinated(lib);
        const host = { ...timed.members, absoluteLifetime: 2 * HOUR };
        const coordination = new lib.SessionCoordination(host, { renewAtMostEvery: 0 });
        const tickets = new lib.TicketStore(host, { keys: KEYS });
        const endless = await tickets.store({ subjectId: "bob" });
        assert.equal((await tickets.retrieve(endless)).expires, NOW + 2 * HOUR);
        await tickets.remove(endless);
        const cookie = await timed.signIn("alice", "s1", ["yes"], {
          expires: NOW + 90 * MINUTE,
        });
        const request = { subjectId: "alice", sessionId: "s1", clientId: "yes" };
        timed.clock.now = NOW + HOUR;
        assert.equal(await coordination.validateSession(request), true);
        assert.equal((await timed.tickets.retrieve(cookie)).expires, NOW + 2 * HOUR);
        await tickets.renew(cookie, { expires: null });
        assert.equal((await tickets.retrieve(cookie)).expires, NOW + 2 * HOUR);
        timed.clock.now = NOW + 2 * HOUR;
        assert.equal(await coordination.validateSession(request), false);
        assert.equal((await coordination.removeExpiredSessions()).processed, 1);
        assert.deepEqual([await timed.sessionIds(), timed.notified()], [[], ["yes"]]);
      },
    },
    {
      name: "a subject has no more sessions than the limit",
      async run() {
        for (const [policy, left] of [
          ["removeOldest", ["s2", "s3"]],
          ["removeLeastRecent", ["s1", "s3"]],
        ]) {
          const timed = coordinated(lib);
          const tickets = new lib.TicketStore(timed.members, {
            keys: KEYS,
            maxSessionsPerSubject: { limit: 2, policy },
          });
          const signIn = (sessionId, subjectId = "alice") =>
            tickets.store({ subjectId, sessionId, clients: ["web"] });
          const first = await signIn("s1");
          timed.clock.now += 1;
          await signIn("s2");
          timed.clock.now += 1;
          await tickets.renew(first, {});
          await signIn("bob's", "bob");
          await signIn("s3");
          assert.deepEqual((await timed.sessionIds({ subjectId: "alice" })).sort(), left);
          assert.equal((await timed.management.querySessions({ subjectId: "bob" })).totalCount, 1);
          assert.deepEqual(timed.notified(), [], "the sign-in waited for relying parties");
          const { delivered } = await new lib.LogoutDelivery(timed.members).deliverDue();
          assert.equal(delivered, 1);
          assert.deepEqual(timed.notified(), ["web"]);
          assert.equal(timed.sent[0].claims.logout_reason, "terminated");
        }
      },
    },
    {
      name: "without an outbox, a sign-in above the limit notifies before it returns",
      async run() {
        const timed = coordinated(lib);
        const { outbox: _outbox, atomic: _atomic, ...members } = timed.members;
        const tickets = new lib.TicketStore(members, {
          keys: KEYS,
          maxSessionsPerSubject: { limit: 1, policy: "removeOldest" },
        });
        await tickets.store({ subjectId: "alice", sessionId: "s1", clients: ["web"] });
        timed.clock.now += 1;
        await tickets.store({ subjectId: "alice", sessionId: "s2", clients: ["web"] });
        assert.deepEqual(
          timed.sent.map(({ clientId, sessionId }) => [clientId, sessionId]),
          [["web", "s1"]],
        );
      },
    },
    {
      name: "a sign-in above the limit is denied",
      async run() {
        const timed = coordinated(lib);
        const maxSessionsPerSubject = { limit: 1, policy: "deny" };
        const tickets = new lib.TicketStore(timed.members, { keys: KEYS, maxSessionsPerSubject });
        const coordination = new lib.SessionCoordination(timed.members, { maxSessionsPerSubject });
        await tickets.store({ subjectId: "alice", sessionId: "s1", expires: NOW + HOUR });
        timed.clock.now += 1;
        timed.events.length = 0;
        const denied = { name: "RollcallError", code: "session_limit_reached" };
        await assert.rejects(tickets.store({ subjectId: "alice", sessionId: "s2" }), denied);
        assert.deepEqual(timed.events, [
          { type: "session_denied", at: new Date(timed.clock.now), subjectId: "alice" },
        ]);
        // Stored without the ticket store.
        await timed.signIn("alice", "s3", []);
        await assert.rejects(
          coordination.admitSession({ subjectId: "alice", sessionId: "s3" }),
          denied,
        );
        assert.deepEqual(await timed.sessionIds(), ["s1"]);
        assert.equal(
          (await coordination.admitSession({ subjectId: "alice", sessionId: "s1" }))
            .sessionsRemoved,
          0,
        );
        timed.clock.now += HOUR;
        assert.match(
          await tickets.store({ subjectId: "alice", sessionId: "s4" }),
          /^[0-9a-f]{64}$/,
        );
        const unlimited = new lib.SessionCoordination(timed.members);
        const session = { subjectId: "alice", sessionId: "s4" };
        await assert.rejects(unlimited.admitSession(session), { code: "not_configured" });
      },
    },
    {
      name: "sign-ins and renewals emit events with the subject and the time",
      async run() {
        const timed = coordinated(lib);
        const cookie = await timed.signIn("alice", "s1", ["web"]);
        timed.clock.now += 1;
        await timed.tickets.renew(cookie, { displayName: "Alice" });
        timed.clock.now += 1;
        await timed.tickets.remove(cookie);
        const who = { subjectId: "alice", sessionId: "s1" };
        assert.deepEqual(timed.events.slice(0, 2), [
          { type: "session_created", at: new Date(NOW), ...who },
          { type: "session_renewed", at: new Date(NOW + 1), ...who },
        ]);
        const { type, at, ...removed } = timed.events[2];
        assert.deepEqual(
          [type, at.getTime(), removed.subjectId, removed.sessionId],
          ["session_removed", NOW + 2, "alice", "s1"],
        );
        assert.ok(
          !JSON.stringify(timed.events).includes(cookie),
          "an event contains the cookie value",
        );
      },
    },
  ];
}
