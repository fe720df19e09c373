/**
 * Rollcall's logout tokens at an application on express-openid-connect. People sign in at it with
 * the example identity provider, whose sessions Rollcall stores and ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LoopbackServer } from "../../examples/identity-provider/web/server.mjs";
import { keyPair } from "../logout/support.mjs";
import { exampleProvider } from "./example-provider.mjs";
import { expressApplication } from "./express-application.mjs";
import { Visitor } from "./visitor.mjs";

const DELIVERED = { delivered: 1, pending: 0, failed: 0, skipped: 0 };
const NO_USER = {};

const outcome = ({ state, status }) => [state, status];

async function listen(t) {
  const server = await LoopbackServer.listen(0);
  t.after(() => server.close());
  return server;
}

/**
 * Starts the provider and the application for one test.
 *
 * @param {object} [options]
 * @param {object} [options.registered] members of the client's registration with Rollcall, besides
 *   its id and its logout URI
 * @param {object} [options.hooks] replace express-openid-connect's
 */
async function start(t, { registered = {}, hooks } = {}) {
  const [providerServer, server] = [await listen(t), await listen(t)];
  const [issuer, origin] = [providerServer, server].map(({ port }) => `http://127.0.0.1:${port}`);
  const client = {
    clientId: "express",
    name: "Express",
    origin,
    redirectUri: `${origin}/callback`,
    backChannelLogoutUri: `${origin}/backchannel-logout`,
  };
  const clientSecret = "of the application";
  const { provider, management } = await exampleProvider({
    issuer,
    client,
    clientSecret,
    registered,
  });
  let isProviderDown = false;
  const answer = provider.callback();
  providerServer.serve((request, response) =>
    isProviderDown ? response.writeHead(503).end() : answer(request, response),
  );
  server.serve(expressApplication({ issuer, client, clientSecret, hooks }));

  /** The user that the application shows as signed in with this browser. */
  const signedIn = async (visitor) => JSON.parse((await visitor.open(`${origin}/`)).text);
  return {
    issuer,
    management,
    /** From here on the provider answers no request, but Rollcall still sends. */
    takeProviderDown: () => {
      isProviderDown = true;
    },
    signedIn,
    signIn: async (username, visitor = new Visitor()) => {
      await visitor.signIn(origin, username);
      assert.equal((await signedIn(visitor)).sub, username);
      return visitor;
    },
    /** The id of this browser's session at the provider, which its start page shows. */
    sessionIdOf: async (visitor) =>
      /data-testid="session-id">([^<]+)</.exec((await visitor.open(`${issuer}/`)).text)[1],
  };
}

describe("an application on express-openid-connect", () => {
  test("reads from the provider's metadata that it supports back-channel logout with `sid`", async (t) => {
    const { issuer } = await start(t);
    const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    assert.equal(metadata.backchannel_logout_supported, true);
    assert.equal(metadata.backchannel_logout_session_supported, true);
  });

  test("signs out the user whose session ended, and no other", async (t) => {
    const { management, signIn, signedIn, sessionIdOf } = await start(t);
    const [alice, bob] = [await signIn("alice"), await signIn("bob")];
    const { sid } = await signedIn(alice);

    const report = await management.removeSessions({ sessionId: await sessionIdOf(alice) });
    assert.deepEqual(report.notifications, DELIVERED);
    const [{ clientId, state, status, sessionId }] = report.deliveries;
    assert.deepEqual([clientId, state, status, sessionId], ["express", "delivered", 204, sid]);
    assert.deepEqual(await signedIn(alice), NO_USER);
    assert.equal((await signedIn(bob)).sub, "bob");
  });

  for (const [name, registered, namesSessions] of [
    ["a token for each", {}, true],
    ["one token with only `sub`", { backChannelLogoutBy: "subject" }, false],
  ]) {
    test(`ends all sessions of a person, by ${name}, and no others`, async (t) => {
      const { management, signIn, signedIn } = await start(t, { registered });
      const [first, second, bob] = [
        await signIn("alice"),
        await signIn("alice"),
        await signIn("bob"),
      ];
      const sids = [(await signedIn(first)).sid, (await signedIn(second)).sid];

      const report = await management.removeSessions({ subjectId: "alice" });
      assert.equal(report.sessionsRemoved, 2);
      assert.deepEqual(report.notifications, {
        ...DELIVERED,
        delivered: namesSessions ? 2 : 1,
      });
      assert.deepEqual(
        report.deliveries.map(({ sessionId }) => sessionId).sort(),
        namesSessions ? sids.sort() : [undefined],
      );
      assert.deepEqual(await signedIn(first), NO_USER);
      assert.deepEqual(await signedIn(second), NO_USER);
      assert.equal((await signedIn(bob)).sub, "bob");
    });
  }

  test("lets a person sign in again and stay signed in", async (t) => {
    const { management, signIn, signedIn } = await start(t);
    const alice = await signIn("alice");
    await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(await signedIn(alice), NO_USER);
    await signIn("alice", alice);
    assert.equal((await signedIn(alice)).sub, "alice");
  });
});

describe("express-openid-connect with its default hooks", () => {
  test("ends all of a person's sessions at the application with one, because it records `sub` and `sid` separately", async (t) => {
    const { management, signIn, signedIn, sessionIdOf } = await start(t);
    const [first, second] = [await signIn("alice"), await signIn("alice")];
    await management.removeSessions({ sessionId: await sessionIdOf(first) });
    assert.deepEqual(await signedIn(first), NO_USER);
    assert.deepEqual(await signedIn(second), NO_USER);
  });

  test("deletes its record of a logout by `sub` when the person signs in again, which restores an ended session", async (t) => {
    const { management, signIn, signedIn } = await start(t, {
      registered: { backChannelLogoutBy: "subject" },
    });
    const ended = await signIn("alice");
    await management.removeSessions({ subjectId: "alice" });
    await signIn("alice");
    assert.equal((await signedIn(ended)).sub, "alice");
  });

  test("refuses encrypted tokens with 400", async (t) => {
    const { publicJwk } = await keyPair("RSA-OAEP-256");
    const registered = { idTokenEncryptedResponseAlg: "RSA-OAEP-256", jwks: { keys: [publicJwk] } };
    const { management, signIn, signedIn } = await start(t, { registered });
    const alice = await signIn("alice");
    const { deliveries } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(deliveries.map(outcome), [["failed", 400]]);
    assert.equal((await signedIn(alice)).sub, "alice");
  });

  test("also answers 400 if it can't fetch the provider's keys, so it is not notified again", async (t) => {
    const { management, signIn, takeProviderDown } = await start(t);
    await signIn("alice");
    takeProviderDown();
    const { deliveries } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(deliveries.map(outcome), [["failed", 400]]);
  });
});

describe("express-openid-connect with other settings", () => {
  test("ends only the ended session of a person, with a hook that records only `sid`", async (t) => {
    const hooks = {
      onLogoutToken: ({ iss, sub, sid }, { backchannelLogout }) =>
        backchannelLogout.store.set(`${iss}|${sid ?? sub}`, {}),
    };
    const { management, signIn, signedIn, sessionIdOf } = await start(t, { hooks });
    const [first, second] = [await signIn("alice"), await signIn("alice")];
    await management.removeSessions({ sessionId: await sessionIdOf(first) });
    assert.deepEqual(await signedIn(first), NO_USER);
    assert.equal((await signedIn(second)).sub, "alice");
  });

  test("restores no ended session, because it is notified of each by its `sid`", async (t) => {
    const { management, signIn, signedIn } = await start(t);
    const ended = [await signIn("alice"), await signIn("alice")];
    const { notifications } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(notifications, { ...DELIVERED, delivered: 2 });
    const again = await signIn("alice");
    for (const visitor of ended) {
      assert.deepEqual(await signedIn(visitor), NO_USER);
    }
    assert.equal((await signedIn(again)).sub, "alice");
  });
});
