/**
 * A token has an account only while its session is active, and using the token extends the session.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Accounts } from "../../examples/identity-provider/accounts.mjs";
import { accountsOfActiveSessions } from "../../examples/identity-provider/provider/active-accounts.mjs";
import {
  ABSOLUTE_LIFETIME,
  COORDINATION,
  SESSION_LIFETIME,
} from "../../examples/identity-provider/provider/coordination.mjs";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionCoordination } from "../../pkg/entry/node.js";

const HOUR = 3_600_000;
const SPAN = SESSION_LIFETIME * 1000;

async function accountsAt(clock) {
  const stores = memoryStores();
  const host = {
    ...stores,
    clients: (clientId) => ({ clientId }),
    absoluteLifetime: ABSOLUTE_LIFETIME,
    now: () => clock.now,
  };
  const find = accountsOfActiveSessions(
    await Accounts.open(),
    new SessionCoordination(host, COORDINATION),
  );
  const session = {
    key: "0".repeat(64),
    scheme: "default",
    subjectId: "alice",
    sessionId: "uid",
    clients: [],
  };
  await stores.sessions.create({ ...session, created: 0, renewed: 0, expires: SPAN });
  return { stores, find: async (token) => (await find({}, "alice", token))?.accountId };
}

const token = { accountId: "alice", clientId: "notes", sessionUid: "uid" };

test("using a token extends its session, up to a day", async () => {
  const clock = { now: 0 };
  const { stores, find } = await accountsAt(clock);
  for (clock.now = 7 * HOUR; clock.now < 24 * HOUR; clock.now += 7 * HOUR) {
    assert.equal(await find(token), "alice");
    const [session] = (await stores.sessions.list({ filter: {}, order: "newest", limit: 1 }))
      .sessions;
    assert.equal(session.expires, Math.min(clock.now + SPAN, 24 * HOUR));
  }
  clock.now = 24 * HOUR;
  assert.equal(await find(token), undefined);
});

test("there is no account for a token whose session has expired or is another one", async () => {
  const clock = { now: SPAN };
  const { find } = await accountsAt(clock);
  assert.equal(await find(token), undefined);
  clock.now = 1;
  assert.equal(await find({ ...token, sessionUid: "another" }), undefined);
  assert.equal(await find(token), "alice");
});

test("a sign-in finds the account without a token", async () => {
  const { find } = await accountsAt({ now: SPAN });
  assert.equal(await find(), "alice");
});
