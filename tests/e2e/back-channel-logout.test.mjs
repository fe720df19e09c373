/**
 * The applications' logout endpoint accepts a logout token of the provider once, and nothing else
 * (OpenID Connect Back-Channel Logout 1.0, section 2.6).
 *
 * @module
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { generateKeyPair, importJWK, SignJWT } from "jose";
import { browserForSuite, withoutChromium } from "../console/support/chromium.mjs";
import { startExample, temporaryFolder } from "./support/example.mjs";
import { expectStatus, signInAtApplication } from "./support/visitor.mjs";

const EVENTS = { "http://schemas.openid.net/event/backchannel-logout": {} };

describe("the logout endpoint of an application", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();
  let data;
  let example;
  let endpoint;
  let providerKey;

  before(async () => {
    data = await temporaryFolder();
    const file = join(data.folder, "sessions.db");
    example = await startExample(file);
    endpoint = `http://127.0.0.1:${new URL(example.notes).port}/backchannel-logout`;
    const { signingKeys } = JSON.parse(await readFile(`${file}.secrets.json`, "utf8"));
    providerKey = { key: await importJWK(signingKeys[0]), kid: signingKeys[0].kid };
  });
  after(async () => {
    await example?.stop();
    await data?.remove();
  });

  const now = () => Math.floor(Date.now() / 1000);

  /** A valid logout token, with the changes of `change`. `undefined` omits a claim. */
  async function logoutToken(
    change = {},
    { key = providerKey.key, kid = providerKey.kid, typ = "logout+jwt" } = {},
  ) {
    const good = {
      iss: example.issuer,
      aud: "notes",
      sub: "alice",
      iat: now(),
      exp: now() + 120,
      jti: randomUUID(),
      events: EVENTS,
    };
    return new SignJWT({ ...good, ...change })
      .setProtectedHeader({ alg: "RS256", kid, typ })
      .sign(key);
  }

  const post = (token) =>
    fetch(endpoint, { method: "POST", body: new URLSearchParams({ logout_token: token }) });

  test("refuses everything except a logout token for this application", () =>
    withPage({}, async (page) => {
      await signInAtApplication(page, example.notes, "alice");
      const foreign = await generateKeyPair("RS256");
      const bad = {
        "another key": logoutToken({}, { key: foreign.privateKey }),
        "an unknown key": logoutToken({}, { key: foreign.privateKey, kid: "unknown" }),
        "another type": logoutToken({}, { typ: "JWT" }),
        "another issuer": logoutToken({ iss: "http://127.0.0.1:1" }),
        "another audience": logoutToken({ aud: "photos" }),
        "no audience": logoutToken({ aud: undefined }),
        expired: logoutToken({ iat: now() - 240, exp: now() - 120 }),
        "no expiry": logoutToken({ exp: undefined }),
        "too old": logoutToken({ iat: now() - 3600, exp: now() + 3600 }),
        "from the future": logoutToken({ iat: now() + 600, exp: now() + 720 }),
        "no issue time": logoutToken({ iat: undefined }),
        "no id": logoutToken({ jti: undefined }),
        "no events": logoutToken({ events: undefined }),
        "another event": logoutToken({ events: { "https://example.com/event": {} } }),
        "an event that is not an object": logoutToken({
          events: { "http://schemas.openid.net/event/backchannel-logout": true },
        }),
        "a nonce": logoutToken({ nonce: "n" }),
        "neither subject nor session": logoutToken({ sub: undefined }),
        "a subject that is not a string": logoutToken({ sub: 7 }),
        "no token": Promise.resolve(""),
        nonsense: Promise.resolve("nonsense"),
      };
      for (const [name, token] of Object.entries(bad)) {
        const response = await post(await token);
        assert.equal(response.status, 400, name);
        assert.equal(response.headers.get("cache-control"), "no-store", name);
        assert.equal((await response.json()).error, "invalid_request", name);
      }
      await page.reload();
      await expectStatus(page, "signed-in");
    }));

  test("accepts a valid one, but not twice", () =>
    withPage({}, async (page) => {
      await signInAtApplication(page, example.notes, "alice");
      const token = await logoutToken();
      assert.equal((await post(token)).status, 204);
      await expectStatus(page, "ended");

      await signInAtApplication(page, example.notes);
      const again = await post(token);
      assert.equal(again.status, 400);
      assert.match((await again.json()).error_description, /used before/);
      await page.reload();
      await expectStatus(page, "signed-in");
    }));

  test("ends only the session of the sid", () =>
    withPage({}, async (page) => {
      await signInAtApplication(page, example.notes, "bob");
      const sid = await page.getByTestId("sid").textContent();
      assert.equal((await post(await logoutToken({ sub: "bob", sid: "another" }))).status, 204);
      await page.reload();
      await expectStatus(page, "signed-in");
      assert.equal((await post(await logoutToken({ sub: "bob", sid }))).status, 204);
      await expectStatus(page, "ended");
    }));
});
