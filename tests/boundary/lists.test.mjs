/** Lists from callers and callbacks: proxies, wrong lengths, and lists of sessions that end. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { completeHost, KEYS, rejection, signIn, withMember } from "./support.mjs";

/** A host that removes sessions one by one with the ports of its stores. */
function hostOfPorts() {
  return { ...completeHost().host, atomic: undefined };
}

/** Arrays that throw when they are read. */
const unreadable = {
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  },
  "a length that throws": () =>
    new Proxy([], {
      get: (list, name) => {
        if (name === "length") throw new TypeError("no length");
        return Reflect.get(list, name);
      },
    }),
  "a length that is a symbol": () =>
    new Proxy([], { get: (list, name) => (name === "length" ? Symbol("odd") : list[name]) }),
  "an item that throws": () =>
    new Proxy(["one"], {
      get: (list, name) => {
        if (name === "0") throw new TypeError("no item");
        return Reflect.get(list, name);
      },
    }),
};

for (const [what, make] of Object.entries(unreadable)) {
  describe(`a list that is ${what}`, () => {
    for (const name of ["sessions", "positions"]) {
      test(`as the ${name} of a page is \`store_failed\``, async () => {
        const { host } = completeHost();
        await signIn(host, "alice");
        const { list } = host.sessions;
        const hostile = async (request) => ({ ...(await list(request)), [name]: make() });
        const management = new SessionManagement(withMember(host, "sessions.list", hostile));
        assert.equal((await rejection(management.querySessions())).code, "store_failed");
      });
    }

    for (const [which, clients, notified, notes] of [
      [
        "that can't be read doesn't keep the session, and is reported",
        [],
        0,
        ["clients were not notified of some sessions, which the store could not read"],
      ],
      ["that the removal returns in full has them notified", [{ clientId: "web" }], 1, []],
    ]) {
      test(`as a row's list of clients ${which}`, async () => {
        const host = hostOfPorts();
        await signIn(host, "alice");
        const { list, remove } = host.sessions;
        const sessions = {
          ...host.sessions,
          list: async (request) => {
            const { sessions, positions } = await list(request);
            return { sessions: sessions.map((row) => ({ ...row, clients: make() })), positions };
          },
          remove: async (...input) => (await remove(...input)).map((row) => ({ ...row, clients })),
        };
        const management = new SessionManagement({ ...host, sessions });
        const report = await management.removeSessions({ subjectId: "alice" });
        assert.deepEqual(
          [report.sessionsRemoved, report.notifications.delivered, report.notes],
          [1, notified, notes],
        );
      });
    }

    test("as the removed keys is `store_failed`", async () => {
      const host = hostOfPorts();
      await signIn(host, "alice");
      const management = new SessionManagement(withMember(host, "sessions.remove", make));
      const removal = management.removeSessions({ subjectId: "alice" });
      assert.equal((await rejection(removal)).code, "store_failed");
    });

    test("as an argument is `invalid_argument`", async () => {
      const { host } = completeHost();
      await signIn(host, "alice");
      const management = new SessionManagement(host);
      const removal = management.removeSessions({ subjectId: "alice", clientIds: make() });
      assert.equal((await rejection(removal)).code, "invalid_argument");
      assert.equal(await host.sessions.count({}), 1);
    });
  });
}

describe("`sessions()`", () => {
  for (const [what, query] of [
    ["a Map", new Map([["subjectId", "alice"]])],
    ["a promise", Promise.resolve({ subjectId: "alice" })],
    ["URLSearchParams", new URLSearchParams("subjectId=alice")],
    ["a list", []],
    ["a number", 5],
    ["an object with an unknown member", { subjectid: "alice" }],
  ]) {
    test(`refuses ${what}, and lists no session`, async () => {
      const { host } = completeHost();
      await signIn(host, "bob");
      const error = await rejection(new SessionManagement(host).sessions(query).next());
      assert.equal(error.code, "invalid_argument");
    });
  }

  test("reads the accessors of a class", async () => {
    const { host } = completeHost();
    await signIn(host, "alice");
    await signIn(host, "bob");
    class OfAlice {
      get subjectId() {
        return "alice";
      }
    }
    const found = [];
    for await (const { subjectId } of new SessionManagement(host).sessions(new OfAlice())) {
      found.push(subjectId);
    }
    assert.deepEqual(found, ["alice"]);
  });

  test("returns to the first page with `requestPriorResults`, and ends there", async () => {
    const { host } = completeHost();
    for (const subjectId of ["a", "b", "c"]) await signIn(host, subjectId);
    const management = new SessionManagement(host);
    const first = await management.querySessions({ countRequested: 1 });
    const { resultsToken } = first;
    const second = await management.querySessions({ countRequested: 1, resultsToken });
    const third = await management.querySessions({
      countRequested: 1,
      resultsToken: second.resultsToken,
    });
    const found = [];
    for await (const { subjectId } of management.sessions({
      countRequested: 1,
      resultsToken: third.resultsToken,
      requestPriorResults: true,
    })) {
      found.push(subjectId);
    }
    assert.deepEqual(found, [second.results[0].subjectId, first.results[0].subjectId]);
  });
});

test("a name or a row with a lone surrogate is an error, and changes nothing", async () => {
  const { host } = completeHost();
  const tickets = new TicketStore(host, { keys: KEYS });
  const attributes = { "a\ud800": "1", "a\udc00": "2" };
  const stored = await rejection(tickets.store({ subjectId: "alice", attributes }));
  assert.equal(stored.code, "invalid_argument");
  assert.match(stored.message, /`attributes` must be an object with well-formed names/);

  const ports = hostOfPorts();
  await signIn(ports, "alice");
  const { list } = ports.sessions;
  const hostile = async (request) => {
    const { sessions, positions } = await list(request);
    return { sessions: sessions.map((row) => ({ ...row, key: "\ud800" })), positions };
  };
  const management = new SessionManagement(withMember(ports, "sessions.list", hostile));
  const removed = await rejection(management.removeSessions({ subjectId: "alice" }));
  assert.equal(removed.code, "store_failed");
  assert.match(removed.message, /`key`.*a well-formed string/);
  assert.equal((await new SessionManagement(ports).querySessions()).totalCount, 1);
});
