/**
 * The contents of the memory stores as plain data. Stores that are read back continue unchanged,
 * and damaged contents are refused.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { memoryContents, memoryStores } from "../../pkg/entry/memory-node.js";
import { LogoutDelivery, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { testStores } from "./kit.mjs";
import { endingStep, fullSession, grant, notification, session } from "./samples.mjs";

const KEYS = { current: "k1", keys: { k1: new Uint8Array(32).fill(7) } };

/** As in a page that stores the contents as a string. */
const throughJson = (contents) => JSON.parse(JSON.stringify(contents));

/** Exports stores and reads them again. */
const reopened = (stores) => memoryStores(throughJson(memoryContents(stores)));

/**
 * Stores that are exported and read again before some calls, each time while they contain little.
 */
function reopeningStores() {
  let current = memoryStores();
  let wait = 0;
  const reopen = () => {
    wait -= 1;
    if (wait > 0) return;
    const contents = memoryContents(current);
    const tables = [contents.sessions, contents.grants, contents.outbox];
    wait = tables.reduce((rows, table) => rows + table.rows.length, 0) / 5;
    current = memoryStores(throughJson(contents));
  };
  const port = (name) =>
    Object.fromEntries(
      Object.entries(current[name])
        .filter(([, member]) => typeof member === "function")
        .map(([method]) => [
          method,
          (...input) => {
            reopen();
            return current[name][method](...input);
          },
        ]),
    );
  const [sessions, grants, outbox] = ["sessions", "grants", "outbox"].map(port);
  return {
    sessions,
    grants,
    outbox,
    atomic: { ...port("atomic"), covers: { sessions, grants, outbox } },
  };
}

await testStores(test, reopeningStores, "memory, reopened");

describe("random calls on stores and on their copy", () => {
  const few = (...values) => fc.constantFrom(...values);
  const key = fc.integer({ min: 0, max: 9 }).map((number) => number.toString(16).padStart(64, "0"));
  const text = fc.oneof(few("alice", "bob", "", "0af1"), fc.string({ unit: "binary" }));
  const time = fc.oneof(
    fc.integer({ min: 0, max: 6 }),
    few(1_750_000_000_000, -8_640_000_000_000_000, 8_640_000_000_000_000),
  );
  const limit = fc.integer({ min: 1, max: 4 });
  const subjectId = few("alice", "bob");
  const clientId = few("web", "app", "tv");
  const maybe = (arbitrary) => fc.option(arbitrary, { nil: undefined });
  const id = few("n1", "n2", "ж", "💥", "～");
  const attributes = fc.dictionary(fc.oneof(text, few("__proto__", "constructor")), text, {
    maxKeys: 3,
  });
  const client = fc.record({ clientId, sessionId: text }, { requiredKeys: ["clientId"] });
  const row = fc.record(
    {
      key,
      scheme: text,
      subjectId,
      sessionId: text,
      created: time,
      renewed: time,
      clients: fc.uniqueArray(client, { selector: (one) => one.clientId, maxLength: 3 }),
      displayName: text,
      displayNameFolded: text,
      issuer: text,
      expires: time,
      ipAddress: text,
      userAgent: text,
      attributes,
      ticket: text,
    },
    { requiredKeys: ["key", "scheme", "subjectId", "sessionId", "created", "renewed", "clients"] },
  );
  const storedGrant = fc.record(
    {
      key: few("g1", "g2", "g3", "g4"),
      type: few("refresh_token", "user_consent", "device_code"),
      subjectId,
      sessionId: few("s1", "s2"),
      clientId,
      created: time.map((at) => new Date(at)),
      expires: time.map((at) => new Date(at)),
      consumed: time.map((at) => new Date(at)),
      description: few("mine", ""),
      data: few("", "{}"),
    },
    { requiredKeys: ["key", "type", "clientId", "created", "data"] },
  );
  const entry = fc.record(
    {
      id,
      kind: few("logout", "session_revoked"),
      clientId,
      logoutUri: few("https://web.example/logout"),
      subjectId,
      sessionId: text,
      issuer: text,
      reason: few("terminated", "user_logout", "session_expiration"),
      attempt: fc.nat(3),
      created: time,
      notBefore: time,
    },
    { requiredKeys: ["id", "clientId", "reason", "attempt", "created"] },
  );
  const status = maybe(few(200, 503));
  const outcome = fc.oneof(
    status.map((status) => ({ state: "delivered", status })),
    status.map((status) => ({ state: "failed", error: "refused", status })),
    fc
      .tuple(time, status)
      .map(([nextAttempt, status]) => ({ state: "pending", nextAttempt, error: "busy", status })),
  );
  const order = few("newest", "oldest", "expiry");
  const filter = few({}, { subjectId: { equals: "alice" } }, { clientId: "web" }, { expiredAt: 3 });
  const grantFilter = few(
    { subjectId: "alice" },
    { clientIds: ["web", "app"] },
    { sessionId: "s1" },
  );

  /** A call: the port, the function and its arguments. */
  const call = fc.oneof(
    ...[
      ["sessions", "create", row],
      ["sessions", "create", row],
      ["sessions", "create", row],
      ["sessions", "get", key],
      [
        "sessions",
        "update",
        key,
        fc.record({ renewed: time, expires: maybe(time), key: maybe(key), userAgent: text }),
      ],
      ["sessions", "addClient", key, client, time],
      ["sessions", "list", fc.record({ filter, order, limit })],
      ["sessions", "count", filter, maybe(limit)],
      ["sessions", "remove", fc.array(key, { maxLength: 3 })],
      ["sessions", "forgetDevices", time, limit],
      ["grants", "store", storedGrant],
      ["grants", "store", storedGrant],
      ["grants", "get", few("g1", "g2", "g3", "g4")],
      ["grants", "list", grantFilter],
      ["grants", "count", grantFilter],
      ["grants", "remove", grantFilter],
      ["grants", "removeExpired", time, limit],
      ["outbox", "add", fc.array(entry, { maxLength: 3 })],
      ["outbox", "claim", fc.record({ now: time, limit, leaseFor: limit })],
      ["outbox", "settle", id, outcome, time],
      [
        "outbox",
        "list",
        few({}, { state: "pending" }, { clientId: "web" }),
        maybe(id),
        maybe(limit),
      ],
      ["outbox", "retry", id, time],
      ["outbox", "prune", fc.record({ delivered: time, failed: time }), limit],
      [
        "atomic",
        "endSessions",
        fc.record({ filter, order: few("oldest", "expiry"), limit }).map(endingStep),
      ],
      [
        "atomic",
        "clientsOf",
        fc.record({ filter, order: few("oldest", "expiry"), limit }).map(endingStep),
      ],
      ["atomic", "admit", row, limit, time],
    ].map(([port, name, ...input]) => fc.tuple(fc.constant(port), fc.constant(name), ...input)),
  );
  const calls = fc.array(call, { minLength: 20, maxLength: 60, size: "max" });

  const outcomeOf = (stores, [port, name, ...input]) =>
    stores[port][name](...structuredClone(input)).then(
      (value) => ({ value }),
      ({ code, message }) => ({ code, message }),
    );

  test("have the same outcomes", async () => {
    await fc.assert(
      fc.asyncProperty(calls, calls, async (before, after) => {
        const stores = memoryStores();
        for (const each of before) await outcomeOf(stores, each);
        const contents = memoryContents(stores);
        const text = JSON.stringify(contents);
        assert.deepEqual(JSON.parse(text), contents, "JSON lost something");
        assert.deepEqual(
          structuredClone(contents),
          contents,
          "the structured clone lost something",
        );
        const copy = memoryStores(JSON.parse(text));
        assert.equal(JSON.stringify(memoryContents(copy)), text);
        for (const each of after) {
          assert.deepEqual(await outcomeOf(copy, each), await outcomeOf(stores, each));
        }
        assert.deepEqual(memoryContents(copy), memoryContents(stores));
        assert.equal(JSON.stringify(contents), text, "the contents changed with the stores");
      }),
    );
  });
});

test("tokens, cookies, leases and notifications are valid in the copy", async () => {
  const clock = { now: 1_750_000_000_000 };
  const hostOf = (stores) => ({
    ...stores,
    now: () => clock.now,
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://web.example/logout" }),
    sendLogout: async () => ({ delivered: false, retry: true, error: "busy" }),
    delivery: { wait: 0 },
  });
  let stores = memoryStores();
  const reopen = () => {
    stores = reopened(stores);
    return hostOf(stores);
  };
  const tickets = new TicketStore(hostOf(stores), { keys: KEYS });
  const cookies = [];
  for (let number = 0; number < 6; number += 1) {
    const sessionId = `s${number}`;
    cookies.push(
      await tickets.store({ subjectId: "alice", sessionId, clients: ["web"], ticket: { number } }),
    );
    clock.now += 1;
  }
  const query = { countRequested: 2 };
  const ids = (page) => page.results.map(({ sessionId }) => sessionId);
  const first = await new SessionManagement(hostOf(stores)).querySessions(query);
  const { resultsToken } = first;
  const second = await new SessionManagement(reopen()).querySessions({ ...query, resultsToken });
  assert.deepEqual(
    [ids(first), ids(second)],
    [
      ["s5", "s4"],
      ["s3", "s2"],
    ],
  );
  const kept = await new TicketStore(reopen(), { keys: KEYS }).retrieve(cookies[3]);
  assert.deepEqual(kept.ticket, { number: 3 });

  await new SessionManagement(hostOf(stores)).removeSessions({
    subjectId: "alice",
    sessionId: "s0",
  });
  const listed = await new LogoutDelivery(hostOf(stores)).page();
  assert.equal(listed.deliveries.length, 1);
  assert.deepEqual(await new LogoutDelivery(reopen()).page(), listed);
  clock.now += 86_400_000;
  const claim = { now: clock.now, limit: 10, leaseFor: 60_000 };
  const [claimed] = await stores.outbox.claim(claim);
  assert.equal(claimed.id, listed.deliveries[0].id);
  reopen();
  assert.deepEqual(await stores.outbox.claim(claim), [], "the entry is leased");
  assert.deepEqual(await stores.outbox.claim({ ...claim, now: clock.now + 60_000 }), [claimed]);
});

/** Stores with an entry of every kind. */
async function filled() {
  const stores = memoryStores();
  await stores.sessions.create(fullSession("a".repeat(64)));
  await stores.sessions.create(session("b".repeat(64)));
  await stores.grants.store(grant("g1"));
  await stores.outbox.add([notification("n1"), notification("n2")]);
  await stores.outbox.settle("n2", { state: "failed", error: "refused", status: 400 }, 5_000);
  return stores;
}

const refusal = (contents, message) =>
  assert.throws(() => memoryStores(contents), {
    name: "RollcallError",
    code: "invalid_argument",
    message,
  });

describe("contents that are refused", () => {
  for (const [what, path, value] of [
    ["no version", "version", undefined],
    ["a later version", "version", 2],
    ["an earlier version", "version", 0],
    ["a version as a string", "version", "1"],
    ["no sessions", "sessions", undefined],
    ["sessions that are a list", "sessions", []],
    ["no rows", "sessions.rows", undefined],
    ["rows that aren't a list", "sessions.rows", {}],
    ["a row that isn't one", "sessions.rows.1", 7],
    ["a session that isn't one", "sessions.rows.1.session", "alice"],
    ["a session without a subject", "sessions.rows.1.session.subjectId", undefined],
    ["a key that isn't a string", "sessions.rows.1.session.key", 7],
    ["a time that isn't one", "sessions.rows.0.session.created", "yesterday"],
    ["a client that isn't one", "sessions.rows.0.session.clients.0", 7],
    ["attributes that aren't an object", "sessions.rows.0.session.attributes", ["a"]],
    ["a number that isn't one", "sessions.rows.0.number", 0.5],
    ["the number that is never assigned", "sessions.rows.0.number", 4_294_967_295],
    ["a next number that isn't one", "sessions.next", -1],
    ["a next number that is never assigned", "outbox.next", 4_294_967_295],
    ["another member", "sessions.extra", 1],
    ["another member of a row", "grants.rows.0.extra", 1],
    ["another table", "clients", {}],
    ["a position that isn't one", "sessions.devicesForgotten", "here"],
    ["a grant that isn't one", "grants.rows.0.grant", 7],
    ["a grant without a client", "grants.rows.0.grant.clientId", undefined],
    ["a grant without a creation time", "grants.rows.0.grant.created", {}],
    ["a notification of an unknown kind", "outbox.rows.0.notification.kind", "letter"],
    ["an unknown state", "outbox.rows.0.state", "skipped"],
    ["no time", "outbox.rows.1.at", undefined],
    ["a status that isn't one", "outbox.rows.1.status", "400"],
    ["an error that isn't one", "outbox.rows.1.error", {}],
  ]) {
    test(what, async () => {
      const contents = throughJson(memoryContents(await filled()));
      const names = path.split(".");
      const last = names.pop();
      const owner = names.reduce((member, name) => member[name], contents);
      if (value === undefined) delete owner[last];
      else owner[last] = value;
      refusal(contents, new RegExp(`\`(\\w+\\.)*${last}\``));
    });
  }

  test("two rows with one key, id or number", async () => {
    for (const [table, path] of [
      ["sessions", ["session", "key"]],
      ["sessions", ["number"]],
      ["outbox", ["notification", "id"]],
      ["outbox", ["number"]],
      ["grants", ["grant", "key"]],
      ["grants", ["number"]],
    ]) {
      const contents = throughJson(memoryContents(await filled()));
      const { rows } = contents[table];
      const copy = throughJson(rows[0]);
      const last = path.at(-1);
      // All identifiers except this one are different.
      copy.number = path[0] === "number" ? copy.number : 77;
      const owner = path.slice(0, -1).reduce((member, name) => member[name], copy);
      for (const name of ["key", "id"]) if (name !== last && name in owner) owner[name] = "else";
      const row = copy.session ?? copy.grant ?? copy.notification;
      if (path[0] === "number") row["key" in row ? "key" : "id"] = "else";
      rows.push(copy);
      const index = rows.length - 1;
      refusal(
        contents,
        new RegExp(`\`${table}\\.rows\\.${index}\` must be a row whose number and`),
      );
    }
  });

  test("a value that isn't contents", () => {
    for (const value of [
      7,
      "{}",
      true,
      [],
      new Map(),
      new Date(),
      () => {},
      Promise.resolve({}),
      {},
    ]) {
      refusal(value, /^the contents/);
    }
  });

  test("stores without contents are empty", async () => {
    for (const none of [undefined, null]) {
      assert.equal(await memoryStores(none).sessions.count({}), 0);
    }
  });
});

test("a time can be a `Date` or a string, such as IndexedDB or a person may have written", async () => {
  const contents = memoryContents(await filled());
  const copy = structuredClone(contents);
  for (const { grant } of copy.grants.rows) grant.created = new Date(grant.created);
  for (const row of copy.outbox.rows) row.at = new Date(row.at).toISOString();
  assert.deepEqual(memoryContents(memoryStores(copy)), contents);
});

test("only the stores that `memoryStores` returned have contents", () => {
  const stores = memoryStores();
  for (const other of [{ ...stores }, {}, stores.sessions, null, undefined, 7, "stores", []]) {
    assert.throws(() => memoryContents(other), {
      name: "RollcallError",
      code: "invalid_argument",
      message: /`memoryStores`/,
    });
  }
});

test("stores and their copy share no state", async () => {
  const stores = await filled();
  const before = memoryContents(stores);
  const copy = memoryStores(before);
  await copy.sessions.remove(["b".repeat(64)]);
  await copy.outbox.retry("n2", 9_000);
  await copy.grants.remove({ clientIds: ["web", "app", "shop"], types: [] });
  before.sessions.rows.length = 0;
  assert.equal(await stores.sessions.count({}), 2);
  assert.equal(await copy.sessions.count({}), 1);
});
