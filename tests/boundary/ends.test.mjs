/**
 * Calls that must end: immediately when they are aborted, late when they have long time limits.
 * Runners must rest when there is nothing to do.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LogoutDelivery,
  SessionCoordination,
  SessionManagement,
  TicketStore,
} from "../../pkg/entry/node.js";
import { completeHost, KEYS, signIn, withMember } from "./support.mjs";

const never = () => new Promise(() => {});
const code = async (promise) =>
  promise.then(
    () => "resolved",
    (error) => error.code,
  );
const drain = async (listed) => {
  for await (const _ of listed);
};

test("a signal that has aborted ends every call at once, even if stores never answer", async () => {
  const { host } = completeHost();
  const options = { signal: AbortSignal.abort() };
  const lazy = ["sessions.list", "sessions.count", "outbox.list", "outbox.claim"].reduce(
    (lazy, path) => withMember(lazy, path, never),
    host,
  );
  const limited = new SessionCoordination(lazy, {
    maxSessionsPerSubject: { limit: 1, policy: "deny" },
  });
  const delivery = new LogoutDelivery(lazy);
  for (const call of [
    () => limited.validateSession({ subjectId: "alice", clientId: "web" }, options),
    () => limited.admitSession({ subjectId: "alice", sessionId: "s1" }, options),
    () => limited.removeExpiredSessions(options),
    () => limited.processLogout({ subjectId: "alice", sessionId: "s1" }, options),
    () => delivery.deliverDue(options),
    () => drain(delivery.list({}, options)),
    () => delivery.page({}, options),
    () => new SessionManagement(lazy).countSessions({}, options),
    () => new SessionManagement(lazy).purgeSessions({ filter: { subjectId: "alice" } }, options),
  ]) {
    assert.equal(await code(call()), "aborted");
  }
});

test("a function that aborts the call before it returns ends it too", async () => {
  const controller = new AbortController();
  const { host } = completeHost();
  const claim = () => {
    controller.abort();
    return never();
  };
  const delivery = new LogoutDelivery(withMember(host, "outbox.claim", claim));
  assert.equal(await code(delivery.deliverDue({ signal: controller.signal })), "aborted");
});

test("time limits above the maximum of a timer don't elapse at once", async () => {
  const { host } = completeHost();
  const slowly = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return { delivered: true };
  };
  const patient = {
    ...host,
    sendLogout: slowly,
    callbackTimeout: 2 ** 31,
    delivery: { wait: 2 ** 31 },
  };
  await signIn(patient, "alice");
  const { notifications } = await new SessionManagement(patient).removeSessions({
    subjectId: "alice",
  });
  assert.equal(notifications.delivered, 1);
  let passes = 0;
  const counted = withMember(host, "outbox.claim", () => {
    passes += 1;
    return [];
  });
  const runner = new LogoutDelivery(counted).start({ interval: 2 ** 40 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  await runner.stop();
  assert.equal(passes, 0);
});

test("a runner rests when nothing can be done, and tries again later", async () => {
  const { host } = completeHost();
  const tickets = new TicketStore(host, { keys: KEYS });
  for (let session = 0; session < 200; session += 1) {
    await tickets.store({ subjectId: "alice", clients: ["web"], expires: Date.now() + 60_000 });
  }
  let lists = 0;
  const { list } = host.sessions;
  const counted = withMember(host, "sessions.list", (request) => {
    lists += 1;
    return list(request);
  });
  const endSessions = () => Promise.reject(new Error("the disk is full"));
  const down = {
    ...withMember(counted, "atomic.endSessions", endSessions),
    now: () => Date.now() + 120_000,
  };
  const coordination = new SessionCoordination(down);
  assert.deepEqual(await coordination.removeExpiredSessions(), {
    processed: 0,
    more: false,
    failed: 200,
    grantsRemoved: 0,
    devicesForgotten: 0,
    pruningFailed: false,
  });
  lists = 0;
  const runner = coordination.start({ interval: 60_000 * 60 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await runner.stop();
  assert.ok(lists <= 3, `${lists} lists`);
});

test("an `onProgress` that throws doesn't affect attempts under way", async (t) => {
  const { host } = completeHost();
  const sent = [];
  const slowly = async ({ id }) => {
    sent.push(id);
    await new Promise((resolve) => setTimeout(resolve, 5 * sent.length));
    return { delivered: true };
  };
  const names = ["a", "b", "c"];
  await host.outbox.add(
    names.map((id) => ({
      id,
      clientId: id,
      logoutUri: `https://${id}.example/`,
      reason: "terminated",
      attempt: 0,
      created: 0,
    })),
  );
  const said = t.mock.method(console, "error", () => {});
  const delivery = new LogoutDelivery({ ...host, sendLogout: slowly });
  let calls = 0;
  const onProgress = () => {
    calls += 1;
    if (calls === 2) throw new Error("no room for more");
  };
  assert.equal((await delivery.deliverDue({ onProgress })).delivered, names.length);
  assert.deepEqual(sent.sort(), names, "each notification is sent once");
  assert.equal(said.mock.callCount(), 1);
});

test("`waitUntil` must be a function, and its errors are logged and change nothing", async (t) => {
  const { host } = completeHost();
  const management = new SessionManagement(host);
  for (const waitUntil of [7, "later", {}]) {
    assert.equal(
      await code(management.removeSessions({ subjectId: "alice" }, { waitUntil })),
      "invalid_argument",
    );
  }
  const said = t.mock.method(console, "error", () => {});
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return { delivered: true };
  };
  const hurried = { ...host, sendLogout: slow, delivery: { wait: 1 } };
  const ended = new Error("the request has ended");
  const throws = () => {
    throw ended;
  };
  for (const waitUntil of [throws, () => Promise.reject(ended)]) {
    await signIn(hurried, "alice");
    said.mock.resetCalls();
    const report = await new SessionManagement(hurried).removeSessions(
      { subjectId: "alice" },
      { waitUntil },
    );
    assert.deepEqual([report.sessionsRemoved, report.notifications.pending], [1, 1]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(said.mock.callCount(), 1);
    assert.match(String(said.mock.calls[0]?.arguments), /`waitUntil` threw:,Error\n +at /);
  }
});

test("an asynchronous `onProgress` that fails is logged on the console and changes nothing", async (t) => {
  const { host } = completeHost();
  await signIn(host, "alice");
  const said = t.mock.method(console, "error", () => {});
  let calls = 0;
  const onProgress = async () => {
    calls += 1;
    throw new Error("no room for more");
  };
  const management = new SessionManagement(host);
  const report = await management.removeSessions({ subjectId: "alice" }, { onProgress });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(report.sessionsRemoved, 1);
  assert.ok(calls > 0);
  assert.equal(said.mock.callCount(), calls);
});

test("wrong and misspelt options are errors", async () => {
  const { host } = completeHost();
  const [delivery, coordination, management] = [
    new LogoutDelivery(host),
    new SessionCoordination(host),
    new SessionManagement(host),
  ];
  for (const options of [7, "fast", [], true]) {
    assert.equal(await code(delivery.deliverDue(options)), "invalid_argument");
    assert.equal(await code(coordination.removeExpiredSessions(options)), "invalid_argument");
    assert.equal(
      await code(management.removeSessions({ subjectId: "alice" }, options)),
      "invalid_argument",
    );
    assert.throws(() => delivery.start(options), { code: "invalid_argument" });
  }
  for (const absent of [null, undefined]) {
    assert.equal(await code(delivery.deliverDue(absent)), "resolved");
    assert.equal(await code(coordination.removeExpiredSessions(absent)), "resolved");
  }
  for (const options of [
    { interval: -1 },
    { interval: Number.NaN },
    { interval: "x" },
    { onError: 7 },
    { every: 5 },
  ]) {
    assert.throws(() => delivery.start(options), { code: "invalid_argument" });
    assert.throws(() => coordination.start(options), { code: "invalid_argument" });
  }
  assert.throws(() => new TicketStore(host, { keys: KEYS, maxSessions: 3 }), {
    code: "invalid_argument",
  });
  assert.throws(() => new TicketStore(host, null), { code: "invalid_argument" });
  assert.throws(() => new SessionManagement(host, { key: KEYS }), { code: "invalid_argument" });
});

test("an invalid or endless list of the outbox is an error", async () => {
  const { host } = completeHost();
  const ids = Array.from({ length: 101 }, (_, index) => `n${1_000 + index}`);
  const entries = (ids) =>
    ids.map((id) => ({ id, clientId: "web", state: "pending", attempts: 0 }));
  for (const listed of [
    [7],
    [null],
    [{}],
    [{ id: 7 }],
    // The same page repeatedly.
    entries(ids),
    entries([...ids, "n2"]),
    entries(["b", "a"]),
    entries(["a", "a"]),
    entries([""]),
    new Proxy(entries(["a"]), {
      get: (list, name) => {
        if (name === "0") throw new TypeError("no item");
        return Reflect.get(list, name);
      },
    }),
    [
      {
        get id() {
          throw new TypeError("no id");
        },
      },
    ],
  ]) {
    const delivery = new LogoutDelivery(withMember(host, "outbox.list", () => listed));
    assert.equal(await code(drain(delivery.list())), "store_failed");
    // A page after all of these entries.
    const page = delivery.page({}, { after: "n2000" });
    assert.equal(await code(page), "store_failed");
  }
});

test("a list of the outbox can be in the order of code units or of code points", async () => {
  const { host } = completeHost();
  for (const ids of [
    ["\u{ff5e}", "\u{1f4a5}"],
    ["\u{1f4a5}", "\u{ff5e}"],
  ]) {
    const delivery = new LogoutDelivery(
      withMember(host, "outbox.list", (_, after) =>
        ids.slice(ids.indexOf(after) + 1).map((id) => ({ id })),
      ),
    );
    const { deliveries, after } = await delivery.page({}, { limit: 1 });
    assert.deepEqual([deliveries, after], [[{ id: ids[0] }], ids[0]]);
    assert.deepEqual(await delivery.page({}, { after }), { deliveries: [{ id: ids[1] }] });
  }
});

test("a removal of many steps yields to other tasks, even if stores never wait", async () => {
  const { host } = completeHost();
  await signIn(host, "alice", 3_000);
  let turns = 0;
  let ended = false;
  const turn = () => {
    turns += 1;
    if (!ended) setImmediate(turn);
  };
  setImmediate(turn);
  const { sessionsRemoved } = await new SessionManagement(host).removeSessions({
    subjectId: "alice",
  });
  ended = true;
  assert.equal(sessionsRemoved, 3_000);
  assert.ok(turns >= 3, `${turns} turns`);
});

test("a timer can end a call of many steps, even if stores never wait", async () => {
  const { host } = completeHost();
  await signIn(host, "alice", 3_000);
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  assert.equal(
    await code(
      new SessionManagement(host).removeSessions(
        { subjectId: "alice" },
        { signal: controller.signal },
      ),
    ),
    "aborted",
  );
  assert.ok(
    (await new SessionManagement(host).querySessions({ subjectId: "alice" })).totalCount > 0,
  );
});
