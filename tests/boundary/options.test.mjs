/** Wrong options and arguments: each is a named error at once, and changes nothing. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  LogoutDelivery,
  SessionCoordination,
  SessionManagement,
  TicketStore,
} from "../../pkg/entry/node.js";
import { completeHost, KEYS, rejection, signIn } from "./support.mjs";

const NO_OBJECTS = [7, "text", true, [], [{}], () => {}, Symbol("odd")];
const NO_COUNTS = [
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "4",
  true,
  {},
  [1],
  new Date(),
  1n,
];
const NO_TIMES = [
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  "1 s",
  true,
  {},
  [1],
  new Date(),
  1n,
];
const NO_FLAGS = [0, 1, "true", {}, [], 0n];
const NO_TEXTS = [0, true, {}, [], ["web"], "\ud800", Symbol("odd")];
const NO_LISTS = ["web", 7, {}, [7], [undefined], ["\ud800"]];
const SIGNAL = AbortSignal.abort();

/** The wrong values of each member: `[member, value]`. */
function each(members) {
  return Object.entries(members).flatMap(([member, values]) =>
    values.map((value) => [member, value]),
  );
}

const shown = (value) => inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY });

/** The path of a member in a message, with its object and the item of a list. */
const named = (member) => new RegExp(`\`(?:\\w+\\.)*${member}(?:\\.\\d+(?:\\.\\w+)?)?\``);

/** Asserts that the error of `wrong` names the member. */
function assertNames(wrong, member, value) {
  assert.throws(wrong, (error) => {
    assert.equal(error.name, "RollcallError", `${member}: ${shown(value)}: ${error}`);
    assert.equal(error.code, "invalid_argument");
    assert.match(error.message, named(member), shown(value));
    return true;
  });
}

describe("the options of delivery", () => {
  const counts = { concurrency: NO_COUNTS, perOrigin: NO_COUNTS };
  const times = {
    firstRetry: NO_TIMES,
    keepDelivered: NO_TIMES,
    keepFailed: NO_TIMES,
    maxRetry: NO_TIMES,
    giveUpAfter: NO_TIMES,
    leaseFor: NO_TIMES,
    wait: NO_TIMES,
    backdate: NO_TIMES,
  };
  const members = { ...counts, ...times, retries: [1], Wait: [1] };

  test("are checked by LogoutDelivery", () => {
    const { host } = completeHost();
    for (const [member, value] of each(members)) {
      assertNames(() => new LogoutDelivery(host, { [member]: value }), member, value);
    }
    for (const options of NO_OBJECTS) {
      assert.throws(
        () => new LogoutDelivery(host, options),
        { code: "invalid_argument" },
        shown(options),
      );
    }
  });

  test("are checked in the host by every service", () => {
    const { host } = completeHost();
    for (const [member, value] of each(members)) {
      const wrong = { ...host, delivery: { [member]: value } };
      for (const Service of [SessionManagement, SessionCoordination, LogoutDelivery]) {
        assertNames(() => new Service(wrong), member, value);
      }
      assertNames(() => new TicketStore(wrong, { keys: KEYS }), member, value);
    }
    for (const delivery of NO_OBJECTS) {
      assert.throws(
        () => new SessionManagement({ ...host, delivery }),
        { code: "invalid_argument" },
        shown(delivery),
      );
    }
  });

  test("are all optional", () => {
    const { host } = completeHost();
    for (const options of [
      undefined,
      null,
      {},
      { wait: undefined },
      { wait: null, concurrency: null },
      { wait: 0.5 },
      { backdate: null },
      { backdate: 0 },
    ]) {
      assert.ok(new LogoutDelivery({ ...host, delivery: options }, options));
    }
  });

  test("don't replace an outbox", () => {
    const { outbox: _, ...host } = completeHost().host;
    assert.throws(() => new LogoutDelivery(host), {
      name: "RollcallError",
      code: "not_configured",
    });
    assert.throws(() => new LogoutDelivery({ ...host, outbox: null }, {}), {
      code: "not_configured",
    });
  });
});

const LIMIT = { limit: 3, policy: "deny" };
const NO_LIMITS = [
  ...NO_OBJECTS,
  {},
  { limit: 3 },
  { policy: "deny" },
  ...NO_COUNTS.map((limit) => ({ ...LIMIT, limit })),
  ...["", "Deny", "evict", 7, true, {}, null].map((policy) => ({ ...LIMIT, policy })),
  { ...LIMIT, window: 60_000 },
];

describe("the options of coordination", () => {
  const members = {
    coordinateClientLifetimesWithUserSession: NO_FLAGS,
    expiredSessionsTriggerBackchannelLogout: NO_FLAGS,
    absoluteLifetime: [86_400_000],
    renewAtMostEvery: NO_TIMES,
    coordinateClientLifetimes: [true],
  };

  test("are checked", () => {
    const { host } = completeHost();
    for (const [member, value] of each(members)) {
      assertNames(() => new SessionCoordination(host, { [member]: value }), member, value);
    }
    for (const options of NO_OBJECTS) {
      assert.throws(
        () => new SessionCoordination(host, options),
        { code: "invalid_argument" },
        shown(options),
      );
    }
  });

  test("have a session limit, which TicketStore checks too", () => {
    const { host } = completeHost();
    for (const maxSessionsPerSubject of NO_LIMITS) {
      const expected = {
        name: "RollcallError",
        code: "invalid_argument",
        message: /`maxSessionsPerSubject(?:\.\w+)?`/,
      };
      assert.throws(
        () => new SessionCoordination(host, { maxSessionsPerSubject }),
        expected,
        shown(maxSessionsPerSubject),
      );
      const options = { keys: KEYS, maxSessionsPerSubject };
      assert.throws(() => new TicketStore(host, options), expected, shown(maxSessionsPerSubject));
    }
    for (const maxSessionsPerSubject of [undefined, null, LIMIT]) {
      assert.ok(new SessionCoordination(host, { maxSessionsPerSubject }));
      assert.ok(new TicketStore(host, { keys: KEYS, maxSessionsPerSubject }));
    }
  });
});

/** The calls by name. Each gets wrong arguments, on a host where alice has one session. */
const CALLS = {
  deliverDue: {
    call: ({ delivery }, options) => delivery.deliverDue(options),
    usual: {},
    wrong: {
      limit: NO_COUNTS,
      signal: [7, "signal", {}],
      onProgress: [7, {}, "text"],
      batchSize: [1],
    },
  },
  retry: {
    call: ({ delivery }, { id }) => delivery.retry(id),
    usual: {},
    wrong: { id: [undefined, null, ...NO_TEXTS] },
    unnamed: true,
  },
  list: {
    call: ({ delivery }, filter) => delivery.list(filter).next(),
    usual: {},
    wrong: { kind: ["logout"], clientIds: [["web"]] },
  },
  "page, its filter": {
    call: ({ open }, filter) => open.page(filter),
    usual: { state: "pending" },
    wrong: {
      state: ["given_up", 7, {}],
      subjectId: NO_TEXTS,
      sessionId: NO_TEXTS,
      clientId: NO_TEXTS,
      kind: ["logout"],
      limit: [1],
    },
  },
  "page, its options": {
    call: ({ delivery }, options) => delivery.page({}, options),
    usual: {},
    wrong: {
      after: NO_TEXTS,
      limit: [...NO_COUNTS, 1_001],
      signal: [7, "signal", {}],
      onProgress: [7, {}],
      before: ["id"],
    },
  },
  "list, its options": {
    call: ({ delivery }, options) => delivery.list({}, options).next(),
    usual: {},
    wrong: { after: ["id"], limit: [1] },
  },
  "countSessions, its query": {
    call: ({ management }, query) => management.countSessions(query),
    usual: { clientId: "web" },
    wrong: {
      state: ["over", 7],
      created: [7, { since: 0 }, { after: "yesterday" }],
      resultsToken: ["AAAA"],
      requestPriorResults: [true],
      countRequested: [1, 0, -1, Number.NaN],
      count: ["exact", "capped", "none"],
      includeTicket: [true],
      client: ["web"],
      upTo: [1],
    },
  },
  "countSessions, its options": {
    call: ({ management }, options) => management.countSessions({}, options),
    usual: {},
    wrong: { upTo: NO_COUNTS, signal: [7, "signal", {}], onProgress: [7, {}], limit: [1] },
  },
  reportDenied: {
    call: async ({ management }, denial) => management.reportDenied(denial),
    usual: { route: "GET /v1/sessions" },
    wrong: {
      actor: NO_TEXTS,
      permission: ["write", "Read", "", 7, ["read"], {}],
      route: [undefined, null, "", " ", ...NO_TEXTS],
      parameters: [{}],
      type: ["admin_denied"],
    },
  },
  removeExpiredSessions: {
    call: ({ coordination }, options) => coordination.removeExpiredSessions(options),
    usual: {},
    wrong: { batchSize: NO_COUNTS, signal: [7, "signal", {}], onProgress: [7, {}], limit: [1] },
  },
  processLogout: {
    call: ({ coordination }, session) => coordination.processLogout(session),
    usual: { subjectId: "alice", sessionId: "s1" },
    wrong: {
      subjectId: [undefined, null, "", " ", ...NO_TEXTS],
      sessionId: [undefined, null, "", " ", ...NO_TEXTS],
      issuer: NO_TEXTS,
      clientIds: NO_LISTS,
      clients: ["web", 7, {}, [7], [{}], [{ clientId: 7 }], [{ clientId: "web", sessionId: 7 }]],
    },
    unnamed: true,
  },
  validateSession: {
    call: ({ coordination }, request) => coordination.validateSession(request),
    usual: { subjectId: "alice", sessionId: "s1", clientId: "web" },
    wrong: {
      subjectId: [undefined, null, ...NO_TEXTS],
      sessionId: NO_TEXTS,
      clientId: [undefined, null, ...NO_TEXTS],
      client: ["web"],
    },
  },
  admitSession: {
    call: ({ limited }, session) => limited.admitSession(session),
    usual: { subjectId: "alice", sessionId: "s1" },
    wrong: { subjectId: [undefined, null, ...NO_TEXTS], sessionId: [undefined, null, ...NO_TEXTS] },
  },
  "purgeSessions, a preview": {
    call: ({ management }, request) => management.purgeSessions(request),
    usual: { filter: { clientId: "web" } },
    wrong: {
      filter: NO_OBJECTS.filter((value) => typeof value !== "symbol"),
      everything: NO_FLAGS,
      confirmToken: [...NO_TEXTS, "", "text", "AAAA"],
      limit: NO_COUNTS,
      clientIds: [...NO_LISTS, [], [" "]],
      exceptSessionIds: [...NO_LISTS, [" "]],
      removeServerSideSession: NO_FLAGS,
      sendBackchannelLogoutNotification: NO_FLAGS,
      revokeTokens: NO_FLAGS,
      revokeConsents: NO_FLAGS,
      dryRun: NO_FLAGS,
      reason: NO_TEXTS,
      actor: NO_TEXTS,
      subjectId: ["alice"],
      sessionId: ["s1"],
      dryrun: [true],
    },
    unnamed: true,
  },
  "purgeSessions, its filter": {
    call: ({ management }, filter) => management.purgeSessions({ filter }),
    usual: { clientId: "web" },
    wrong: {
      subjectId: [7, [], {}, { like: "a%" }, { equals: "a", contains: "b" }],
      clientId: NO_TEXTS,
      state: ["over", 7],
      created: [7, { since: 0 }, { after: "yesterday" }, { after: Number.NaN }],
      resultsToken: ["AAAA"],
      requestPriorResults: [true],
      countRequested: [1, -1, Number.NaN],
      count: ["exact", "none"],
      includeTicket: [true],
      client: ["web"],
    },
    unnamed: true,
  },
};

function services() {
  const { host, sent } = completeHost();
  // The host's own outbox, which validates nothing.
  const open = new LogoutDelivery({ ...host, outbox: { ...host.outbox, list: () => [] } });
  return {
    host,
    sent,
    open,
    management: new SessionManagement(host),
    coordination: new SessionCoordination(host, { coordinateClientLifetimesWithUserSession: true }),
    limited: new SessionCoordination(host, { maxSessionsPerSubject: LIMIT }),
    delivery: new LogoutDelivery(host),
  };
}

for (const [name, { call, usual, wrong, unnamed = false }] of Object.entries(CALLS)) {
  test(`${name} refuses wrong arguments, and changes nothing`, async () => {
    const all = services();
    await signIn(all.host, "alice");
    const before = await all.management.querySessions();
    for (const [member, value] of each(wrong)) {
      const error = await rejection(call(all, { ...usual, [member]: value }));
      assert.equal(error.code, "invalid_argument", `${member}: ${shown(value)}: ${error.message}`);
      if (!unnamed)
        assert.match(error.message, new RegExp(`\`?${member}\\b`), `${member}: ${shown(value)}`);
      assert.doesNotMatch(
        error.message,
        /undefined is not|cannot read|unreachable|not a function/i,
      );
    }
    assert.deepEqual(await all.management.querySessions(), before);
    assert.deepEqual(all.sent, []);
    assert.deepEqual(await all.host.outbox.list({}), []);
  });
}

test("arguments that aren't objects are refused", async () => {
  const { management, coordination, limited, open } = services();
  for (const value of NO_OBJECTS) {
    for (const call of [
      () => coordination.processLogout(value),
      () => coordination.validateSession(value),
      () => limited.admitSession(value),
      () => management.purgeSessions(value),
      () => management.countSessions(value),
      () => management.countSessions({}, value),
      () => open.page(value),
      () => open.page({}, value),
      async () => management.reportDenied(value),
    ]) {
      assert.equal((await rejection(call())).code, "invalid_argument", `${call}: ${shown(value)}`);
    }
  }
});

test("a purge without a filter is an empty target", async () => {
  const { management } = services();
  for (const request of [
    undefined,
    null,
    {},
    { filter: {} },
    { filter: null },
    { filter: { clientId: null } },
    { everything: false },
  ]) {
    assert.equal(
      (await rejection(management.purgeSessions(request))).code,
      "empty_target",
      shown(request),
    );
  }
  const both = { filter: { clientId: "web" }, everything: true };
  assert.equal((await rejection(management.purgeSessions(both))).code, "invalid_argument");
});

test("a limit that isn't set can't be enforced", async () => {
  const { coordination } = services();
  const error = await rejection(coordination.admitSession({ subjectId: "alice", sessionId: "s1" }));
  assert.equal(error.code, "not_configured");
});

test("a signal that has aborted ends every call before it calls the host", async () => {
  const { host, sent } = completeHost();
  await signIn(host, "alice");
  let calls = 0;
  const counting = (owner) =>
    Object.fromEntries(
      Object.entries(owner).map(([name, member]) => [
        name,
        (...args) => {
          calls += 1;
          return member(...args);
        },
      ]),
    );
  const counted = {
    ...host,
    sessions: counting(host.sessions),
    outbox: counting(host.outbox),
    clients: counting(host).clients,
  };
  const management = new SessionManagement(counted);
  const coordination = new SessionCoordination(counted, { maxSessionsPerSubject: LIMIT });
  const delivery = new LogoutDelivery(counted);
  const session = { subjectId: "alice", sessionId: "s1", clientIds: ["web"] };
  for (const call of [
    (options) => delivery.deliverDue(options),
    (options) => coordination.removeExpiredSessions(options),
    (options) => management.purgeSessions({ filter: { clientId: "web" } }, options),
    (options) => management.purgeSessions({ everything: true }, options),
    (options) => management.countSessions({}, options),
    (options) => delivery.page({}, options),
    (options) => coordination.processLogout(session, options),
  ]) {
    const error = await rejection(call({ signal: SIGNAL }));
    assert.equal(error.code, "aborted", `${call}`);
    assert.equal(error.cause, SIGNAL.reason);
  }
  assert.equal(calls, 0);
  assert.deepEqual(sent, []);
});
