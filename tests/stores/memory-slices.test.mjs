/**
 * Searches of the memory stores that skip many rows, and the turns of the event loop in between.
 *
 * @module
 */

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement } from "../../pkg/entry/node.js";

/** The number of rows that a search reads between two turns. */
const SLICE = 5_000;
const SESSIONS = 3 * SLICE + 1;

const RARE = { displayName: { contains: "rare" } };

const sessionOf = (number) => ({
  key: number.toString(16).padStart(64, "0"),
  scheme: "cookie",
  subjectId: `user ${number}`,
  sessionId: `session ${number}`,
  created: number,
  renewed: number,
  clients: [{ clientId: "web" }],
});

/** The outcome of a call, and the number of turns of the event loop in the meantime. */
async function turnsDuring(call) {
  let turns = 0;
  let isOver = false;
  const count = () => {
    if (isOver) return;
    turns += 1;
    setImmediate(count);
  };
  setImmediate(count);
  const outcome = await call().then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  isOver = true;
  return { turns, ...outcome };
}

describe("searches of the memory stores", () => {
  let stores;

  before(async () => {
    stores = memoryStores();
    for (let number = 0; number < SESSIONS; number += 1) {
      await stores.sessions.create(sessionOf(number));
    }
    await stores.sessions.update(sessionOf(SLICE).key, { displayNameFolded: "rare" });
    for (let number = 0; number < SESSIONS; number += 1) {
      const id = `n${number}`;
      await stores.outbox.add([
        { id, clientId: "web", created: 0, attempt: 0, reason: "terminated" },
      ]);
      await stores.grants.store({
        key: `grant ${number}`,
        type: "refresh_token",
        subjectId: "bob",
        clientId: "web",
        created: 0,
        data: "",
      });
    }
  });

  const request = { filter: RARE, order: "newest", limit: 25 };
  const searches = {
    "a page": () => stores.sessions.list(request),
    "a page from the end": () => stores.sessions.list({ ...request, fromEnd: true }),
    "a page by an issuer": () =>
      stores.sessions.list({ ...request, order: "oldest", filter: { issuer: "none" } }),
    "a page by several issuers": () =>
      stores.sessions.list({ ...request, filter: { issuers: ["neither", "none"] } }),
    "a count": () => stores.sessions.count(RARE),
    "the clients of a step": () =>
      stores.atomic.clientsOf({ filter: RARE, order: "oldest", limit: 10 }),
    grants: () => stores.grants.list({ types: ["none"] }),
    "a count of grants": () => stores.grants.count({ types: ["none"] }),
    "a removal of grants": () => stores.grants.remove({ types: ["none"] }),
    "the outbox": () => stores.outbox.list({ clientId: "none" }),
  };
  for (const [name, search] of Object.entries(searches)) {
    test(`${name}: a turn after every 5,000 rows`, async () => {
      assert.equal((await turnsDuring(search)).turns, 3);
    });
  }

  test("finds the rare session", async () => {
    const { sessions } = await stores.sessions.list(request);
    assert.deepEqual(
      sessions.map(({ sessionId }) => sessionId),
      [`session ${SLICE}`],
    );
    assert.equal(await stores.sessions.count(RARE), 1);
  });

  const byIndex = {
    "a first page": () => stores.sessions.list({ ...request, filter: {} }),
    "a subject": () =>
      stores.sessions.list({ ...request, filter: { subjectId: { equals: "user 7" } } }),
    "a session id": () => stores.sessions.count({ sessionId: { equals: "session 7" } }),
    "a count of all": () => stores.sessions.count({}),
    "grants of a subject without any": () => stores.grants.list({ subjectId: "eve" }),
    "a page of the outbox": () => stores.outbox.list({}, undefined, 100),
  };
  for (const [name, search] of Object.entries(byIndex)) {
    test(`${name}: no turn`, async () => {
      assert.equal((await turnsDuring(search)).turns, 0);
    });
  }

  test("an abort ends the call and its search", async () => {
    const controller = new AbortController();
    const slices = { listed: 0 };
    const sessions = {
      ...stores.sessions,
      count: undefined,
      list: (listRequest, options) => {
        const listed = stores.sessions.list(listRequest, options);
        listed.catch((error) => Object.assign(slices, { error }));
        return listed;
      },
    };
    const management = new SessionManagement({ sessions });
    setImmediate(() => controller.abort(new Error("no longer wanted")));
    const { turns, error } = await turnsDuring(() =>
      management.querySessions({ displayName: "rare" }, { signal: controller.signal }),
    );
    assert.deepEqual([turns, error.code, error.cause.message], [0, "aborted", "no longer wanted"]);
    assert.equal((await turnsDuring(() => new Promise(setImmediate))).turns, 1);
    assert.equal(slices.error, controller.signal.reason, "the search stopped");
  });

  test("a removal by a rare name takes one step after its search", async () => {
    const step = { filter: RARE, order: "oldest", limit: 10 };
    let listed;
    setImmediate(async () => {
      listed = await stores.sessions.get(sessionOf(SLICE).key);
    });
    const { turns, value } = await turnsDuring(() => stores.atomic.endSessions(step));
    assert.deepEqual([turns, value.ended, value.more], [3, 1, false]);
    assert.equal(listed.displayNameFolded, "rare");
    assert.equal(await stores.sessions.get(sessionOf(SLICE).key), undefined);
  });
});
