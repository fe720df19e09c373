/**
 * Rollcall's logout tokens at an application on express-openid-connect. People sign in at it
 * through the example identity provider, whose sessions Rollcall keeps, and Rollcall ends them.
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
const NOBODY = {};

const outcome = ({ state, status }) => [state, status];

async function listen(t) {
  const server = await LoopbackServer.listen(0);
  t.after(() => server.close());
  return server;
}

/**
 * The provider and the application, for one test.
 *
 * @param {object} [options]
 * @param {object} [options.registered] what Rollcall gets to know of the client besides its id and
 *   its logout URI
 * @param {object} [options.hooks] the application's, in the place of express-openid-connect's
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

  /** Who the application says is signed in with this browser. */
  const signedIn = async (visitor) => JSON.parse((await visitor.open(`${origin}/`)).text);
  return {
    issuer,
    management,
    /** From here on the provider answers nobody, but Rollcall sends on. */
    takeProviderDown: () => {
      isProviderDown = true;
    },
    signedIn,
    signIn: async (username, visitor = new Visitor()) => {
      await visitor.signIn(origin, username);
      assert.equal((await signedIn(visitor)).sub, username);
      return visitor;
    },
    /** The id of the session that this browser has at the provider: its start page shows it. */
    sessionIdOf: async (visitor) =>
      /data-testid="session-id">([^<]+)</.exec((await visitor.open(`${issuer}/`)).text)[1],
  };
}

describe("an application on express-openid-connect", () => {
  test("reads from the provider's metadata that it does back-channel logout, and that with `sid`", async (t) => {
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
    assert.deepEqual(await signedIn(alice), NOBODY);
    assert.equal((await signedIn(bob)).sub, "bob");
  });

  for (const [name, registered, namesSessions] of [
    ["a token for each", {}, true],
    ["one token with `sub` alone", { backChannelLogoutBy: "subject" }, false],
  ]) {
    test(`signs a person out everywhere, by ${name}, and leaves others signed in`, async (t) => {
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
      assert.deepEqual(await signedIn(first), NOBODY);
      assert.deepEqual(await signedIn(second), NOBODY);
      assert.equal((await signedIn(bob)).sub, "bob");
    });
  }

  test("lets a person sign in again, who then stays signed in", async (t) => {
    const { management, signIn, signedIn } = await start(t);
    const alice = await signIn("alice");
    await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(await signedIn(alice), NOBODY);
    await signIn("alice", alice);
    assert.equal((await signedIn(alice)).sub, "alice");
  });
});

describe("express-openid-connect by itself", () => {
  test("ends all of a person's sessions at the application with one, for it notes `sub` and `sid` each by itself", async (t) => {
    const { management, signIn, signedIn, sessionIdOf } = await start(t);
    const [first, second] = [await signIn("alice"), await signIn("alice")];
    await management.removeSessions({ sessionId: await sessionIdOf(first) });
    assert.deepEqual(await signedIn(first), NOBODY);
    assert.deepEqual(await signedIn(second), NOBODY);
  });

  test("forgets who was signed out by `sub` when the person signs in again, and a session that ended is back", async (t) => {
    const { management, signIn, signedIn } = await start(t, {
      registered: { backChannelLogoutBy: "subject" },
    });
    const ended = await signIn("alice");
    await management.removeSessions({ subjectId: "alice" });
    await signIn("alice");
    assert.equal((await signedIn(ended)).sub, "alice");
  });

  test("takes no encrypted token, and says so with 400", async (t) => {
    const { publicJwk } = await keyPair("RSA-OAEP-256");
    const registered = { idTokenEncryptedResponseAlg: "RSA-OAEP-256", jwks: { keys: [publicJwk] } };
    const { management, signIn, signedIn } = await start(t, { registered });
    const alice = await signIn("alice");
    const { deliveries } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(deliveries.map(outcome), [["failed", 400]]);
    assert.equal((await signedIn(alice)).sub, "alice");
  });

  test("says 400 too where it cannot fetch the provider's keys, and so is not told again", async (t) => {
    const { management, signIn, takeProviderDown } = await start(t);
    await signIn("alice");
    takeProviderDown();
    const { deliveries } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(deliveries.map(outcome), [["failed", 400]]);
  });
});

describe("express-openid-connect told better", () => {
  test("ends the session that ended, and not another one of the person, by a hook that notes `sid` alone", async (t) => {
    const hooks = {
      onLogoutToken: ({ iss, sub, sid }, { backchannelLogout }) =>
        backchannelLogout.store.set(`${iss}|${sid ?? sub}`, {}),
    };
    const { management, signIn, signedIn, sessionIdOf } = await start(t, { hooks });
    const [first, second] = [await signIn("alice"), await signIn("alice")];
    await management.removeSessions({ sessionId: await sessionIdOf(first) });
    assert.deepEqual(await signedIn(first), NOBODY);
    assert.equal((await signedIn(second)).sub, "alice");
  });

  test("has no session back that ended, because it is notified of each by its `sid`", async (t) => {
    const { management, signIn, signedIn } = await start(t);
    const ended = [await signIn("alice"), await signIn("alice")];
    const { notifications } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(notifications, { ...DELIVERED, delivered: 2 });
    const again = await signIn("alice");
    for (const visitor of ended) {
      assert.deepEqual(await signedIn(visitor), NOBODY);
    }
    assert.equal((await signedIn(again)).sub, "alice");
  });
});
