/**
 * Faulty functions that a host injects. Each of them must end the call with a named error, and
 * affect nothing else.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RollcallError, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { CALLS, completeHost, KEYS, never, rejection, signIn, withMember } from "./support.mjs";

/** Runs the call that reaches the callback at `path`, replaced by `callback`. */
async function call(path, callback) {
  const { host } = completeHost();
  const [cookie] = await signIn(host, "alice");
  return CALLS[path](withMember(host, path, callback), cookie);
}

for (const path of Object.keys(CALLS)) {
  test(`${path} throws at once: the error is store_failed with the thrown value as its cause, and its code or name`, async () => {
    const thrown = new TypeError("the disk is full");
    const error = await rejection(
      call(path, () => {
        throw thrown;
      }),
    );
    assert.equal(error.code, "store_failed");
    assert.equal(error.cause, thrown);
    assert.equal(error.message, `\`${path}\` failed: TypeError`);
    thrown.code = "ENOSPC";
    const coded = await rejection(call(path, () => Promise.reject(thrown)));
    assert.equal(coded.message, `\`${path}\` failed: ENOSPC`);
  });

  test(`${path} rejects with any value`, async () => {
    for (const reason of [
      new Error("gone"),
      "text",
      42,
      null,
      undefined,
      Symbol("odd"),
      Object.create(null),
    ]) {
      const error = await rejection(call(path, () => Promise.reject(reason)));
      assert.equal(error.code, "store_failed");
      assert.equal(error.cause, reason);
    }
  });

  test(`${path} rejects with its own RollcallError: the call rejects with the same error`, async () => {
    const own = new RollcallError("invalid_argument", "the position is unknown");
    assert.equal(await rejection(call(path, async () => Promise.reject(own))), own);
  });

  test(`${path} returns the wrong shape`, async () => {
    // A port that may return nothing has no wrong shape.
    const wrong = {
      "sessions.create": [],
      "outbox.add": [],
      "outbox.settle": [],
      // An entry of the wrong form stays in the outbox, and doesn't block the others.
      "outbox.claim": [undefined, null, "entries", 7, {}, Array(65).fill(entry())],
      "outbox.list": [undefined, null, "entries", 7, {}],
      "outbox.retry": [undefined, null, "yes", 1, {}],
      "sessions.get": [7, "row", true, {}, { key: 1 }],
      "sessions.update": [undefined, null, "yes", 1, {}],
      "sessions.sharePartition": [undefined, null, "yes", 1, {}],
      "sessions.addClient": [undefined, null, "yes", 1, {}],
      "sessions.remove": [undefined, null, "key", [1], {}, ["key"], [{ key: "k" }]],
      "atomic.clientsOf": [undefined, null, "web", 7, {}, [7]],
      "atomic.endSessions": [
        ...[undefined, null, "yes", {}, { ...ended(), ended: -1 }, { ...ended(), more: 1 }],
        ...[
          { ...ended(), notifications: [{}] },
          { ...ended(), tokens: 0.5 },
        ],
        ...[
          7,
          "s1",
          {},
          [7],
          [null],
          [{ subjectId: "alice" }],
          [{ subjectId: 7, sessionId: "s1" }],
          [{ subjectId: "alice", sessionId: "s1", issuer: 7 }],
        ].map((sessions) => ({ ...ended(), sessions })),
      ],
      "atomic.admit": [undefined, null, "yes", 1, {}],
      "sessions.count": [undefined, null, "7", -1, 1.5, Number.NaN, {}],
      "sessions.list": [
        ...[
          undefined,
          null,
          "rows",
          [],
          {},
          { sessions: [], positions: ["p"] },
          { sessions: [1], positions: ["p"] },
        ],
        ...[
          { sessions: [{}], positions: ["p"] },
          { sessions: [{ subjectId: "a", sessionId: "s" }], positions: ["p"] },
        ],
        { sessions: Array(27).fill(row()), positions: Array(27).fill("p") },
        { sessions: [row()], positions: [7] },
        { sessions: [row()], positions: ["p"], ids: [] },
      ],
    };
    for (const value of wrong[path] ?? [
      undefined,
      null,
      "yes",
      {},
      { tokens: -1, consents: 0, other: 0 },
    ]) {
      const error = await rejection(call(path, () => value));
      assert.equal(error.code, "store_failed", JSON.stringify(value));
      assert.doesNotMatch(error.message, /undefined is not|cannot read|unreachable/i);
    }
  });
}

function ended() {
  const counts = { tokens: 0, consents: 0, other: 0 };
  return { ended: 0, recorded: 0, notifications: [], more: false, ...counts };
}

function row() {
  return {
    key: "k",
    scheme: "s",
    subjectId: "alice",
    sessionId: "s1",
    created: 1,
    renewed: 1,
    clients: [],
  };
}

function entry() {
  return {
    id: "n1",
    clientId: "web",
    subjectId: "alice",
    reason: "terminated",
    attempt: 0,
    created: 1,
  };
}

test("plain values and thenables work like promises", async () => {
  const page = { sessions: [row()], positions: ["p"] };
  const thenable = (value) => ({
    // biome-ignore lint/suspicious/noThenProperty: the test needs it
    then(resolve) {
      resolve(value);
    },
  });
  const { host } = completeHost();
  for (const list of [() => page, () => thenable(page), async () => page]) {
    const management = new SessionManagement(
      withMember(withMember(host, "sessions.list", list), "sessions.count", () => 1),
    );
    const result = await management.querySessions();
    assert.deepEqual(
      [result.results.length, result.results[0].subjectId, result.totalCount],
      [1, "alice", 1],
    );
  }
});

test("a thenable that throws, and one whose `then` can't be read", async () => {
  const thrown = new Error("no promise of mine");
  const throwing = {
    // biome-ignore lint/suspicious/noThenProperty: the test needs it
    then() {
      throw thrown;
    },
  };
  // biome-ignore lint/suspicious/noThenProperty: the test needs it
  const unreadable = Object.defineProperty({}, "then", {
    get() {
      throw thrown;
    },
  });
  for (const value of [throwing, unreadable]) {
    const error = await rejection(call("sessions.list", () => value));
    assert.equal(error.code, "store_failed");
    assert.equal(error.cause, thrown);
  }
});

/** Values that `instanceof` can't inspect, and an exception of another module. */
const ODD_EXCEPTIONS = {
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "a proxy whose prototype can't be read": () =>
    new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new TypeError("no prototype");
        },
      },
    ),
  "an exception of another module": () =>
    new WebAssembly.Exception(new WebAssembly.Tag({ parameters: ["i32"] }), [5]),
  "an error whose message is a list": () =>
    Object.defineProperty(new Error(), "message", { value: ["no", "text"] }),
};

for (const [what, make] of Object.entries(ODD_EXCEPTIONS)) {
  test(`${what} can be thrown, and the next call works`, async () => {
    const thrown = make();
    const throwing = () => {
      throw thrown;
    };
    const { host } = completeHost();
    const management = new SessionManagement(withMember(host, "sessions.list", throwing));
    const error = await rejection(management.querySessions());
    assert.equal(error.code, "store_failed");
    assert.ok(Object.is(error.cause, thrown));
    assert.notEqual(error.message, "`sessions.list` failed: ");
    assert.equal((await new SessionManagement(host).querySessions()).totalCount, 0);
  });
}

test("a row with a getter that throws", async () => {
  const thrown = new Error("not today");
  const hostile = Object.defineProperty(row(), "clients", {
    get() {
      throw thrown;
    },
  });
  const { atomic: _, ...host } = completeHost().host;
  const list = () => ({ sessions: [hostile], positions: ["p"] });
  const remove = () => [row()];
  const sessions = { ...host.sessions, list, remove };
  const management = new SessionManagement({ ...host, sessions });
  const { notes } = await management.removeSessions({ subjectId: "alice" });
  assert.ok(
    notes.includes("clients were not notified of some sessions, which the store could not read"),
  );
  const { results } = await management.querySessions({ count: "none" });
  assert.deepEqual(
    results.map(({ sessionId, clientIds, unreadable }) => [sessionId, clientIds, unreadable]),
    [["s1", [], ["clientIds"]]],
  );
});

describe("a page with a damaged row", () => {
  const listing = async (damages) => {
    const { host } = completeHost();
    const events = [];
    const rows = damages.map((damage, index) => ({ ...row(), sessionId: `s${index}`, ...damage }));
    const page = { sessions: rows, positions: rows.map((_, index) => `p${index}`) };
    const sessions = { ...host.sessions, list: () => page, count: () => rows.length };
    const onEvent = (event) => events.push(event);
    const management = new SessionManagement({ ...host, sessions, onEvent }, { keys: KEYS });
    return { management, events };
  };

  for (const [member, damage, unreadable] of [
    ["clients", { clients: 7 }, ["clientIds"]],
    ["a client", { clients: [{ clientId: 7 }] }, ["clientIds"]],
    ["expires", { expires: "soon" }, ["expires"]],
    ["an expiry that no `Date` has", { expires: 8.64e15 + 1 }, ["expires"]],
    ["attributes", { attributes: "x" }, ["attributes"]],
    ["several", { attributes: { a: 1 }, clients: null }, ["clientIds", "attributes"]],
  ]) {
    test(`lists it without its unreadable members: ${member}`, async () => {
      const { management, events } = await listing([{}, damage, {}]);
      for (const query of [{}, { includeTicket: true }]) {
        const { results, totalCount } = await management.querySessions(query);
        assert.deepEqual(
          [results.map((session) => [session.sessionId, session.unreadable]), totalCount],
          [
            [
              ["s0", undefined],
              ["s1", unreadable],
              ["s2", undefined],
            ],
            3,
          ],
        );
      }
      const [event] = events;
      const { type, subjectId, sessionId, code } = event;
      assert.deepEqual(
        [type, subjectId, sessionId, code, events.length],
        ["session_unreadable", "alice", "s1", "store_failed", 2],
      );
      assert.match(event.error, /^`sessions.list` returned a row whose `/);
    });
  }

  for (const damage of [{ subjectId: 7 }, { created: "x" }, { renewed: null }]) {
    test(`omits a row without ${Object.keys(damage)}, and keeps the flags of the page`, async () => {
      const { management, events } = await listing([{}, damage, {}]);
      const page = await management.querySessions({ countRequested: 2 });
      assert.deepEqual(
        [page.results.map(({ sessionId }) => sessionId), page.hasNextResults],
        [["s0"], true],
      );
      assert.deepEqual(
        events.map(({ type, sessionId }) => [type, sessionId]),
        [["session_unreadable", "s1"]],
      );
    });
  }

  test("is `store_failed` if no row is left", async () => {
    const { management } = await listing([{ subjectId: 7 }, { sessionId: 7 }]);
    const error = await rejection(management.querySessions());
    assert.deepEqual([error.code, /`subjectId`/.test(error.message)], ["store_failed", true]);
  });

  test("previews a purge", async () => {
    const { management } = await listing([{}, { clients: 7 }, { sessionId: 7 }]);
    const { count, sample } = await management.purgeSessions({ filter: { subjectId: "alice" } });
    assert.deepEqual(
      [count, sample.map(({ unreadable }) => unreadable)],
      [3, [undefined, ["clientIds"]]],
    );
  });
});

test("a callback that never settles ends with the signal, and its reason is the cause", async () => {
  const { atomic: _, ...host } = completeHost().host;
  const management = new SessionManagement(withMember(host, "sessions.list", never));
  for (const start of [
    (signal) => management.querySessions({}, { signal }),
    (signal) => management.removeSessions({ subjectId: "alice" }, { signal }),
    (signal) => management.sessions({}, { signal }).next(),
  ]) {
    const reason = new Error("the administrator left");
    const controller = new AbortController();
    const rejected = rejection(start(controller.signal));
    setTimeout(() => controller.abort(reason), 5);
    const error = await rejected;
    assert.equal(error.code, "aborted");
    assert.equal(error.cause, reason);
    assert.equal((await rejection(start(AbortSignal.abort(reason)))).code, "aborted");
  }
});

test("a callback that never settles ends at the timeout without a signal", async () => {
  for (const path of Object.keys(CALLS)) {
    const { host } = completeHost();
    const [cookie] = await signIn(host, "alice");
    const error = await rejection(
      CALLS[path]({ ...withMember(host, path, never), callbackTimeout: 20 }, cookie),
    );
    assert.equal(error.code, "store_failed");
    assert.match(error.message, new RegExp(`^\`${path}\` did not settle within 20 ms`));
  }
});

test("many attempts under one signal leave no listener and cause no warning", async () => {
  const warnings = [];
  const onWarning = (warning) => warnings.push(warning);
  process.on("warning", onWarning);
  const { host } = completeHost();
  const tickets = new TicketStore(host, { keys: KEYS });
  const clients = Array.from({ length: 40 }, (_, number) => `client${number}`);
  await tickets.store({ subjectId: "alice", clients });
  const { signal } = new AbortController();
  let [added, removed] = [0, 0];
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args) => {
    added += 1;
    return addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args) => {
    removed += 1;
    return removeEventListener.apply(signal, args);
  };
  const report = await new SessionManagement(host).removeSessions(
    { subjectId: "alice" },
    { signal },
  );
  await new Promise(setImmediate);
  process.off("warning", onWarning);
  assert.equal(report.notifications.delivered, 40);
  assert.ok(added > 0);
  assert.equal(added, removed);
  assert.deepEqual(warnings, []);
});

test("a missing or wrong member is named when the service is created", () => {
  const { host } = completeHost();
  const cases = [
    [undefined, /`sessions`/],
    [{}, /`sessions`/],
    [{ ...host, sessions: 7 }, /`sessions`/],
    [withMember(host, "sessions.list", undefined), /`sessions\.list` is missing/],
    [withMember(host, "sessions.list", "text"), /`sessions\.list` must be a function/],
    [withMember(host, "grants.remove", undefined), /`grants\.remove` is missing/],
    [withMember(host, "outbox.settle", undefined), /`outbox\.settle` is missing/],
    [{ ...host, clients: {} }, /`clients` must be a function/],
    [{ ...host, sendLogout: true }, /`sendLogout` must be a function/],
    [{ ...host, sendlogout: () => {} }, /unknown option `sendlogout`/],
    [{ ...host, callbackTimeout: -1 }, /`callbackTimeout`/],
    [{ ...host, absoluteLifetime: -1 }, /`absoluteLifetime`/],
    [{ ...host, absoluteLifetime: "1h" }, /`absoluteLifetime`/],
    [{ ...host, forgetDevicesAfter: -1 }, /`forgetDevicesAfter`/],
    [{ ...host, forgetDevicesAfter: "30d" }, /`forgetDevicesAfter`/],
    [withMember(host, "sessions.forgetDevices", 7), /`sessions\.forgetDevices` must be a function/],
    [withMember(host, "grants.removeExpired", 7), /`grants\.removeExpired` must be a function/],
    [withMember(host, "outbox.prune", 7), /`outbox\.prune` must be a function/],
    [{ ...host, sessions: { ...host.sessions, capabilities: { filters: "all" } } }, /`filters`/],
  ];
  for (const [bad, message] of cases) {
    const expected = { name: "RollcallError", code: "invalid_argument", message };
    assert.throws(() => new SessionManagement(bad), expected);
    assert.throws(() => new TicketStore(bad, { keys: KEYS }), expected);
  }
  const { count: _, ...countless } = host.sessions;
  assert.ok(new SessionManagement({ sessions: countless }), "an optional function can be missing");
});

test("an injected store keeps its private members and `this`", async () => {
  class Store {
    #inner = completeHost().host.sessions;
    create(session) {
      return this.#inner.create(session);
    }
    get(key) {
      return this.#inner.get(key);
    }
    update(key, change) {
      return this.#inner.update(key, change);
    }
    addClient(key, client, now) {
      return this.#inner.addClient(key, client, now);
    }
    list(request) {
      return this.#inner.list(request);
    }
    remove(keys) {
      return this.#inner.remove(keys);
    }
  }
  const sessions = new Store();
  const [cookie] = await signIn({ sessions }, "alice");
  assert.equal((await new SessionManagement({ sessions }).querySessions()).results.length, 1);
  assert.equal(
    (await new TicketStore({ sessions }, { keys: KEYS }).retrieve(cookie)).subjectId,
    "alice",
  );
});

test("a callback can call the service", async () => {
  const { host } = completeHost();
  await signIn(host, "alice");
  let depth = 0;
  let nested;
  const list = async (request) => {
    depth += 1;
    if (depth === 1) {
      nested = await management.querySessions({ subjectId: "alice" });
    }
    return host.sessions.list(request);
  };
  const management = new SessionManagement(withMember(host, "sessions.list", list));
  const result = await management.querySessions({ subjectId: "alice" });
  assert.deepEqual(nested, result);
});

test("200 concurrent calls each get their own answer", async () => {
  const { host } = completeHost();
  const slow = async (request) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    return host.sessions.list(request);
  };
  const management = new SessionManagement(withMember(host, "sessions.list", slow));
  const subjects = Array.from({ length: 200 }, (_, number) => `subject ${number}`);
  await Promise.all(subjects.map((subjectId) => signIn(host, subjectId)));
  const results = await Promise.all(
    subjects.map((subjectId) => management.querySessions({ subjectId })),
  );
  assert.deepEqual(
    results.map((result) => result.results.map((session) => session.subjectId)),
    subjects.map((subjectId) => [subjectId]),
  );
});

/** An error that can't be inspected. */
const UNREADABLE = new Proxy(new Error("the log is full"), {
  get: () => {
    throw new Error("no members");
  },
  getPrototypeOf: () => {
    throw new Error("no class");
  },
});

describe("the error of an observer changes nothing and is logged on the console", () => {
  for (const [what, error, shownAs] of [
    ["an error", new Error("the log is full"), /^Error\n +at /],
    ["nothing", undefined, /^the thrown value is not an error$/],
    ["an error whose stack can't be read", { __proto__: UNREADABLE }, /^the thrown value/],
    ["an error that can't be inspected", UNREADABLE, /^the thrown value/],
  ]) {
    for (const [how, observer] of [
      [
        "thrown",
        () => {
          throw error;
        },
      ],
      ["rejected", () => Promise.reject(error)],
    ]) {
      test(`${what}, ${how}`, async (t) => {
        const shown = t.mock.method(console, "error", () => {});
        const { host } = completeHost();
        await signIn({ ...host, onEvent: observer }, "alice");
        const management = new SessionManagement(host);
        const report = await management.removeSessions(
          { subjectId: "alice" },
          { onProgress: observer },
        );
        assert.deepEqual([report.sessionsRemoved, report.notifications.delivered], [1, 1]);
        await new Promise((resolve) => setImmediate(resolve));
        const lines = shown.mock.calls.map((call) => call.arguments);
        const texts = lines.map(([text]) => text);
        assert.equal(texts.filter((text) => text === "rollcall: `onEvent` threw:").length, 1);
        assert.ok(texts.includes("rollcall: `onProgress` threw:"));
        for (const [, words] of lines) assert.match(words, shownAs);
      });
    }
  }

  test("an observer is called as a method of its owner", async () => {
    const { host } = completeHost();
    class Log {
      #types = [];
      onEvent({ type }) {
        this.#types.push(type);
      }
      seen() {
        return this.#types;
      }
    }
    const log = Object.assign(new Log(), host);
    await signIn(log, "alice");
    assert.deepEqual(log.seen(), ["session_created"]);
  });
});

test("an observer can keep or change the event of a session, or throw, without affecting others", async (t) => {
  t.mock.method(console, "error", () => {});
  const { host } = completeHost();
  await signIn(host, "alice", 3);
  const { results } = await new SessionManagement(host).querySessions({ subjectId: "alice" });
  const seen = [];
  const onEvent = (event) => {
    if (event.type !== "session_removed") return;
    seen.push({ ...event, at: event.at.getTime() });
    event.at.setTime(0);
    event.actor = "mallory";
    throw new Error("the log is full");
  };
  const management = new SessionManagement({ ...host, onEvent, now: () => 7_000 });
  await management.removeSessions({ subjectId: "alice", actor: "carol", reason: "lost laptop" });
  const event = {
    type: "session_removed",
    at: 7_000,
    subjectId: "alice",
    logoutReason: "terminated",
    reason: "lost laptop",
    actor: "carol",
  };
  assert.deepEqual(
    new Set(seen),
    new Set(results.map(({ sessionId }) => ({ ...event, sessionId }))),
  );
});

test("an error names `now` if it returns a wrong value", async () => {
  const { host } = completeHost();
  assert.match(
    (await rejection(new SessionManagement({ ...host, now: () => "noon" }).querySessions()))
      .message,
    /`now`/,
  );
});

test("a faulty sender or lookup fails a delivery, but the session still ends", async () => {
  const hostile = [
    ["sendLogout", () => Promise.reject(new Error("no route"))],
    ["sendLogout", () => ({ delivered: "perhaps" })],
    ["sendLogout", () => undefined],
    ["sendLogout", never],
    ["clients", () => Promise.reject(new Error("registry down"))],
    ["clients", () => 7],
    ["clients", () => ({ backChannelLogoutUri: 7 })],
    ["subjectFor", () => undefined],
  ];
  for (const [path, callback] of hostile) {
    const { host } = completeHost();
    await signIn(host, "alice");
    const management = new SessionManagement({
      ...withMember(host, path, callback),
      callbackTimeout: 20,
    });
    const report = await management.removeSessions({ subjectId: "alice" });
    assert.equal(report.sessionsRemoved, 1);
    assert.deepEqual(
      report.notifications,
      { delivered: 0, pending: 1, failed: 0, skipped: 0 },
      `${path} ${callback}`,
    );
    assert.match(report.deliveries[0].error, /^sender_failed: /);
    assert.equal((await management.querySessions()).totalCount, 0);
  }
});
