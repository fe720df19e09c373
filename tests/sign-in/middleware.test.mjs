/** The middleware behind real servers: the same behaviour in Express and in Hono. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TicketStore } from "rollcall";
import { application, FRAMEWORKS, provider } from "./support.mjs";

const ALICE = { subjectId: "alice", displayName: "Alice" };
const BOB = { subjectId: "bob" };
const ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Lax";
const CLEARED = `__Host-session=; Max-Age=0; ${ATTRIBUTES}`;
const UNKNOWN = "0".repeat(64);

/** The number of sessions. */
const stored = ({ host }) => host.sessions.count({});

for (const framework of Object.keys(FRAMEWORKS)) {
  describe(framework, () => {
    /** The application with its own provider. */
    async function started(t, { cookie, name, ...settings } = {}) {
      const all = provider(settings);
      const { tickets, coordination } = all;
      const call = await application(t, framework, { tickets, coordination, cookie }, name);
      return { ...all, call };
    }

    test("no user is signed in without a cookie, and no cookie is set", async (t) => {
      const { call } = await started(t);
      const { status, body, setCookie } = await call("/session");
      assert.deepEqual([status, body, setCookie], [200, null, undefined]);
    });

    test("signing in sets the cookie, with every attribute", async (t) => {
      const { call } = await started(t);
      const { body, setCookie, cookie } = await call("/sign-in", { ...ALICE, ticket: { n: 1 } });
      assert.match(setCookie, /^__Host-session=[0-9a-f]{64}; /);
      assert.equal(setCookie.slice(setCookie.indexOf("; ") + 2), ATTRIBUTES);
      assert.equal(body.subjectId, "alice");
      const session = await call("/session", {}, `theme=dark; ${cookie}`);
      assert.deepEqual(session.body, body);
      assert.deepEqual(session.body.ticket, { n: 1 });
      assert.equal(session.setCookie, undefined);
    });

    test("an earlier value of the browser is never the new one", async (t) => {
      const { call, host, tickets } = await started(t);
      // An attacker may know any of these: a value without a session, and one of the attacker's own
      // session.
      const own = await tickets.store(BOB);
      for (const value of [UNKNOWN, own]) {
        const { cookie } = await call("/sign-in", ALICE, `__Host-session=${value}`);
        assert.notEqual(cookie, `__Host-session=${value}`);
        assert.equal(await tickets.retrieve(value), undefined);
      }
      assert.equal(await host.sessions.count({ subjectId: { equals: "bob" } }), 0);
    });

    test("signing in as another person ends the previous session and notifies its clients", async (t) => {
      const { call, notified, deliver, ...all } = await started(t, { coordinated: false });
      const before = await call("/sign-in", { ...ALICE, clients: ["shop"], scheme: "pwd" });
      const after = await call("/sign-in", { ...BOB, clients: ["mail"] }, before.cookie);
      assert.equal(after.body.subjectId, "bob");
      assert.equal(after.body.scheme, "default");
      assert.deepEqual(
        after.body.clients.map(({ clientId }) => clientId),
        ["mail"],
      );
      assert.notEqual(after.cookie, before.cookie);
      assert.equal((await call("/session", {}, before.cookie)).body, null);
      assert.equal((await call("/session", {}, after.cookie)).body.subjectId, "bob");
      // The sign-in doesn't wait for clients.
      await deliver();
      assert.deepEqual(notified, ["shop of alice in a session"]);
      assert.equal(await stored(all), 1);
    });

    test("signing in as the same person does so too, without the previous expiry", async (t) => {
      const { call, notified, deliver, ...all } = await started(t);
      const expires = Date.now() + 3_600_000;
      const before = await call("/sign-in", { ...ALICE, expires, clients: ["shop"] });
      const after = await call("/sign-in", ALICE, before.cookie);
      assert.notEqual(after.body.sessionId, before.body.sessionId);
      assert.equal(after.body.expires, undefined);
      // The sign-in doesn't wait for clients.
      await deliver();
      assert.deepEqual(notified, ["shop of alice in a session"]);
      assert.equal(await stored(all), 1);
    });

    test("a sign-in that is refused changes nothing", async (t) => {
      const { call, ...all } = await started(t);
      const { cookie, body } = await call("/sign-in", ALICE);
      for (const refused of [
        {},
        { subjectId: "" },
        { subjectId: null },
        { ...BOB, clients: 5 },
        { ...BOB, expires: 1 },
        { ...BOB, other: 1 },
        { ...BOB, sessionId: body.sessionId },
      ]) {
        const { status, body, setCookie } = await call("/sign-in", refused, cookie);
        assert.deepEqual([status, body, setCookie], [500, { code: "invalid_argument" }, undefined]);
      }
      assert.equal((await call("/session", {}, cookie)).body.subjectId, "alice");
      assert.equal(await stored(all), 1);
    });

    test("signing in under another issuer ends the previous session", async (t) => {
      const issuers = ["https://a.example.com", "https://b.example.com"];
      const { call, ...all } = await started(t, { wrap: (host) => ({ ...host, issuers }) });
      const [a, b] = issuers.map((issuer) => ({ ...ALICE, issuer }));
      const before = await call("/sign-in", a);
      assert.equal(before.body.issuer, a.issuer);
      const refused = await call("/sign-in", ALICE, before.cookie);
      assert.deepEqual(refused.body, { code: "invalid_argument" });
      const after = await call("/sign-in", b, before.cookie);
      assert.equal(after.body.issuer, b.issuer);
      assert.equal((await call("/session", {}, before.cookie)).body, null);
      assert.equal(await stored(all), 1);
    });

    test("a limit that refuses a sign-in keeps the current session", async (t) => {
      const maxSessionsPerSubject = { limit: 1, policy: "deny" };
      const { call, tickets } = await started(t, { maxSessionsPerSubject });
      await tickets.store(BOB);
      const { cookie } = await call("/sign-in", ALICE);
      const { status, body, setCookie } = await call("/sign-in", BOB, cookie);
      assert.deepEqual(
        [status, body, setCookie],
        [500, { code: "session_limit_reached" }, undefined],
      );
      assert.equal((await call("/session", {}, cookie)).body.subjectId, "alice");
    });

    test("a limit of one session lets the same browser sign in again", async (t) => {
      const maxSessionsPerSubject = { limit: 1, policy: "deny" };
      const { call, ...all } = await started(t, { maxSessionsPerSubject });
      const { cookie } = await call("/sign-in", ALICE);
      const after = await call("/sign-in", ALICE, cookie);
      assert.equal((await call("/session", {}, after.cookie)).body.subjectId, "alice");
      assert.equal(await stored(all), 1);
    });

    test("a session that ended during its sign-in sets no cookie", async (t) => {
      const wrap = (host) => ({
        ...host,
        sessions: { ...host.sessions, get: () => undefined },
      });
      const { call } = await started(t, { wrap });
      const { body, setCookie } = await call("/sign-in", ALICE);
      assert.deepEqual([body, setCookie], [null, CLEARED]);
    });

    test("signing in over a session whose ticket doesn't open ends that session too", async (t) => {
      const all = provider();
      const other = { current: "2", keys: { 2: new Uint8Array(32).fill(1) } };
      const tickets = new TicketStore(all.host, { keys: other });
      const value = await all.tickets.store({ ...ALICE, sessionId: "s", ticket: 1 });
      const call = await application(t, framework, { tickets });
      const cookie = `__Host-session=${value}`;
      assert.equal((await call("/session", {}, cookie)).body, null);
      // With the session id of the session that was not found.
      const after = await call("/sign-in", { ...ALICE, sessionId: "s", ticket: 2 }, cookie);
      assert.notEqual(after.cookie, cookie);
      assert.equal((await call("/session", {}, after.cookie)).body.ticket, 2);
      assert.equal((await call("/session", {}, cookie)).body, null);
      assert.equal(await stored(all), 1);
    });

    test("renewing keeps the value and writes no cookie", async (t) => {
      const { call } = await started(t);
      const { cookie } = await call("/sign-in", { ...ALICE, ticket: 1 });
      const { body, setCookie } = await call("/renew", { ticket: 2 }, cookie);
      assert.deepEqual([body.ticket, setCookie], [2, undefined]);
      assert.equal((await call("/session", {}, cookie)).body.ticket, 2);
    });

    test("renewing as another person sets a new value", async (t) => {
      const { call } = await started(t);
      const { cookie } = await call("/sign-in", ALICE);
      const after = await call("/renew", BOB, cookie);
      assert.equal(after.body.subjectId, "bob");
      assert.equal((await call("/session", {}, cookie)).body, null);
      assert.equal((await call("/session", {}, after.cookie)).body.subjectId, "bob");
    });

    test("rotating replaces the value of the same session", async (t) => {
      const { call, notified } = await started(t);
      const { cookie, body } = await call("/sign-in", { ...ALICE, clients: ["shop"] });
      const after = await call("/rotate", {}, cookie);
      assert.deepEqual(after.body, body);
      assert.equal((await call("/session", {}, cookie)).body, null);
      assert.deepEqual((await call("/session", {}, after.cookie)).body, body);
      assert.deepEqual(notified, []);
    });

    test("two changes in one request leave the last value", async (t) => {
      const { call, ...all } = await started(t);
      const { cookie } = await call("/sign-in-and-rotate", ALICE);
      assert.equal((await call("/session", {}, cookie)).body.subjectId, "alice");
      assert.equal(await stored(all), 1);
    });

    test("a value that is no longer valid is not cleared from the browser", async (t) => {
      const { call } = await started(t);
      const { cookie } = await call("/sign-in", ALICE);
      const { cookie: next } = await call("/rotate", {}, cookie);
      // Like a request that was sent before the response with the next value arrived.
      for (const [path, body, signedOut] of [
        ["/session", {}, null],
        ["/renew", { ticket: 2 }, null],
        ["/rotate", {}, null],
        ["/client", { client: "shop" }, false],
      ]) {
        const answer = await call(path, body, cookie);
        assert.deepEqual(
          [answer.status, answer.body, answer.setCookie],
          [200, signedOut, undefined],
        );
      }
      assert.equal((await call("/session", {}, next)).body.subjectId, "alice");
    });

    test("a value that becomes invalid during a renewal is not cleared either", async (t) => {
      let ended = false;
      const wrap = (host) => {
        const get = (key) => (ended ? undefined : host.sessions.get(key));
        const update = async (...args) => {
          ended = await host.sessions.update(...args);
          return ended;
        };
        return { ...host, sessions: { ...host.sessions, get, update } };
      };
      const { call } = await started(t, { wrap, cookie: { persistent: true } });
      const { cookie } = await call("/sign-in", ALICE);
      const { status, body, setCookie } = await call("/renew", { ticket: 2 }, cookie);
      assert.deepEqual([status, body, setCookie], [200, null, undefined]);
    });

    test("concurrent rotations: one sets the valid value", async (t) => {
      const { call, ...all } = await started(t);
      const { cookie } = await call("/sign-in", ALICE);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => call("/rotate", {}, cookie)),
      );
      const next = answers.filter(({ setCookie }) => setCookie !== undefined);
      assert.equal(next.length, 1);
      assert.equal((await call("/session", {}, next[0].cookie)).body.subjectId, "alice");
      assert.equal(await stored(all), 1);
    });

    test("concurrent sign-ins: each sets its own value", async (t) => {
      const { call, ...all } = await started(t);
      const { cookie } = await call("/sign-in", ALICE);
      const answers = await Promise.all(
        ["b", "c", "d"].map((subjectId) => call("/sign-in", { subjectId }, cookie)),
      );
      assert.equal(new Set(answers.map((answer) => answer.cookie)).size, 3);
      for (const [index, subjectId] of ["b", "c", "d"].entries()) {
        const { body } = await call("/session", {}, answers[index].cookie);
        assert.equal(body.subjectId, subjectId);
      }
      assert.equal((await call("/session", {}, cookie)).body, null);
      assert.equal(await stored(all), 3);
    });

    test("signing out notifies clients, ends the session and clears the cookie", async (t) => {
      const { call, notified, ...all } = await started(t);
      const { cookie } = await call("/sign-in", ALICE);
      assert.equal((await call("/client", { client: "shop" }, cookie)).body, true);
      const { body, setCookie } = await call("/sign-out", {}, cookie);
      assert.equal(setCookie, CLEARED);
      assert.equal(body.notifications.delivered, 1);
      assert.deepEqual(notified, ["shop of alice in a session"]);
      assert.equal((await call("/session", {}, cookie)).body, null);
      assert.equal(await stored(all), 0);
    });

    test("signing out without coordination only ends the session", async (t) => {
      const { call, notified, ...all } = await started(t, { coordinated: false });
      const { cookie } = await call("/sign-in", { ...ALICE, clients: ["shop"] });
      const { body, setCookie } = await call("/sign-out", {}, cookie);
      assert.deepEqual([body, setCookie], [null, CLEARED]);
      assert.deepEqual(notified, []);
      assert.equal(await stored(all), 0);
    });

    test("signing out clears a cookie that signs no user in", async (t) => {
      const { call, notified } = await started(t);
      for (const cookie of [undefined, `__Host-session=${UNKNOWN}`, "__Host-session=x"]) {
        const { status, body, setCookie } = await call("/sign-out", {}, cookie);
        assert.deepEqual([status, body, setCookie], [200, null, CLEARED]);
      }
      assert.deepEqual(notified, []);
    });

    test("a session that was removed signs no user in", async (t) => {
      const { call, tickets } = await started(t);
      const { cookie } = await call("/sign-in", ALICE);
      await tickets.remove(cookie.split("=")[1]);
      const { status, body, setCookie } = await call("/session", {}, cookie);
      assert.deepEqual([status, body, setCookie], [200, null, undefined]);
    });

    test("two cookies of the name sign no user in, with any values", async (t) => {
      const { call } = await started(t);
      const { cookie } = await call("/sign-in", ALICE);
      for (const header of [
        `${cookie}; __Host-session=${UNKNOWN}`,
        `__Host-session=${UNKNOWN}; ${cookie}`,
        `${cookie}; a=b;${cookie}`,
      ]) {
        assert.equal((await call("/session", {}, header)).body, null, header);
      }
    });

    test("other strings than cookie values sign no user in, and reach no store", async (t) => {
      const wrap = (host) => ({
        ...host,
        sessions: { ...host.sessions, get: () => Promise.reject(new Error("asked")) },
      });
      const { call } = await started(t, { wrap });
      for (const value of ["", "x", "%", "%00", '"', "__proto__", "=", "é", "x".repeat(10_000)]) {
        const header = Buffer.from(`__Host-session=${value}`).toString("latin1");
        const { status, body, setCookie } = await call("/session", {}, header);
        assert.deepEqual([status, body, setCookie], [200, null, undefined], value);
      }
      for (const header of [
        ";;;",
        "=;=",
        "__Host-session",
        "__host-session=1",
        "a".repeat(9_000),
      ]) {
        assert.equal((await call("/session", {}, header)).status, 200, header);
      }
    });

    describe("when the store fails", () => {
      /** A store whose method `failing.name` fails. */
      const failing = {};
      const wrap = (host) => {
        const sessions = { ...host.sessions };
        for (const name of ["get", "create", "update", "remove", "addClient"]) {
          sessions[name] = (...args) => {
            if (failing.name === name) throw new Error("down");
            return host.sessions[name](...args);
          };
        }
        const { atomic: _, ...others } = host;
        return { ...others, sessions };
      };
      const fails = { status: 500, body: { code: "store_failed" } };

      test("reading, the request fails and the cookie remains", async (t) => {
        const { call } = await started(t, { wrap });
        const { cookie } = await call("/sign-in", ALICE);
        failing.name = "get";
        for (const path of ["/session", "/sign-out"]) {
          const { setCookie, cookie: _, ...answer } = await call(path, {}, cookie);
          assert.deepEqual([answer, setCookie], [fails, undefined]);
        }
        failing.name = undefined;
        assert.equal((await call("/session", {}, cookie)).body.subjectId, "alice");
      });

      test("removing, signing out fails and can be repeated", async (t) => {
        const { call } = await started(t, { wrap });
        const { cookie } = await call("/sign-in", ALICE);
        failing.name = "remove";
        const { setCookie, cookie: _, ...answer } = await call("/sign-out", {}, cookie);
        assert.deepEqual([answer, setCookie], [fails, undefined]);
        failing.name = undefined;
        assert.equal((await call("/sign-out", {}, cookie)).setCookie, CLEARED);
      });

      test("creating, signing in fails without a cookie", async (t) => {
        const { call } = await started(t, { wrap });
        failing.name = "create";
        const { setCookie, cookie: _, ...answer } = await call("/sign-in", ALICE);
        failing.name = undefined;
        assert.deepEqual([answer, setCookie], [fails, undefined]);
      });

      test("after a new value was generated, the browser still gets it", async (t) => {
        const { call } = await started(t, {
          wrap: (host) => {
            const wrapped = wrap(host);
            const { update } = wrapped.sessions;
            wrapped.sessions.update = async (...args) => {
              const updated = await update(...args);
              failing.name = "get";
              return updated;
            };
            return wrapped;
          },
        });
        const { cookie } = await call("/sign-in", ALICE);
        const after = await call("/rotate", {}, cookie);
        failing.name = undefined;
        assert.equal(after.status, 500);
        assert.equal((await call("/session", {}, after.cookie)).body.subjectId, "alice");
      });
    });

    describe("the cookie", () => {
      test("is persistent until the session expires", async (t) => {
        t.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
        const { call } = await started(t, { cookie: { persistent: true } });
        const expires = 1_700_003_599_500;
        const { setCookie, cookie } = await call("/sign-in", { ...ALICE, expires });
        assert.equal(setCookie, `${cookie}; Max-Age=3600; ${ATTRIBUTES}`);
        const renewed = await call("/renew", { expires: expires + 60_000 }, cookie);
        assert.equal(renewed.setCookie, `${cookie}; Max-Age=3660; ${ATTRIBUTES}`);
        const rotated = await call("/rotate", {}, cookie);
        assert.equal(rotated.setCookie, `${rotated.cookie}; Max-Age=3660; ${ATTRIBUTES}`);
      });

      test("is persistent for at most 400 days", async (t) => {
        const { call } = await started(t, { cookie: { persistent: true } });
        for (const expires of [undefined, Date.now() + 1_000 * 86_400_000]) {
          const { setCookie, cookie } = await call("/sign-in", { ...ALICE, expires });
          assert.equal(setCookie, `${cookie}; Max-Age=34560000; ${ATTRIBUTES}`);
        }
      });

      test("is persistent for sessions that a function names", async (t) => {
        const persistent = ({ ticket }) => ticket.stay;
        const { call } = await started(t, { cookie: { persistent } });
        const stays = await call("/sign-in", { ...ALICE, ticket: { stay: true } });
        assert.match(stays.setCookie, /; Max-Age=34560000; /);
        assert.match((await call("/rotate", {}, stays.cookie)).setCookie, /; Max-Age=34560000; /);
        const unnamed = await call("/sign-in", { ...ALICE, ticket: { stay: false } });
        assert.equal(unnamed.setCookie, `${unnamed.cookie}; ${ATTRIBUTES}`);
      });

      test("can have another name and another `SameSite`", async (t) => {
        const cookie = { name: "__Secure-id", sameSite: "Strict" };
        const { call } = await started(t, { cookie, name: "__Secure-id" });
        const { setCookie, cookie: sent } = await call("/sign-in", ALICE);
        assert.equal(setCookie, `${sent}; Path=/; HttpOnly; Secure; SameSite=Strict`);
        assert.equal((await call("/session", {}, sent)).body.subjectId, "alice");
      });

      test("is insecure with a warning, and without prefix and `Secure`", async (t) => {
        const { mock } = t.mock.method(console, "warn", () => {});
        const { call } = await started(t, { cookie: { insecure: true }, name: "session" });
        assert.match(
          mock.calls[0].arguments[0],
          /^rollcall: `insecure` is set.* never in production$/,
        );
        const { setCookie, cookie } = await call("/sign-in", ALICE);
        assert.equal(setCookie, `${cookie}; Path=/; HttpOnly; SameSite=Lax`);
        assert.equal((await call("/session", {}, cookie)).body.subjectId, "alice");
        const { setCookie: cleared } = await call("/sign-out", {}, cookie);
        assert.equal(cleared, "session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
      });
    });
  });
}
