// Texts and numbers cross the boundary as they are: what is special to JSON or to the core's own
// way of reading, too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
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

/**
 * Stores a session with these members and returns it as the store got it, as the ticket store has
 * it, and as it is listed.
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
  test(`${JSON.stringify(text)} stays what it is, as a value and as a name`, async () => {
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

test("half a character is refused wherever a string is read", async () => {
  for (const member of ["subjectId", "sessionId", "displayName", "issuer"]) {
    const members = { subjectId: "alice", sessionId: "1", [member]: "a\ud800" };
    await assert.rejects(roundTrip(members), {
      code: "invalid_argument",
      message: new RegExp(`\`${member}\` must be a well-formed string`),
    });
  }
});

test("NUL is refused in all that is stored or ended, and matches nothing", async () => {
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

test("a time is any instant that a `Date` can have, and nothing beyond", async () => {
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

test("a member with an empty name is as unknown as any", async () => {
  const management = new SessionManagement(memoryStores());
  await assert.rejects(management.querySessions({ "": 1 }), {
    code: "invalid_argument",
    message: /unknown option ``/,
  });
});

test("a member that cannot be read is named", async () => {
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
