/**
 * Faulty injected functions in a pass. The pass counts failures, loses nothing, and doesn't block
 * other clients or sessions.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import {
  LogoutDelivery,
  RollcallError,
  SessionCoordination,
  SessionManagement,
  TicketStore,
} from "../../pkg/entry/node.js";
import {
  completeHost,
  KEYS,
  never,
  recordNotifications,
  rejection,
  signIn,
  withMember,
} from "./support.mjs";

const NOW = 1_750_000_000_000;
const HOUR = 3_600_000;

const throwing = () => {
  throw new Error("no route");
};

/** Wrong lookups, subjects and senders: the member, and its replacement. */
const HOSTILE = [
  ["clients", throwing],
  ["clients", () => Promise.reject(new Error("registry down"))],
  ["clients", () => Promise.reject(undefined)],
  ["clients", () => Promise.reject(new RollcallError("sender_failed", "the registry is down"))],
  ["clients", never],
  ...["web", 7, true].map((client) => ["clients", () => client]),
  ["clients", () => ({ backChannelLogoutUri: 7 })],
  ["clients", () => ({ backChannelLogoutUri: "https://web.example/logout", enabled: "yes" })],
  [
    "clients",
    () =>
      Object.defineProperty({}, "backChannelLogoutUri", {
        get: throwing,
      }),
  ],
  ["subjectFor", throwing],
  ["subjectFor", () => Promise.reject(new Error("pairwise no more"))],
  ["subjectFor", never],
  ...[undefined, null, 7, {}].map((subject) => ["subjectFor", () => subject]),
  ["sendLogout", throwing],
  ["sendLogout", () => Promise.reject(new Error("no route"))],
  ["sendLogout", () => Promise.reject(null)],
  ["sendLogout", () => Promise.reject(new RollcallError("store_failed", "not a store at all"))],
  ["sendLogout", never],
  ...[
    undefined,
    null,
    200,
    "sent",
    [],
    {},
    { delivered: "yes" },
    { delivered: false },
    { delivered: false, retry: true },
  ].map((outcome) => ["sendLogout", () => outcome]),
  ["sendLogout", () => ({ delivered: false, retry: "perhaps", error: "busy" })],
  ["sendLogout", () => ({ delivered: true, status: "200" })],
  ["sendLogout", () => Object.defineProperty({}, "delivered", { get: throwing })],
];

const title = (callback) => String(callback).replace(/\s+/g, " ");

/** A host whose clock the test sets, where one member fails for `web` only. */
function failingFor(web, path, callback) {
  const clock = { now: NOW };
  const events = [];
  const { host, sent } = completeHost();
  const healthy = { ...host, now: () => clock.now, onEvent: (event) => events.push(event) };
  const concerns = {
    clients: (clientId) => clientId,
    subjectFor: (_, clientId) => clientId,
    sendLogout: (message) => message.clientId,
  };
  const usual = { subjectFor: (subjectId) => subjectId, ...host };
  const member = (...args) =>
    concerns[path](...args) === web ? callback(...args) : usual[path](...args);
  return {
    hostile: { ...withMember(healthy, path, member), callbackTimeout: 20 },
    healthy,
    clock,
    events,
    sent,
  };
}

const byClient = (deliveries) =>
  Object.fromEntries(deliveries.map((delivery) => [delivery.clientId, delivery]));
const types = (events) => events.map(({ type }) => type);

describe("deliverDue", () => {
  for (const [path, callback] of HOSTILE) {
    test(`with \`${path}\`: ${title(callback)}`, async () => {
      const { hostile, healthy, clock, events, sent } = failingFor("web", path, callback);
      await new TicketStore(healthy, { keys: KEYS }).store({
        subjectId: "alice",
        clients: ["web", "app"],
      });
      await recordNotifications(healthy);
      const pass = await new LogoutDelivery(hostile).deliverDue();
      assert.deepEqual(pass, {
        delivered: 1,
        failed: 0,
        rescheduled: 1,
        more: false,
        pruned: 0,
        pruningFailed: false,
      });
      const { web, app } = byClient(await healthy.outbox.list({}));
      assert.deepEqual([app.state, web.state, web.attempts], ["delivered", "pending", 1]);
      assert.match(web.error, /^(?:sender|store)_failed: ./);
      assert.ok(web.nextAttempt > NOW);
      const failed = events.find(({ type }) => type === "notification_failed");
      assert.deepEqual(
        [failed.clientId, failed.error, failed.nextAttempt],
        ["web", web.error, web.nextAttempt],
      );
      clock.now = web.nextAttempt.getTime();
      assert.equal((await new LogoutDelivery(healthy).deliverDue()).delivered, 1);
      assert.deepEqual(sent.map(({ clientId }) => clientId).sort(), ["app", "web"]);
    });
  }

  test("claims an entry with a member that can't be read", async () => {
    const thrown = new Error("not today");
    const entry = Object.defineProperty(
      { clientId: "web", reason: "terminated", created: 1 },
      "id",
      {
        get() {
          throw thrown;
        },
      },
    );
    const { host } = completeHost();
    const claiming = withMember(host, "outbox.claim", () => [entry]);
    assert.deepEqual(await new LogoutDelivery(claiming).deliverDue(), {
      delivered: 0,
      failed: 0,
      rescheduled: 1,
      more: false,
      pruned: 0,
      pruningFailed: false,
    });
  });

  test("has an outbox that can't record: sent notifications are sent again when the lease ends, and never lost", async () => {
    for (const settle of [throwing, () => Promise.reject(new Error("the disk is full")), never]) {
      const { healthy, clock, sent } = failingFor("none", "clients", never);
      await signIn(healthy, "alice");
      await recordNotifications(healthy);
      const broken = { ...withMember(healthy, "outbox.settle", settle), callbackTimeout: 20 };
      assert.equal((await new LogoutDelivery(broken).deliverDue()).rescheduled, 1);
      const delivery = new LogoutDelivery(healthy);
      assert.equal((await delivery.deliverDue()).delivered, 0);
      clock.now += 60_000;
      assert.equal((await delivery.deliverDue()).delivered, 1);
      assert.equal(sent.length, 2);
    }
  });

  test("has a clock or an `onProgress` that throws", async (t) => {
    const { healthy } = failingFor("none", "clients", never);
    await signIn(healthy, "alice");
    await recordNotifications(healthy);
    const wrongClock = new LogoutDelivery({ ...healthy, now: () => Number.NaN });
    assert.match((await rejection(wrongClock.deliverDue())).message, /`now`/);
    const shown = t.mock.method(console, "error", () => {});
    const onProgress = () => {
      throw new Error("enough");
    };
    assert.equal((await new LogoutDelivery(healthy).deliverDue({ onProgress })).delivered, 1);
    assert.ok(shown.mock.callCount() > 0);
  });
});

describe("removeExpiredSessions", () => {
  const COORDINATE = { coordinateClientLifetimesWithUserSession: true };

  /** Alice's session at `web` and bob's at `app`, both expired. */
  async function expired(healthy, clock) {
    const tickets = new TicketStore(healthy, { keys: KEYS });
    await tickets.store({ subjectId: "alice", clients: ["web"], expires: NOW + 1 });
    await tickets.store({ subjectId: "bob", clients: ["app"], expires: NOW + 2 });
    clock.now += HOUR;
  }

  for (const [path, callback] of HOSTILE) {
    test(`with \`${path}\`: ${title(callback)}`, async () => {
      const { hostile, healthy, clock, events, sent } = failingFor("web", path, callback);
      await expired(healthy, clock);
      events.length = 0;
      const pass = await new SessionCoordination(hostile, COORDINATE).removeExpiredSessions();
      const left = await new SessionManagement(healthy).querySessions();
      assert.deepEqual(pass, {
        processed: 2,
        more: false,
        failed: 0,
        grantsRemoved: 0,
        devicesForgotten: 0,
        pruningFailed: false,
      });
      assert.equal(left.totalCount, 0);
      const unreadable = events.filter(({ type }) => type === "client_unreadable");
      assert.deepEqual(
        unreadable.map(({ clientId, code }) => [clientId, code]),
        // Even if the address can't be read, the setting of coordination can.
        path === "clients" && !`${callback}`.includes("LogoutUri")
          ? [["web", "sender_failed"]]
          : [],
      );
      const { web, app } = byClient(await healthy.outbox.list({}));
      assert.deepEqual([app.state, web.state, web.attempts], ["delivered", "pending", 1]);
      clock.now = web.nextAttempt.getTime();
      assert.equal((await new LogoutDelivery(healthy).deliverDue()).delivered, 1);
      assert.deepEqual(sent.map(({ clientId }) => clientId).sort(), ["app", "web"]);
      assert.equal((await new SessionManagement(healthy).querySessions()).totalCount, 0);
      assert.equal(types(events).filter((type) => type === "session_expired").length, 2);
    });
  }

  test("has a store that can't remove: the failures are reported, and the next pass retries", async () => {
    for (const endSessions of [
      throwing,
      () => Promise.reject(new Error("the disk is full")),
      never,
      () => ({ ended: 1 }),
    ]) {
      const { healthy, clock, events } = failingFor("none", "clients", never);
      await expired(healthy, clock);
      const hostile = withMember(healthy, "atomic.endSessions", endSessions);
      const broken = { ...hostile, callbackTimeout: 20 };
      const pass = await new SessionCoordination(broken, COORDINATE).removeExpiredSessions();
      assert.deepEqual(pass, {
        processed: 0,
        more: false,
        failed: 2,
        grantsRemoved: 0,
        devicesForgotten: 0,
        pruningFailed: false,
      });
      const failed = events.filter(({ type }) => type === "session_removal_failed");
      assert.deepEqual(
        failed.map(({ subjectId, code }) => [subjectId, code]),
        [
          ["alice", "store_failed"],
          ["bob", "store_failed"],
        ],
      );
      const next = await new SessionCoordination(healthy, COORDINATE).removeExpiredSessions();
      assert.deepEqual(next, {
        processed: 2,
        more: false,
        failed: 0,
        grantsRemoved: 0,
        devicesForgotten: 0,
        pruningFailed: false,
      });
    }
  });

  test("has a store that can't list: the pass is an error", async () => {
    const { host } = completeHost();
    const broken = withMember(host, "sessions.list", throwing);
    for (const end of [
      { ...broken, atomic: undefined },
      withMember(broken, "atomic.endSessions", throwing),
    ]) {
      const pass = new SessionCoordination(end).removeExpiredSessions();
      assert.equal((await rejection(pass)).code, "store_failed");
    }
  });
});

describe("validateSession", () => {
  test("is an error if the answer is unknown", async () => {
    const request = { subjectId: "alice", clientId: "web" };
    for (const [path, code] of [
      ["clients", "sender_failed"],
      ["sessions.list", "store_failed"],
    ]) {
      for (const callback of [throwing, () => Promise.reject(new Error("down")), never, () => 7]) {
        const { host } = completeHost();
        await signIn(host, "alice");
        const broken = { ...withMember(host, path, callback), callbackTimeout: 20 };
        const coordination = new SessionCoordination(broken, {
          coordinateClientLifetimesWithUserSession: true,
        });
        assert.equal(
          (await rejection(coordination.validateSession(request))).code,
          code,
          `${path}: ${callback}`,
        );
      }
    }
  });
});

describe("a call that returns while attempts are under way", () => {
  /** A host that sends when the gate opens. `delivered` resolves when the outbox has the result. */
  function gated() {
    const gate = {};
    const opened = new Promise((resolve) => {
      gate.open = resolve;
    });
    const { host } = completeHost();
    const delivered = new Promise((resolve) => {
      host.onEvent = ({ type }) => type === "notification_delivered" && resolve();
    });
    host.sendLogout = async () => {
      await opened;
      return { delivered: true, status: 200 };
    };
    return { host: { ...host, delivery: { wait: 1 } }, open: gate.open, delivered };
  }

  const CALLS = {
    removeSessions: (host, options) =>
      new SessionManagement(host).removeSessions({ subjectId: "alice" }, options),
    processLogout: (host, options) =>
      new SessionCoordination(host).processLogout(
        { subjectId: "alice", sessionId: "s1", clientIds: ["web"] },
        options,
      ),
    purgeSessions: async (host, options) => {
      const management = new SessionManagement(host);
      const { confirmToken } = await management.purgeSessions({ everything: true, filter: {} });
      return management.purgeSessions({ everything: true, filter: {}, confirmToken }, options);
    },
  };

  for (const [name, call] of Object.entries(CALLS)) {
    test(`passes the remaining attempts to \`waitUntil\` once: ${name}`, async () => {
      const { host, open, delivered } = gated();
      await signIn(host, "alice");
      const rests = [];
      const report = await call(host, { waitUntil: (rest) => rests.push(rest) });
      assert.deepEqual(report.notifications, { delivered: 0, pending: 1, failed: 0, skipped: 0 });
      assert.equal(rests.length, 1);
      assert.ok(rests[0] instanceof Promise);
      open();
      await Promise.all([...rests, delivered]);
      assert.equal(rests.length, 1);
      const [entry] = await host.outbox.list({});
      assert.deepEqual([entry.state, entry.attempts], ["delivered", 1]);
    });

    test(`isn't affected by a \`waitUntil\` that throws: ${name}`, async () => {
      const { host, open, delivered } = gated();
      await signIn(host, "alice");
      const report = await call(host, { waitUntil: throwing });
      assert.equal(report.notifications.pending, 1);
      open();
      await delivered;
      const [entry] = await host.outbox.list({});
      assert.equal(entry.state, "delivered");
    });

    test(`logs errors of the remaining attempts on the console, not to \`waitUntil\`: ${name}`, async (t) => {
      const shown = t.mock.method(console, "error", () => {});
      const { host, open } = gated();
      await signIn(host, "alice");
      const rests = [];
      const broken = withMember(host, "outbox.settle", () =>
        Promise.reject(new Error("the disk is full")),
      );
      await call(broken, { waitUntil: (rest) => rests.push(rest) });
      open();
      await Promise.all(rests);
      assert.equal(shown.mock.callCount(), 1);
      assert.match(
        String(shown.mock.calls[0].arguments),
        /,store_failed: `outbox\.settle` failed: Error\n +at /,
      );
    });
  }

  test("doesn't call `waitUntil` if it has waited for all attempts", async () => {
    const { host } = completeHost();
    await signIn(host, "alice");
    await CALLS.removeSessions(host, { waitUntil: () => assert.fail("no attempts remain") });
  });
});

describe("pruning", () => {
  /**
   * By member: the store, the pass, the number of pruned entries, and the option that enables
   * pruning.
   */
  const PRUNING = [
    [
      "outbox.prune",
      (host) => new LogoutDelivery(host).deliverDue(),
      ({ pruned }) => pruned,
      ({ outbox: { prune: _, ...outbox }, ...host }) => ({ ...host, outbox }),
    ],
    [
      "grants.removeExpired",
      (host) => new SessionCoordination(host).removeExpiredSessions(),
      ({ grantsRemoved }) => grantsRemoved,
      ({ grants: { removeExpired: _, ...grants }, ...host }) => ({ ...host, grants }),
    ],
    [
      "sessions.forgetDevices",
      (host) => new SessionCoordination(host).removeExpiredSessions(),
      ({ devicesForgotten }) => devicesForgotten,
    ],
  ];
  const MONTH = 30 * 24 * HOUR;

  /** A host with one entry of each kind to prune. */
  async function overdue() {
    const { healthy, clock, events } = failingFor("none", "clients", never);
    const host = { ...healthy, forgetDevicesAfter: MONTH };
    const tickets = new TicketStore(host, { keys: KEYS });
    await tickets.store({ subjectId: "alice", clients: ["web"] });
    await recordNotifications(host);
    await new LogoutDelivery(host).deliverDue();
    await tickets.store({ subjectId: "bob", ipAddress: "192.0.2.1", userAgent: "Browser/1.0" });
    const grant = { key: "g", type: "refresh_token", clientId: "web", data: "" };
    await host.grants.store({ ...grant, created: new Date(NOW), expires: new Date(NOW + 1) });
    clock.now += MONTH + 1;
    events.length = 0;
    return { host, events };
  }

  for (const [path, pass, count, without] of PRUNING) {
    for (const [member, code] of [
      [throwing, "store_failed"],
      [() => Promise.reject(new Error("the disk is full")), "store_failed"],
      [() => Promise.reject(new RollcallError("not_configured", "no table")), "not_configured"],
      [never, "store_failed"],
      ...[undefined, null, "7", -1, 1.5, Number.NaN, 1_001, {}].map((value) => [
        () => value,
        "store_failed",
      ]),
    ]) {
      test(`with \`${path}\`: ${title(member)}, ${code}`, async () => {
        const { host, events } = await overdue();
        const broken = { ...withMember(host, path, member), callbackTimeout: 20 };
        const report = await pass(broken);
        assert.deepEqual([report.pruningFailed, count(report), report.more], [true, 0, false]);
        const failures = events.filter(({ type }) => type === "pruning_failed");
        const [store] = path.split(".");
        assert.deepEqual(
          failures.map((event) => [event.store, event.code]),
          [[store, code]],
        );
        const next = await pass(host);
        assert.deepEqual([next.pruningFailed, count(next)], [false, 1], "the next pass prunes");
      });
    }

    test(`a store without \`${path}\``, async () => {
      const { host, events } = await overdue();
      if (without === undefined) {
        const cannot = withMember(host, path, undefined);
        for (const Service of [SessionCoordination, SessionManagement]) {
          const refusal = { code: "not_configured", message: /`forgetDevicesAfter`/ };
          assert.throws(() => new Service(cannot), refusal);
        }
        return;
      }
      const { atomic: _, ...cannot } = without(host);
      const report = await pass(cannot);
      assert.deepEqual([report.pruningFailed, count(report)], [false, 0]);
      assert.ok(!events.some(({ type }) => type === "pruning_failed"));
    });

    test(`\`${path}\` gets the bound and the limit, and an abort ends the pass there`, async () => {
      const { host } = await overdue();
      const controller = new AbortController();
      const calls = [];
      const member = (...args) => {
        calls.push(args);
        queueMicrotask(() => controller.abort());
        return never();
      };
      const { atomic: _, ...aborting } = withMember(host, path, member);
      const service = path.startsWith("outbox")
        ? new LogoutDelivery(aborting).deliverDue({ signal: controller.signal })
        : new SessionCoordination(aborting).removeExpiredSessions({ signal: controller.signal });
      assert.equal((await rejection(service)).code, "aborted");
      const now = NOW + MONTH + 1;
      const day = 24 * HOUR;
      const before = { delivered: now - 7 * day, failed: now - 90 * day };
      const bounds = { outbox: before, grants: now, sessions: NOW + 1 };
      assert.deepEqual(calls, [[bounds[path.split(".")[0]], 1_000]]);
    });
  }
});

describe("a signal", () => {
  /** Aborts while a call of the member, which never settles, is under way. */
  function abortsIn(host, path) {
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const signals = [];
    const member = (_, options) => {
      signals.push(options?.signal);
      queueMicrotask(() => controller.abort(reason));
      return never();
    };
    return { host: withMember(host, path, member), controller, reason, signals };
  }

  for (const path of ["outbox.claim", "clients", "subjectFor", "sendLogout", "outbox.settle"]) {
    test(`that aborts within \`${path}\` ends deliverDue; nothing is lost`, async () => {
      const { healthy, clock } = failingFor("none", "clients", never);
      await signIn(healthy, "alice");
      await recordNotifications(healthy);
      const { host, controller, reason, signals } = abortsIn(healthy, path);
      const error = await rejection(
        new LogoutDelivery(host).deliverDue({ signal: controller.signal }),
      );
      assert.deepEqual([error.code, error.cause], ["aborted", reason]);
      if (path === "sendLogout") assert.deepEqual(signals, [controller.signal]);
      const [entry] = await healthy.outbox.list({});
      assert.deepEqual([entry.state, entry.attempts], ["pending", 0]);
      clock.now += 60_000;
      assert.equal((await new LogoutDelivery(healthy).deliverDue()).delivered, 1);
    });
  }

  for (const path of [
    ...["atomic.clientsOf", "clients", "atomic.endSessions", "sendLogout", "outbox.settle"],
  ]) {
    test(`that aborts within \`${path}\` ends removeExpiredSessions; nothing is lost`, async () => {
      const { healthy, clock } = failingFor("none", "clients", never);
      const options = { expiredSessionsTriggerBackchannelLogout: true };
      await new TicketStore(healthy, { keys: KEYS }).store({
        subjectId: "alice",
        clients: ["web"],
        expires: NOW + 1,
      });
      clock.now += HOUR;
      const { host, controller, reason } = abortsIn(healthy, path);
      const pass = new SessionCoordination(host, options).removeExpiredSessions({
        signal: controller.signal,
      });
      const error = await rejection(pass);
      assert.deepEqual([error.code, error.cause], ["aborted", reason]);
      await new SessionCoordination(healthy, options).removeExpiredSessions();
      assert.equal((await new SessionManagement(healthy).querySessions()).totalCount, 0);
      clock.now += 60_000;
      await new LogoutDelivery(healthy).deliverDue();
      const entries = await healthy.outbox.list({});
      assert.deepEqual(
        entries.map(({ clientId, state }) => [clientId, state]),
        [["web", "delivered"]],
      );
    });
  }

  test("that aborts ends a runner without an error", async (t) => {
    // The runner's own timer doesn't keep the process running.
    const alive = setInterval(() => {}, 1_000);
    t.after(() => clearInterval(alive));
    const { healthy } = failingFor("none", "clients", never);
    await signIn(healthy, "alice");
    await recordNotifications(healthy);
    const sending = new EventTarget();
    const sendLogout = () => {
      sending.dispatchEvent(new Event("sent"));
      return never();
    };
    const began = once(sending, "sent");
    const runner = new LogoutDelivery({ ...healthy, sendLogout }).start({
      interval: 1,
      onError: assert.fail,
    });
    await began;
    await runner.stop();
    await runner.stop();
    const [entry] = await healthy.outbox.list({});
    assert.deepEqual([entry.state, entry.attempts], ["pending", 0]);
  });
});

describe("200 concurrent passes of one service", () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 5));

  test("deliver each notification once", async () => {
    const { host } = completeHost();
    const keys = Array.from({ length: 300 }, (_, number) => `client${number}`);
    await new TicketStore(host, { keys: KEYS }).store({ subjectId: "alice", clients: keys });
    await recordNotifications(host);
    const told = [];
    const sendLogout = async ({ clientId }) => {
      await pause();
      told.push(clientId);
      return { delivered: true, status: 200 };
    };
    const delivery = new LogoutDelivery({ ...host, sendLogout });
    const passes = await Promise.all(
      Array.from({ length: 200 }, () => delivery.deliverDue({ limit: 10 })),
    );
    assert.equal(
      passes.reduce((sum, { delivered }) => sum + delivered, 0),
      300,
    );
    assert.deepEqual(told.sort(), keys.sort());
  });

  test("end each expired session once and notify each client once", async () => {
    const { healthy, clock, events, sent } = failingFor("none", "clients", never);
    const tickets = new TicketStore(healthy, { keys: KEYS });
    for (let number = 0; number < 100; number += 1) {
      await tickets.store({ subjectId: "alice", clients: ["web"], expires: NOW + 1 + number });
    }
    clock.now += HOUR;
    events.length = 0;
    const list = async (request) => {
      await pause();
      return healthy.sessions.list(request);
    };
    const options = { expiredSessionsTriggerBackchannelLogout: true };
    const coordination = new SessionCoordination(
      withMember(healthy, "sessions.list", list),
      options,
    );
    const passes = await Promise.all(
      Array.from({ length: 200 }, () => coordination.removeExpiredSessions({ batchSize: 10 })),
    );
    assert.equal(
      passes.reduce((sum, { processed }) => sum + processed, 0),
      100,
    );
    assert.ok(passes.every(({ failed }) => failed === 0));
    const sids = new Set(sent.map(({ sessionId }) => sessionId));
    assert.deepEqual([sent.length, sids.size], [100, 100]);
    assert.equal(types(events).filter((type) => type === "session_expired").length, 100);
  });
});

describe("an `onError` that fails is logged on the console, and doesn't stop the next pass", () => {
  const full = new Error("the log is full");
  const unreadable = Object.defineProperty(new Error("the log is full"), "stack", {
    get: () => {
      throw new Error("no stack");
    },
  });
  const failures = [
    [
      "it throws",
      () => {
        throw full;
      },
      /^Error\n +at /,
    ],
    ["it rejects", () => Promise.reject(full), /^Error\n +at /],
    ["it rejects with a value that can't be read", () => Promise.reject(unreadable), /^Error$/],
  ];
  const now = () => {
    throw new Error("no clock");
  };
  for (const [name, Service] of Object.entries({ LogoutDelivery, SessionCoordination })) {
    for (const [how, onError, words] of failures) {
      test(`${name}: ${how}`, async (t) => {
        const said = t.mock.method(console, "error", () => {});
        const runner = new Service({ ...completeHost().host, now }).start({ interval: 1, onError });
        // Two more passes follow the first.
        while (said.mock.callCount() < 3) await new Promise((resolve) => setTimeout(resolve, 1));
        await runner.stop();
        for (const { arguments: line } of said.mock.calls) {
          assert.equal(line[0], "rollcall: `onError` threw:");
          assert.match(line[1], words);
        }
      });
    }
  }
});
