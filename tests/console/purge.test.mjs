/** Ending many sessions: preview, confirmation, batches, and what happens if they fail. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";

/** More than 60 sessions in the world of the tests. */
const HASH = "#/purge?state=active";

inBothModes("the purge", ({ name, open }) => {
  test("shows the preview with focus on its count, and ends nothing before the count is typed", () =>
    open({ hash: HASH }, async ({ page, calls }) => {
      const count = await previewed(page);
      assert.ok(count > 10);
      await assertFocus(page, "purge-count");
      assert.match(await page.locator("main").innerText(), /all active sessions/);
      assert.match(
        await page.getByRole("link", { name: "Show them in the list" }).getAttribute("href"),
        /^#\/sessions\?.*state=active/,
      );
      const button = page.getByTestId("confirm-purge");
      assert.equal(await button.textContent(), `End ${count} sessions`);
      assert.ok(await button.isDisabled());
      await page.getByTestId("confirm-count").fill(String(count - 1));
      assert.ok(await button.isDisabled());
      await page.getByTestId("confirm-count").fill(` ${count}`);
      assert.ok(await button.isEnabled());
      assert.equal((await purges(calls)).length, 0);
    }));

  test("says what goes with the sessions, and which other clients are signed out", () =>
    open({ hash: "#/purge?clientId=shop&state=active" }, async ({ page, calls }) => {
      await previewed(page);
      const effects = page.getByTestId("purge-effects");
      await effects.getByText("Revokes 2 tokens and sends 35 notifications.").waitFor();
      await effects
        .getByText(/^Not only shop: 2 of these sessions are .* web \(2\) and payroll \(1\)\.$/)
        .waitFor();
      assert.equal((await purges(calls)).length, 0);
      await page.getByLabel("Revoke their tokens").uncheck();
      await effects.getByText(/^Sends 35 notifications\.$/).waitFor();
      await page.getByLabel("Notify clients").uncheck();
      await effects.getByText("No token is revoked and no client is notified.").waitFor();
      // The list's sessions of other clients aren't all shop's.
      await page.goto(page.url().replace(/#.*/, HASH));
      await effects.getByText(/^Clients of these sessions: shop \(32\), wiki \(30\)/).waitFor();
    }));

  test("runs in at least ten batches, each with the token of the one before", () =>
    open({ hash: HASH }, async ({ page, calls }) => {
      const count = await previewed(page);
      await confirm(page, count);
      await page.getByTestId("purge-done").waitFor();
      await assertFocus(page, "purge-done");
      assert.equal(await page.getByTestId("purge-done").textContent(), `${count} sessions ended`);
      const batches = await purges(calls);
      assert.ok(batches.length >= 9, `${batches.length} batches`);
      assert.equal(new Set(batches.map(({ body }) => body.confirmToken)).size, batches.length);
      assert.ok(batches.every(({ body }) => body.limit === Math.ceil(count / 10)));
      assert.ok(await page.getByTestId("deliveries").isVisible());
      await page.goto(page.url().replace(/#.*/, HASH));
      await page.reload();
      assert.match(
        await page.getByTestId("purge-count").textContent(),
        /^0 sessions match|Counting/,
      );
    }));

  test("stops after a batch, says what is left, and continues", () =>
    open({ hash: HASH }, async ({ page, fail, mend }) => {
      const count = await previewed(page);
      await fail({ path: "purge", kind: "slow", delay: 400 });
      await confirm(page, count);
      await page.getByTestId("stop-purge").click();
      const stand = page.getByTestId("purge-counts");
      await stand.getByText(/ended, .* left/).waitFor();
      const [ended, left] = numbersIn(await stand.textContent());
      assert.equal(ended + left, count);
      assert.equal(ended, Math.ceil(count / 10));
      await assertFocus(page, "purge-counts");
      await assertAccessible(page);
      await mend();
      await page.getByTestId("continue-purge").click();
      await page.getByTestId("purge-done").waitFor();
      assert.equal(await page.getByTestId("purge-done").textContent(), `${count} sessions ended`);
    }));

  test("keeps the numbers after a failed batch, and continues with the same token", () =>
    open({ hash: HASH }, async ({ page, calls, fail }) => {
      const count = await previewed(page);
      await fail({
        path: "purge",
        kind: "problem",
        code: "store_failed",
        status: 503,
        times: 1,
      });
      await confirm(page, count);
      await page.getByRole("alert").getByText("The database doesn't answer.").waitFor();
      assert.match(await page.getByRole("alert").innerText(), /no session is ended twice/);
      await assertFocus(page, "purge-counts");
      await page.getByTestId("continue-purge").click();
      await page.getByTestId("purge-done").waitFor();
      assert.equal(await page.getByTestId("purge-done").textContent(), `${count} sessions ended`);
      const [first, second] = await purges(calls);
      assert.equal(first.body.confirmToken, second.body.confirmToken);
    }));

  test("says that the result of a batch without an answer is unknown, and previews again", () =>
    open({ hash: HASH }, async ({ page, calls, fail }) => {
      const count = await previewed(page);
      await fail({ path: "purge", kind: "lost", times: 1 });
      await confirm(page, count);
      const lost = Math.ceil(count / 10);
      await page.getByTestId("purge-lost").waitFor();
      assert.match(
        await page.getByTestId("purge-lost").textContent(),
        new RegExp(`Up to ${lost} `),
      );
      assert.equal(await page.getByTestId("continue-purge").count(), 0);
      assert.equal((await purges(calls)).length, 1);
      await page.getByRole("button", { name: "Preview again" }).click();
      await page
        .getByTestId("purge-count")
        .getByText(`${count - lost} sessions match`)
        .waitFor();
      await assertFocus(page, "purge-count");
      assert.match(
        await page.getByTestId("ended-before").textContent(),
        new RegExp(`up to ${lost} in a batch whose result is unknown`),
      );
    }));

  test("shows a new preview if the token is stale, with what was ended before", () =>
    open({ hash: HASH }, async ({ page, fail, mend }) => {
      const count = await previewed(page);
      await fail({ path: "purge", kind: "slow", delay: 300 });
      await confirm(page, count);
      await page.getByTestId("stop-purge").click();
      await page.getByTestId("continue-purge").waitFor();
      await mend();
      await fail({
        path: "purge",
        kind: "problem",
        code: "confirm_token_stale",
        status: 409,
        times: 1,
      });
      await page.getByTestId("continue-purge").click();
      await page.getByTestId("ended-before").waitFor();
      const ended = Math.ceil(count / 10);
      assert.match(
        await page.getByTestId("ended-before").textContent(),
        new RegExp(`^${ended} sessions? w.* ended before`),
      );
      await page
        .getByTestId("purge-count")
        .getByText(`${count - ended} sessions match`)
        .waitFor();
      assert.equal(await page.getByTestId("confirm-count").inputValue(), "");
    }));

  test("links to the sign-in, which comes back to this preview", () =>
    open({ hash: HASH }, async ({ page, fail }) => {
      const count = await previewed(page);
      await fail({
        path: "purge",
        kind: "problem",
        code: "step_up_required",
        status: 401,
        signIn: "/sign-in?return={return}",
        times: 1,
      });
      await confirm(page, count);
      const link = page.getByRole("alert").getByRole("link", { name: "Sign in" });
      const target = new URL(await link.getAttribute("href"), page.url());
      const { pathname, search, hash } = new URL(page.url());
      assert.equal(target.searchParams.get("return"), `${pathname}${search}${hash}`);
      assert.match(
        await page.getByTestId("purge-counts").textContent(),
        new RegExp(`${count} left`),
      );
    }));

  test("says so in its heading if the sessions can't be counted before a new sign-in", () =>
    open({ hash: "#/deliveries" }, async ({ page, fail }) => {
      const refusal = { code: "step_up_required", status: 401, signIn: "/in?to={return}" };
      await fail({ path: "purge", kind: "problem", ...refusal, times: 1 });
      await page.evaluate((hash) => location.assign(hash), HASH);
      await page.getByRole("alert").getByRole("link", { name: "Sign in" }).waitFor();
      const heading = page.getByTestId("purge-count");
      assert.equal(await heading.textContent(), "Sign in again to see what would end");
      await fail({ path: "purge", kind: "problem", code: "store_failed", status: 503, times: 1 });
      await page.getByRole("alert").getByRole("button").click();
      await heading.getByText("The sessions weren't counted").waitFor();
    }));

  test("asks for a new preview with each option, and sends only what differs", () =>
    open({ hash: HASH, requireReason: true }, async ({ page, calls }) => {
      const count = await previewed(page);
      const before = (await previews(calls)).length;
      await page.getByLabel("Revoke their tokens").uncheck();
      await page.waitForFunction(
        (before) =>
          globalThis.rollcallCalls.filter(
            ({ path, body }) => path === "sessions/purge" && body.confirmToken === undefined,
          ).length > before,
        before,
      );
      const last = (await previews(calls)).at(-1);
      assert.equal(last.body.revokeTokens, false);
      assert.ok(!("removeServerSideSession" in last.body) && !("includeOwn" in last.body));
      await page.getByTestId("confirm-count").fill(String(count));
      assert.ok(await page.getByTestId("confirm-purge").isDisabled(), "the reason is required");
      await page.getByLabel("Reason").fill("incident 4711");
      await page.getByTestId("confirm-purge").click();
      await page.getByTestId("purge-done").waitFor();
      const [first] = await purges(calls);
      assert.equal(first.body.reason, "incident 4711");
      assert.equal(first.body.revokeTokens, false);
    }));

  test("asks whether every session is meant before the preview of an empty filter", () =>
    open({ hash: "#/purge" }, async ({ page, calls }) => {
      await page.getByTestId("everything").waitFor();
      assert.equal((await previews(calls)).length, 0);
      await assertAccessible(page);
      await page.getByTestId("everything").click();
      await previewed(page);
      await assertFocus(page, "purge-count");
      assert.equal((await previews(calls)).at(-1).body.everything, true);
      assert.match(await page.locator("main").innerText(), /Your own session stays/);
    }));

  test("doesn't preview a filter of which a part was left out", () =>
    open({ hash: "#/purge?state=active&clientIdd=shop" }, async ({ page, calls }) => {
      await page.getByTestId("corrections").getByText("clientIdd").waitFor();
      assert.equal((await previews(calls)).length, 0);
      await page.getByRole("button", { name: "Preview without them" }).click();
      await previewed(page);
    }));

  test("stops if the user leaves the page, says so, and can be continued", () =>
    open({ hash: HASH }, async ({ page, calls, fail, mend }) => {
      const count = await previewed(page);
      await fail({ path: "purge", kind: "slow", delay: 500 });
      await confirm(page, count);
      await page.getByTestId("stop-purge").waitFor();
      await page.getByRole("navigation").getByRole("link", { name: "Deliveries" }).click();
      const notice = page.getByTestId("left-purge");
      await notice.getByText("has stopped").waitFor();
      const batches = (await purges(calls)).length;
      assert.equal(batches, 1);
      await mend();
      await notice.getByRole("link", { name: "Back to it" }).click();
      await page.getByTestId("continue-purge").waitFor();
      assert.equal(await notice.count(), 0);
      await page.getByTestId("continue-purge").click();
      await page.getByTestId("purge-done").waitFor();
      assert.equal(await page.getByTestId("purge-done").textContent(), `${count} sessions ended`);
    }));

  test("leads back to a stopped purge, also after a reload, and continues it", () =>
    open({ hash: HASH }, async ({ page, calls, fail, mend }) => {
      const count = await previewed(page);
      await fail({ path: "purge", kind: "slow", delay: 400 });
      await confirm(page, count);
      await page.getByTestId("stop-purge").click();
      await page.getByTestId("continue-purge").waitFor();
      assert.match(page.url(), /#\/purge\/1\?state=active$/);
      const { confirmToken } = (await purges(calls)).at(-1).body;
      await page.reload();
      const left = count - Math.ceil(count / 10);
      await page.getByTestId("purge-counts").getByText(`${left} left`).waitFor();
      assert.equal((await previews(calls)).length, 0);
      await page.getByRole("navigation").getByRole("link", { name: "Activity" }).click();
      await page.getByTestId("recent-purges").getByText("stopped").waitFor();
      await page.reload();
      const link = page.getByTestId("last-purge");
      await link.getByText(`${left} left`).click();
      await page.getByTestId("continue-purge").click();
      await page.getByTestId("purge-done").waitFor();
      assert.notEqual((await purges(calls))[0].body.confirmToken, confirmToken);
      assert.equal(await page.getByTestId("purge-done").textContent(), `${count} sessions ended`);
      await mend();
      // A complete report survives too.
      await page.getByRole("link", { name: "Back to the sessions" }).click();
      await page.reload();
      await link.click();
      assert.equal(await page.getByTestId("purge-done").textContent(), `${count} sessions ended`);
    }));

  test("warns before the page of a running purge closes, and then doesn't know its last batch", () =>
    open({ hash: HASH }, async ({ page, fail }) => {
      const prevented = () =>
        page.evaluate(() => {
          const event = new Event("beforeunload", { cancelable: true });
          dispatchEvent(event);
          return event.defaultPrevented;
        });
      const count = await previewed(page);
      assert.equal(await prevented(), false);
      await fail({ path: "purge", kind: "slow", delay: 60_000 });
      await confirm(page, count);
      await page.getByTestId("stop-purge").waitFor();
      assert.equal(await prevented(), true);
      // The dialog is accepted, as if the user left anyway.
      const { hash } = new URL(page.url());
      const saved = await page.evaluate(() => ({ ...sessionStorage }));
      const other = await page.context().newPage();
      await other.addInitScript((saved) => Object.assign(sessionStorage, saved), saved);
      await other.goto(page.url());
      await other.getByTestId("purge-lost").waitFor();
      assert.equal(new URL(other.url()).hash, hash);
      await other.getByText(/result is unknown. Preview again/).waitFor();
      assert.equal(await other.getByTestId("continue-purge").count(), 0);
    }));

  test("says that a report isn't kept, and shows a preview", () =>
    open({ hash: "#/purge/7?state=active" }, async ({ page }) => {
      await page.getByTestId("corrected").getByText("isn't kept any more").waitFor();
      await previewed(page);
      assert.equal(new URL(page.url()).hash, HASH);
    }));

  test("updates the notifications in the report, and retries the failed ones", () =>
    open({ hash: "#/purge?subjectId=bob" }, async ({ page }) => {
      const count = await previewed(page);
      await confirm(page, count);
      await page.getByTestId("purge-done").waitFor();
      const number = (name) => page.locator("dl > div").filter({ hasText: name }).locator("dd");
      await shows(number("Notifications failed"), "1");
      const failed = page.getByRole("link", { name: "payroll (1)" });
      assert.equal(await failed.getAttribute("href"), "#/deliveries?state=failed&clientId=payroll");
      const row = page.getByTestId("delivery").first();
      await row.getByText("Failed", { exact: true }).waitFor();
      // Without events, the states are read again.
      if (name === "server") await page.getByRole("button", { name: "Pause live updates" }).click();
      await page.getByTestId("retry-failed").click();
      await page
        .locator("[data-testid=delivery][data-state=failed]")
        .waitFor({ state: "detached" });
      await row.and(page.locator("[data-state=delivered]")).waitFor();
      await shows(number("Notifications failed"), "0");
      await shows(number("Notifications pending"), "0");
      await shows(number("Notifications sent"), "6");
      await assertAccessible(page);
    }));

  test("isn't offered without the permission", () =>
    open({ hash: HASH, actor: { permissions: ["read"] } }, async ({ page, calls }) => {
      await page
        .getByText(/may not|permission/)
        .first()
        .waitFor();
      assert.equal((await previews(calls)).length, 0);
    }));

  if (name === "server") {
    test("of another administrator marks rows of the list, which keep their places", () =>
      open({ hash: "#/sessions" }, async ({ page, provider }) => {
        await page.getByTestId("live").filter({ hasText: "Live" }).waitFor();
        const rows = page.getByTestId("session-row");
        await rows.first().waitFor();
        const before = await rows.count();
        const purge = { filter: { clientId: "wiki" }, actor: "carol" };
        const { confirmToken } = await provider.management.purgeSessions(purge);
        await provider.management.purgeSessions({ ...purge, confirmToken });
        const ended = page.getByTestId("ended").filter({ hasText: "ended by carol" });
        await ended.nth(5).waitFor();
        assert.equal(await rows.count(), before);
      }));
  }

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 768, 360]) {
      test(`is accessible and fits, ${colorScheme}, ${width} px`, () =>
        open({ hash: HASH, colorScheme, viewport: { width, height: 740 } }, async ({ page }) => {
          const count = await previewed(page);
          await assertAccessible(page);
          await assertFits(page);
          await page.getByRole("radio", { name: "Only these" }).check();
          await assertAccessible(page);
          await page.getByRole("radio", { name: "All clients" }).check();
          await confirm(page, count);
          await page.getByTestId("purge-done").waitFor();
          await assertAccessible(page);
          await assertFits(page);
        }));
    }
  }
});

/** The count of the preview, after it was shown. */
async function previewed(page) {
  await page.getByTestId("confirm-count").waitFor();
  const [count] = numbersIn(await page.getByTestId("purge-count").textContent());
  return count;
}

async function confirm(page, count) {
  await page.getByTestId("confirm-count").fill(String(count));
  await page.getByTestId("confirm-purge").click();
}

/** Waits until an element has this text. */
async function shows(locator, text) {
  await locator
    .getByText(text, { exact: true })
    .or(locator.filter({ hasText: text }))
    .waitFor();
}

function numbersIn(text) {
  return [...text.matchAll(/[\d,]+\d|\d/g)].map(([digits]) => Number(digits.replaceAll(",", "")));
}

async function assertFocus(page, testId) {
  const focused = await page.evaluate(() => document.activeElement?.dataset?.testid);
  assert.equal(focused, testId);
}

/** The calls that end sessions. */
async function purges(calls) {
  return (await calls()).filter(
    ({ path, body }) =>
      path === "sessions/purge" && body.confirmToken !== undefined && !body.dryRun,
  );
}

async function previews(calls) {
  return (await calls()).filter(
    ({ path, body }) => path === "sessions/purge" && body.confirmToken === undefined,
  );
}
