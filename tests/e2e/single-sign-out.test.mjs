/**
 * The main use: a person signs in at two applications, an administrator ends the session, and both
 * applications sign the person out.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { browserForSuite, withoutChromium } from "../console/support/chromium.mjs";
import { startExample, temporaryFolder } from "./support/example.mjs";
import {
  beginSignIn,
  callAdminApi,
  expectStatus,
  sessionsOf,
  signInAtApplication,
  signInAtProvider,
  useTokens,
} from "./support/visitor.mjs";

describe("single sign-out", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();
  let data;
  let example;

  before(async () => {
    data = await temporaryFolder();
    example = await startExample(join(data.folder, "sessions.db"));
  });
  after(async () => {
    await example?.stop();
    await data?.remove();
  });

  /** Runs `use` with one page in each of two browsers: a person's and the administrator's. */
  const withTwo = (use) =>
    withPage({}, (person) => withPage({}, (administrator) => use(person, administrator)));

  test("a session that an administrator ends also ends at both applications", () =>
    withTwo(async (notes, admin) => {
      await signInAtApplication(notes, example.notes, "alice");
      const photos = await notes.context().newPage();
      await signInAtApplication(photos, example.photos);
      assert.equal(await photos.getByTestId("subject").textContent(), "alice");
      const sids = [
        await notes.getByTestId("sid").textContent(),
        await photos.getByTestId("sid").textContent(),
      ];
      assert.notEqual(sids[0], sids[1], "both applications have the same sid");
      assert.match(await useTokens(notes, "refresh"), /new tokens/);
      assert.match(await useTokens(photos, "userinfo"), /"sub":"alice"/);

      await signInAtProvider(admin, example.issuer, "carol");
      await admin.goto(example.console);
      await admin.getByRole("navigation").getByRole("link", { name: "Sessions" }).waitFor();
      const [session, ...others] = await sessionsOf(admin, "alice");
      assert.deepEqual([session.displayName, others], ["Alice Liddell", []]);

      const { sessionId } = session;
      const { body: report } = await callAdminApi(admin, "sessions/remove", { sessionId });
      assert.deepEqual(report.deliveries.map(({ clientId, state }) => [clientId, state]).sort(), [
        ["notes", "delivered"],
        ["photos", "delivered"],
      ]);

      await expectStatus(notes, "ended");
      await expectStatus(photos, "ended");
      assert.match(await useTokens(notes, "refresh"), /refused: invalid_grant/);
      assert.match(await useTokens(photos, "userinfo"), /refused: invalid_token/);

      await beginSignIn(photos, example.photos);
      await photos.getByTestId("password").waitFor();
      assert.equal(new URL(photos.url()).origin, example.issuer);
      await notes.goto(`${example.issuer}/`);
      assert.match(await notes.locator("h1").textContent(), /nobody/i);
    }));

  test("one of two sessions of a subject ends, and the other stays active", () =>
    withTwo((ended, admin) =>
      withPage({}, async (other) => {
        await signInAtApplication(ended, example.notes, "alice");
        await signInAtApplication(other, example.notes, "alice");
        await signInAtProvider(admin, example.issuer, "carol");
        await ended.goto(`${example.issuer}/`);
        const sessionId = await ended.getByTestId("session-id").textContent();

        const { body: report } = await callAdminApi(admin, "sessions/remove", { sessionId });
        assert.equal(report.sessionsRemoved, 1);
        assert.deepEqual(
          report.deliveries.map(({ clientId, state, status }) => ({ clientId, state, status })),
          [{ clientId: "notes", state: "delivered", status: 204 }],
        );
        await ended.goto(`${example.notes}/`);
        await expectStatus(ended, "ended");
        assert.match(await useTokens(other, "refresh"), /new tokens/);
        await expectStatus(other, "signed-in");
      }),
    ));

  test("all sessions of a subject end, each with a token with its sid, and consents are revoked", () =>
    withTwo((first, admin) =>
      withPage({}, async (second) => {
        await signInAtApplication(first, example.photos, "bob");
        await signInAtApplication(second, example.photos, "bob");
        await signInAtProvider(admin, example.issuer, "carol");

        const { body: report } = await callAdminApi(admin, "sessions/remove", { subjectId: "bob" });
        assert.equal(report.sessionsRemoved, 2);
        assert.equal(report.consentsRevoked, 1);
        assert.deepEqual(
          report.deliveries.map(({ clientId, state }) => [clientId, state]),
          [
            ["photos", "delivered"],
            ["photos", "delivered"],
          ],
        );
        assert.equal(new Set(report.deliveries.map(({ sessionId }) => sessionId)).size, 2);
        await expectStatus(first, "ended");
        await expectStatus(second, "ended");

        await beginSignIn(first, example.photos);
        await first.getByTestId("username").fill("bob");
        await first.getByTestId("password").fill("christmas");
        await first.getByTestId("submit").click();
        await first.getByTestId("allow").waitFor();
      }),
    ));

  test("revoked tokens are refused even while the session is active", () =>
    withTwo(async (person, admin) => {
      await signInAtApplication(person, example.notes, "bob");
      await signInAtProvider(admin, example.issuer, "carol");
      const before = await sessionsOf(admin, "bob");
      const { body: report } = await callAdminApi(admin, "sessions/remove", {
        subjectId: "bob",
        removeServerSideSession: false,
        sendBackchannelLogoutNotification: false,
        revokeConsents: false,
      });
      assert.equal(report.sessionsRemoved, 0);
      assert.ok(
        report.tokensRevoked >= 2,
        `an access token and a refresh token at least, not ${report.tokensRevoked}`,
      );

      assert.match(await useTokens(person, "refresh"), /refused: invalid_grant/);
      assert.match(await useTokens(person, "userinfo"), /refused: invalid_token/);
      await expectStatus(person, "signed-in");
      assert.equal((await sessionsOf(admin, "bob")).length, before.length);
    }));

  test("only Rollcall's cookie decides who is signed in", () =>
    withPage({}, async (page) => {
      await signInAtApplication(page, example.notes, "alice");
      const sid = await page.getByTestId("sid").textContent();
      await page.context().clearCookies({ name: /^_session/ });
      await page.getByTestId("sign-out").click();
      await signInAtApplication(page, example.notes);
      assert.equal(await page.getByTestId("sid").textContent(), sid, "the session is another one");
      assert.match(await useTokens(page, "refresh"), /new tokens/);

      await page.context().clearCookies({ name: "rollcall" });
      await beginSignIn(page, example.photos);
      await page.getByTestId("password").waitFor();
    }));

  test("signing out at the provider signs out at the applications", () =>
    withPage({}, async (page) => {
      await signInAtApplication(page, example.notes, "alice");
      const provider = await page.context().newPage();
      await provider.goto(`${example.issuer}/`);
      await provider.getByTestId("sign-out").click();
      await expectStatus(page, "ended");
      await beginSignIn(page, example.notes);
      await page.getByTestId("password").waitFor();
    }));

  test("signing in as another person ends the browser's previous session", () =>
    withTwo(async (page, admin) => {
      await signInAtApplication(page, example.notes, "alice");
      await signInAtProvider(admin, example.issuer, "carol");
      const provider = await page.context().newPage();
      await provider.goto(`${example.issuer}/`);
      const before = await provider.getByTestId("session-id").textContent();

      await signInAtProvider(provider, example.issuer, "bob");
      assert.equal(await provider.getByTestId("signed-in-as").textContent(), "Bob Cratchit");
      await expectStatus(page, "ended");
      const left = await sessionsOf(admin, "alice");
      assert.ok(!left.some(({ sessionId }) => sessionId === before));
    }));
});
