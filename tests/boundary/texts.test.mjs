// Strings and numbers cross the boundary unchanged, even those with a special meaning in JSON or in
// the encoding of the core.
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionCoordination, SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { KEYS } from "./support.mjs";

const TEXTS = [
  '"',
  "\\",
  '\\"',
  "\u0001\u001f\u007f",
  "a\n\r\tb",
  "a\u2028b",
  "🔑 签名",
  "\ufffd",
  "!u",
  "s",
  "null",
  "__proto__",
];

const GRANT = {
  key: "1",
  type: "refresh_token",
  clientId: "web",
  created: new Date(0),
  data: "",
};

/**
 * Stores a session with these members. Returns it as the store got it, as the ticket store returns
 * it, and as it's listed.
 */
async function roundTrip(members) {
  const stores = memoryStores();
  const created = [];
  const sessions = {
    ...stores.sessions,
    create: (session) => {
      created.push(session);
      return stores.sessions.create(session);
    },
  };
  const tickets = new TicketStore({ ...stores, sessions }, { keys: KEYS });
  const cookie = await tickets.store({ ticket: {}, ...members });
  const { results } = await new SessionManagement(stores).querySessions();
  return [created[0], await tickets.retrieve(cookie), results[0]];
}

for (const text of TEXTS) {
  test(`${JSON.stringify(text)} is unchanged as a value and as a name`, async () => {
    const attributes = Object.fromEntries([[text, text]]);
    const members = {
      subjectId: text,
      sessionId: text,
      displayName: text,
      issuer: text,
      attributes,
    };
    for (const session of await roundTrip({
      ...members,
      clients: [{ clientId: text, sessionId: text }],
    })) {
      for (const [name, value] of Object.entries(members))
        assert.deepEqual(session[name], value, name);
      assert.equal(Object.getPrototypeOf(session.attributes), Object.prototype);
      if (session.clients) assert.deepEqual(session.clients, [{ clientId: text, sessionId: text }]);
    }
  });
}

test("an unpaired surrogate is refused wherever a string is read", async () => {
  for (const member of ["subjectId", "sessionId", "displayName", "issuer"]) {
    const members = { subjectId: "alice", sessionId: "1", [member]: "a\ud800" };
    await assert.rejects(roundTrip(members), {
      code: "invalid_argument",
      message: new RegExp(`\`${member}\` must be a well-formed string`),
    });
  }
});

test("NUL is refused in stored and ended sessions, and matches nothing", async () => {
  const nul = "alice\0x";
  const refused = { code: "invalid_argument", message: /has a NUL character/ };
  for (const members of [
    { subjectId: nul },
    { displayName: nul },
    { clients: [nul] },
    { clients: [{ clientId: "web", sessionId: nul }] },
    { attributes: { [nul]: "1" } },
    { attributes: { device: nul } },
  ])
    await assert.rejects(roundTrip({ subjectId: "alice", ...members }), refused);
  const stores = memoryStores();
  const tickets = new TicketStore(stores, { keys: KEYS });
  const cookie = await tickets.store({ subjectId: "alice", ticket: {} });
  await assert.rejects(tickets.renew(cookie, { userAgent: nul }), refused);
  const management = new SessionManagement(stores);
  await assert.rejects(management.removeSessions({ subjectId: nul }), refused);
  for (const subjectId of [nul, { startsWith: nul }, { contains: "\0" }])
    assert.equal((await management.querySessions({ subjectId })).totalCount, 0);
  assert.equal((await management.querySessions({ search: nul })).totalCount, 0);
  assert.equal(await tickets.retrieve("\0"), undefined);
  assert.ok(await tickets.retrieve(cookie));
});

test("a string that some store can't hold is refused in stored and ended sessions", async () => {
  const stores = memoryStores();
  const tickets = new TicketStore(stores, { keys: KEYS });
  const management = new SessionManagement(stores);
  const coordination = new SessionCoordination(stores);
  const cookie = await tickets.store({ subjectId: "alice", sessionId: "1", ticket: {} });
  const alice = { subjectId: "alice", sessionId: "1" };
  const add = (client) => tickets.addClient(cookie, client);
  const calls = [
    ["subjectId", 255, (subjectId) => tickets.store({ subjectId })],
    ["sessionId", 255, (sessionId) => tickets.store({ subjectId: "a", sessionId })],
    ["scheme", 255, (scheme) => tickets.store({ subjectId: "a", scheme })],
    ["ipAddress", 255, (ipAddress) => tickets.store({ subjectId: "a", ipAddress })],
    ["issuer", 500, (issuer) => tickets.store({ subjectId: "a", issuer })],
    ["displayName", 500, (displayName) => tickets.store({ subjectId: "a", displayName })],
    ["userAgent", 16_000, (userAgent) => tickets.store({ subjectId: "a", userAgent })],
    ["clientId", 255, (id) => tickets.store({ subjectId: "a", clients: [id] })],
    ["clientId", 255, (id) => add(id)],
    ["sessionId", 255, (sessionId) => add({ clientId: "web", sessionId })],
    ["scheme", 255, (scheme) => tickets.renew(cookie, { scheme })],
    ["displayName", 500, (displayName) => tickets.renew(cookie, { displayName })],
    ["issuer", 500, (issuer) => tickets.renew(cookie, { issuer })],
    ["key", 255, (key) => stores.grants.store({ ...GRANT, key })],
    ["type", 100, (type) => stores.grants.store({ ...GRANT, type })],
    ["clientId", 255, (clientId) => stores.grants.store({ ...GRANT, clientId })],
    ["subjectId", 255, (subjectId) => stores.grants.store({ ...GRANT, subjectId })],
    ["sessionId", 255, (sessionId) => stores.grants.store({ ...GRANT, sessionId })],
    ["description", 16_000, (description) => stores.grants.store({ ...GRANT, description })],
    ["subjectId", 255, (subjectId) => management.removeSessions({ subjectId })],
    ["sessionId", 255, (sessionId) => management.removeSessions({ sessionId })],
    ["issuer", 500, (issuer) => management.removeSessions({ subjectId: "a", issuer })],
    ["clientIds", 255, (id) => management.removeSessions({ subjectId: "a", clientIds: [id] })],
    [
      "exceptSessionIds",
      255,
      (id) => management.removeSessions({ subjectId: "a", exceptSessionIds: [id] }),
    ],
    ["clientId", 255, (clientId) => management.purgeSessions({ filter: { clientId } })],
    ["clientIds", 255, (id) => coordination.processLogout({ ...alice, clientIds: [id] })],
    [
      "sessionId",
      255,
      (sessionId) =>
        coordination.processLogout({ ...alice, clients: [{ clientId: "web", sessionId }] }),
    ],
  ];
  for (const [member, most, call] of calls) {
    for (const character of ["x", "💥"]) {
      await assert.rejects(call(character.repeat(most + 1)), {
        code: "invalid_argument",
        message: `\`${member}\` has ${most + 1} characters, and not every store holds more than ${most}: shorten it`,
      });
      await call(character.repeat(most));
    }
  }
  await assert.rejects(tickets.renew(cookie, { subjectId: "x".repeat(256) }), {
    message: /^`subjectId` has 256 characters/,
  });
  assert.ok(await tickets.retrieve(cookie));
});

test("a string that no session can have matches nothing", async () => {
  const stores = memoryStores();
  const tickets = new TicketStore(stores, { keys: KEYS });
  await tickets.store({ subjectId: "x".repeat(255), displayName: "x".repeat(500) });
  const management = new SessionManagement(stores);
  const long = "x".repeat(10_000);
  for (const query of [
    { subjectId: long },
    { subjectId: { startsWith: long } },
    { sessionId: long },
    { displayName: long },
    { search: long },
    { clientId: long },
    { issuer: long },
    { ipAddress: long },
  ])
    assert.equal((await management.querySessions(query)).totalCount, 0);
  assert.equal(await stores.grants.get(long), undefined);
  assert.equal(await tickets.retrieve(long), undefined);
});

test("a client that is listed again without its own session id keeps it", async () => {
  const clients = [{ clientId: "web", sessionId: "own" }, "app", "web"];
  const [created] = await roundTrip({ subjectId: "alice", clients });
  assert.deepEqual(created.clients, [{ clientId: "web", sessionId: "own" }, { clientId: "app" }]);
});

test("a time is any instant that a `Date` can have, and no other", async () => {
  const last = 8.64e15;
  for (const expires of [
    last,
    new Date(last),
    4_102_444_800_000,
    4_102_444_800_000.75,
    "2100-01-01",
  ]) {
    const [created] = await roundTrip({ subjectId: "alice", expires });
    assert.equal(created.expires, Math.trunc(new Date(expires).getTime()));
  }
  for (const expires of [
    last + 1,
    -last - 1,
    Number.MAX_SAFE_INTEGER,
    Number.NaN,
    "tomorrow",
    true,
    {},
  ]) {
    await assert.rejects(roundTrip({ subjectId: "alice", expires }), {
      code: "invalid_argument",
      message: /`expires` must be an instant/,
    });
  }
});

test("a member with an empty name is unknown", async () => {
  const management = new SessionManagement(memoryStores());
  await assert.rejects(management.querySessions({ "": 1 }), {
    code: "invalid_argument",
    message: /unknown option ``/,
  });
});

test("the error names a member that can't be read", async () => {
  const query = {
    get subjectId() {
      throw new Error("locked");
    },
  };
  const management = new SessionManagement(memoryStores());
  await assert.rejects(management.querySessions(query), ({ code, message, cause }) => {
    assert.equal(code, "invalid_argument");
    assert.match(message, /`subjectId` could not be read/);
    assert.equal(cause.message, "locked");
    return true;
  });
});
