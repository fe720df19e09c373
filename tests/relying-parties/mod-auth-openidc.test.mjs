/**
 * Rollcall's logout tokens at a site on Apache with mod_auth_openidc. People sign in at it with the
 * example identity provider, whose sessions Rollcall stores and ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { importJWK, SignJWT } from "jose";
import { LoopbackServer } from "../../examples/identity-provider/web/server.mjs";
import { messageTo } from "../logout/support.mjs";
import { checkApache, startApache } from "../servers/apache.mjs";
import { freePort, Unavailable } from "../servers/server.mjs";
import { exampleProvider } from "./example-provider.mjs";
import { Visitor } from "./visitor.mjs";

const DELIVERED = { delivered: 1, pending: 0, failed: 0, skipped: 0 };
const NO_USER = { sub: "(none)", sid: "(none)" };

const skip = whyNot();

function whyNot() {
  try {
    checkApache();
    return false;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return error.message;
  }
}

/**
 * Starts the provider and the site for one test.
 *
 * @param {object} [options] `registered`: further members of the client's registration with
 *   Rollcall; `ahead`: how far its clock is ahead, in milliseconds
 */
async function start(t, { registered = {}, ahead = 0 } = {}) {
  const providerServer = await LoopbackServer.listen(0);
  t.after(() => providerServer.close());
  const issuer = `http://127.0.0.1:${providerServer.port}`;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const client = {
    clientId: "apache",
    name: "Apache",
    origin,
    redirectUri: `${origin}/callback`,
    backChannelLogoutUri: `${origin}/callback?logout=backchannel`,
  };
  const clientSecret = "of the site";
  const { provider, management, signingKeys } = await exampleProvider({
    issuer,
    client,
    clientSecret,
    registered,
    now: () => Date.now() + ahead,
  });
  providerServer.serve(provider.callback());
  const apache = await startApache({ issuer, port, clientId: client.clientId, clientSecret });
  t.after(() => apache.stop());

  /** The user that the site shows as signed in with this browser. */
  const signedIn = async (visitor) => JSON.parse((await visitor.open(`${origin}/`)).text);
  return {
    management,
    signedIn,
    signIn: async (username) => {
      const visitor = new Visitor();
      await visitor.signIn(origin, username);
      assert.equal((await signedIn(visitor)).sub, username);
      return visitor;
    },
    /** The id of this browser's session at the provider, which its start page shows. */
    sessionIdOf: async (visitor) =>
      /data-testid="session-id">([^<]+)</.exec((await visitor.open(`${issuer}/`)).text)[1],
    /** A logout token of the provider with these claims. */
    token: async (claims) => {
      const [{ kid, alg, ...jwk }] = signingKeys;
      return new SignJWT({ ...messageTo("").claims, iss: issuer, aud: client.clientId, ...claims })
        .setProtectedHeader({ typ: "logout+jwt", alg, kid })
        .sign(await importJWK(jwk, alg));
    },
    /** Sends a token, and returns the status of the answer. */
    post: async (token) => {
      const body = new URLSearchParams({ logout_token: token });
      return (await fetch(client.backChannelLogoutUri, { method: "POST", body })).status;
    },
  };
}

describe("a site on Apache with mod_auth_openidc", { skip }, () => {
  test("signs a person out whose session ended, and no others", async (t) => {
    const { management, signIn, signedIn, sessionIdOf } = await start(t);
    const [first, second, bob] = [
      await signIn("alice"),
      await signIn("alice"),
      await signIn("bob"),
    ];
    const { notifications, deliveries } = await management.removeSessions({
      sessionId: await sessionIdOf(first),
    });
    assert.deepEqual([notifications, deliveries[0].status], [DELIVERED, 200]);
    assert.deepEqual(await signedIn(first), NO_USER);
    assert.equal((await signedIn(second)).sub, "alice");
    assert.equal((await signedIn(bob)).sub, "bob");
  });

  test("signs a person out everywhere if all sessions end, and no others", async (t) => {
    const { management, signIn, signedIn } = await start(t);
    const alices = [await signIn("alice"), await signIn("alice")];
    const bob = await signIn("bob");
    const { notifications } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(notifications, { ...DELIVERED, delivered: 2 });
    for (const alice of alices) assert.deepEqual(await signedIn(alice), NO_USER);
    assert.equal((await signedIn(bob)).sub, "bob");
  });

  for (const ahead of [1_000, -1_000]) {
    test(`accepts a token of a provider whose clock is ${ahead} ms ahead`, async (t) => {
      const { management, signIn, signedIn } = await start(t, { ahead });
      const alice = await signIn("alice");
      const { notifications } = await management.removeSessions({ subjectId: "alice" });
      assert.deepEqual(notifications, DELIVERED);
      assert.deepEqual(await signedIn(alice), NO_USER);
    });
  }

  test("accepts the same token once", async (t) => {
    const { signIn, signedIn, token, post } = await start(t);
    const alice = await signIn("alice");
    const { sid } = await signedIn(alice);
    const logoutToken = await token({ sub: "alice", sid });
    assert.equal(await post(logoutToken), 200);
    assert.deepEqual(await signedIn(alice), NO_USER);
    assert.equal(await post(logoutToken), 400);
  });

  test("answers 200 to a token with only `sub`, and ends nothing", async (t) => {
    const registered = { backChannelLogoutBy: "subject" };
    const { management, signIn, signedIn } = await start(t, { registered });
    const alice = await signIn("alice");
    const { notifications } = await management.removeSessions({ subjectId: "alice" });
    assert.deepEqual(notifications, DELIVERED);
    assert.equal((await signedIn(alice)).sub, "alice");
  });

  test("refuses a token for another client", async (t) => {
    const { signIn, signedIn, token, post } = await start(t);
    const alice = await signIn("alice");
    const { sid } = await signedIn(alice);
    assert.equal(await post(await token({ sub: "alice", sid, aud: "another" })), 400);
    assert.equal((await signedIn(alice)).sub, "alice");
  });
});
