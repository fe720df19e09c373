/** Errors of the whole console: no connection, no permission, a sign-in that ended, lost parts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";

const NETWORK = /Failed to load resource|dynamically imported module/;
const READER = { actor: "rita", permissions: ["read"] };

const heading = (page) => page.getByRole("heading", { level: 1 });

inBothModes("access", ({ name, open }) => {
  test("a sign-in that ends keeps what is on the screen", () =>
    open({ hash: "#/dashboard" }, async ({ page, fail, mend }) => {
      const tile = page.getByTestId("tile-active").filter({ hasText: "65" });
      await tile.waitFor();
      const place = await tile.boundingBox();
      await fail({ path: ".", kind: "problem", status: 401, code: "not_signed_in" });
      await page.getByTestId("refresh").click();
      const notice = page.getByTestId("lapsed");
      await notice.getByText("Your sign-in ended.").waitFor();
      assert.deepEqual(await tile.boundingBox(), place);
      await assertAccessible(page);
      await notice.getByTestId("retry").click();
      await page.getByText("You still aren't signed in.").waitFor({ state: "attached" });
      await mend();
      await notice.getByTestId("retry").click();
      await notice.waitFor({ state: "detached" });
      await page.getByTestId("live").filter({ hasText: "Live" }).waitFor();
      assert.equal(await tile.count(), 1);
    }));

  test("without `read`, the permitted tasks are within reach", () =>
    open({ actor: { permissions: ["remove"] }, hash: "#/dashboard" }, async ({ page }) => {
      assert.equal(await page.getByTestId("barred").getAttribute("data-obstacle"), "permission");
      await page.getByText("Your account may not list sessions").waitFor();
      await page.getByLabel("User id").fill("bob");
      await page.getByLabel("Session id (optional)").fill("bob-2");
      await assertAccessible(page);
      await assertFits(page);
      await page.getByRole("button", { name: "End the session…" }).click();
      await page.getByTestId("end-effect").getByText("Ends 1 session of").waitFor();
      await page.getByTestId("end-button").click();
      await page.getByTestId("end-report").getByText("Ended 1 session of").waitFor();
    }));

  test("an unknown screen is corrected, visibly", () =>
    open({ hash: "#/nonsense" }, async ({ page }) => {
      assert.match(await page.getByTestId("corrected").textContent(), /no screen `nonsense`/);
      assert.equal(new URL(page.url()).hash, "#/sessions");
      await page.getByTestId("corrected").getByRole("button").click();
      assert.equal(await page.getByTestId("corrected").count(), 0);
    }));

  test("a part that doesn't arrive leaves a notice, not a blank page", () =>
    open({ expectedErrors: NETWORK }, async ({ page }) => {
      await page.route("**/assets/Dashboard-*.js", (route) => route.fulfill({ status: 404 }));
      await page.getByRole("link", { name: "Dashboard" }).click();
      await page.getByTestId("fault").getByRole("button", { name: "Reload" }).waitFor();
      await assertAccessible(page);
      await page.getByRole("link", { name: "Sessions", exact: true }).click();
      await page.getByTestId("fault").waitFor({ state: "detached" });
    }));

  test("an error in a screen leaves a notice, not a blank page", () =>
    open({ expectedErrors: /the screen broke/ }, async ({ page }) => {
      await page.route("**/assets/Dashboard-*.js", (route) =>
        route.fulfill({
          contentType: "text/javascript",
          body: `export default () => { throw new Error("the screen broke"); };`,
        }),
      );
      await page.getByRole("link", { name: "Dashboard" }).click();
      await page.getByText('The screen "Dashboard" failed.').waitFor();
      await assertAccessible(page);
      await page.getByRole("link", { name: "Sessions", exact: true }).click();
      await page.getByTestId("fault").waitFor({ state: "detached" });
    }));

  if (name === "browser") return;

  test("401 offers the sign-in page, which comes back here", () =>
    open({ expectedErrors: NETWORK }, async ({ page, provider }) => {
      provider.become(false);
      await page.goto(`${provider.url}?again#/sessions?search=Bob`);
      const link = page.getByRole("link", { name: "Sign in" });
      const back = encodeURIComponent("/admin/?again#/sessions?search=Bob");
      assert.equal(await link.getAttribute("href"), `/sign-in?return=${back}`);
      await assertAccessible(page);
      await page.setViewportSize({ width: 360, height: 740 });
      await assertFits(page);
    }));

  test("an access token stays in memory", () =>
    open({ expectedErrors: NETWORK }, async ({ page, provider }) => {
      provider.become((request) =>
        request.headers.get("authorization") === "Bearer good.token" ? READER : false,
      );
      await page.reload();
      const field = page.getByLabel("Access token");
      await field.fill("two words");
      await field.press("Enter");
      await page.getByText("This is no access token.").waitFor();
      await field.fill("bad.token");
      await field.press("Enter");
      await page.getByText("The server didn't accept this token.").waitFor();
      await field.fill("good.token");
      await field.press("Enter");
      await page.getByRole("navigation", { name: "Screens" }).waitFor();
      const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
      assert.doesNotMatch(kept, /good\.token/);
      await page.reload();
      await field.waitFor();
    }));

  test("403 names the permissions, and offers another sign-in", () =>
    open({ expectedErrors: NETWORK }, async ({ page, provider }) => {
      provider.become(false);
      await page.reload();
      await page.getByRole("link", { name: "Sign in" }).waitFor();
      provider.become("forbidden");
      await page.getByTestId("retry").click();
      await page.getByText("end the sessions of a user").waitFor();
      await page.getByRole("link", { name: "Sign in as someone else" }).waitFor();
      await assertAccessible(page);
    }));

  for (const [what, status, contentType, body, title] of [
    [
      "the database",
      503,
      "application/problem+json",
      { code: "store_failed", detail: "x" },
      /database/,
    ],
    ["a proxy", 502, "text/html", {}, /server doesn't answer/],
  ]) {
    test(`is tried again by itself when ${what} answers`, () =>
      open({ expectedErrors: NETWORK }, async ({ page, provider }) => {
        const answer = { status, contentType, body: JSON.stringify(body) };
        await page.route("**/v1/me", (route) => route.fulfill(answer), { times: 1 });
        await page.goto(`${provider.url}?again#/dashboard`);
        await heading(page).filter({ hasText: title }).waitFor();
        await page.getByText("Trying again in").waitFor();
        await assertAccessible(page);
        await page.getByTestId("tile-active").waitFor({ timeout: 8_000 });
      }));
  }

  test("something else than the API leads to the demo", () =>
    open({ expectedErrors: NETWORK }, async ({ page, provider }) => {
      await page.route("**/v1/me", (route) =>
        route.fulfill({ contentType: "text/html", body: "<h1>Hello</h1>" }),
      );
      await page.goto(`${provider.url}?again#/activity`);
      await heading(page).filter({ hasText: "There is no admin API here" }).waitFor();
      await page.getByRole("link", { name: "Open the demo" }).click();
      await page.getByText("Demo", { exact: true }).waitFor();
      assert.equal(new URL(page.url()).hash, "#/activity");
    }));
});
