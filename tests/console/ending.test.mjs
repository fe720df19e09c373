/** The end dialog: the dry run, the choices, the call and its report. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";
import { shows } from "./support/waiting.mjs";
import { OWN } from "./support/world.mjs";

const BOB = "#/sessions/bob-3?subjectId=bob";
const MINE = `#/sessions/${OWN.sessionId}?subjectId=${OWN.subjectId}`;

/** Opens the end dialog from the drawer of a session. */
async function begin(page, button) {
  await page
    .getByTestId("session-drawer")
    .getByRole("button", { name: button, exact: true })
    .click();
  await page.getByTestId("end-effect").waitFor();
  return parts(page);
}

function parts(page) {
  return {
    effect: page.getByTestId("end-effect"),
    button: page.getByTestId("end-button"),
    dialog: page.getByTestId("end-dialog"),
    report: page.getByTestId("end-report"),
  };
}

/** Fails if rows overlap, or a part of a row is outside of it. */
async function assertApart(rows) {
  const overlaps = await rows.evaluateAll((rows) => {
    const boxes = rows.map((row) => row.getBoundingClientRect());
    const touching = boxes.flatMap(({ bottom }, index) => {
      const below = boxes[index + 1];
      return below !== undefined && below.top < bottom - 0.5 ? [`row ${index}`] : [];
    });
    const outside = rows.flatMap((row, index) =>
      [...row.children]
        .map((cell) => cell.getBoundingClientRect())
        .filter(({ height, bottom }) => height > 0 && bottom > boxes[index].bottom + 0.5)
        .map(() => `a cell of row ${index}`),
    );
    return [...touching, ...outside];
  });
  assert.ok((await rows.count()) > 1);
  assert.deepEqual(overlaps, []);
}

const removals = (calls) => calls.filter(({ path }) => path === "sessions/remove");
const dryRuns = (calls) => removals(calls).filter(({ body }) => body.dryRun);
const ends = (calls) => removals(calls).filter(({ body }) => !body.dryRun);
const deliveries = (page) => page.getByTestId("delivery");

inBothModes("the end dialog", ({ open }) => {
  test("says in a sentence what would end, and changes nothing", () =>
    open({ hash: BOB }, async ({ page, calls }) => {
      const { effect, button } = await begin(page, "End all of Bob Baker's sessions");
      assert.equal(
        await effect.innerText(),
        "Ends 3 sessions of Bob Baker, revokes 2 tokens and 1 consent, and notifies web, shop and payroll.",
      );
      assert.equal(await button.innerText(), "End 3 sessions of Bob Baker");
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Cancel");
      await page.keyboard.press("Enter");
      await button.waitFor({ state: "detached" });
      assert.deepEqual(ends(await calls()), []);
      assert.deepEqual(
        dryRuns(await calls()).map(({ body }) => body),
        [{ subjectId: "bob", dryRun: true }],
      );
    }));

  test("ends one session, and its report is kept up to date after a retry", () =>
    open({ hash: BOB }, async ({ page, calls }) => {
      const { effect, button, report } = await begin(page, "End session");
      await shows(effect, /^Ends 1 session of Bob Baker, revokes 1 token, and notifies/);
      await page.getByRole("textbox", { name: "Reason" }).fill("lost laptop");
      await button.click();
      await report.waitFor();
      await shows(report, /Ended 1 session of Bob Baker and revoked 1 token\./);
      const [{ body }] = ends(await calls());
      assert.deepEqual(body, { subjectId: "bob", sessionId: "bob-3", reason: "lost laptop" });
      await shows(report, /2 clients notified, 1 failed\./);
      const failed = deliveries(page).first();
      await shows(failed, /payroll.*Failed.*503 The client's server failed\./);
      await page.getByRole("button", { name: "Retry payroll" }).click();
      await shows(page.getByTestId("end-counts"), /^3 clients notified\.$/);
      await shows(deliveries(page).first(), /payroll.*Notified 2 200/);
      await page.getByTestId("report-close").click();
      await shows(
        page.getByTestId("session-status"),
        /Ended by avery( Admin)? now .*Reason: lost laptop/i,
      );
    }));

  test("sends what was chosen, and names the act on the button", () =>
    open({ hash: BOB }, async ({ page, calls }) => {
      const { effect, button, report } = await begin(page, "End all of Bob Baker's sessions");
      await page.getByText("Options", { exact: true }).first().click();
      await page.getByLabel("End the sessions").uncheck();
      await shows(button, /^Revoke and notify clients$/);
      await page.getByLabel("Revoke their tokens").uncheck();
      await page.getByLabel("Revoke consents").uncheck();
      await shows(button, /^Notify clients$/);
      await page.getByLabel("Notify clients").uncheck();
      await shows(page.getByTestId("end-preview"), /Nothing is chosen/);
      assert.equal(await button.getAttribute("aria-disabled"), "true");
      await page.getByLabel("Notify clients").check();
      await page.getByLabel("Only these").check();
      await shows(page.getByTestId("end-preview"), /Choose at least one client/);
      await page.getByLabel("shop").check();
      await shows(effect, /^Notifies shop\. The sessions stay active\.$/);
      await shows(
        page.locator("summary"),
        /keeps the sessions, keeps tokens, keeps consents, only shop/,
      );
      await button.click();
      await report.waitFor();
      assert.deepEqual(ends(await calls())[0].body, {
        subjectId: "bob",
        removeServerSideSession: false,
        revokeTokens: false,
        revokeConsents: false,
        clientIds: ["shop"],
      });
      await shows(report, /2 notifications sent\./);
    }));

  test("adds a client that isn't among the sessions", () =>
    open({ hash: BOB }, async ({ page, calls }) => {
      const { effect } = await begin(page, "End all of Bob Baker's sessions");
      await page.getByText("Options", { exact: true }).first().click();
      await page.getByLabel("Only these").check();
      await page.getByLabel("Another client id").fill("crm");
      await page.keyboard.press("Enter");
      await shows(effect, /^Ends 3 sessions of Bob Baker\. No client is notified\.$/);
      assert.deepEqual(dryRuns(await calls()).at(-1).body, {
        subjectId: "bob",
        clientIds: ["crm"],
        dryRun: true,
      });
      assert.equal(await page.getByLabel("crm").isChecked(), true);
    }));

  test("keeps the session that the others are ended from", () =>
    open({ hash: BOB }, async ({ page, calls }) => {
      const { effect, button, report } = await begin(page, "End Bob Baker's other sessions");
      await shows(effect, /^Ends 2 sessions of Bob Baker.* The session that you keep stays\.$/);
      await shows(page.getByTestId("end-notes"), /Consents stay: they belong to the user/);
      await page.getByText("Options", { exact: true }).first().click();
      const consents = page.getByLabel("Revoke consents");
      assert.ok(await consents.isDisabled());
      assert.equal(await consents.isChecked(), false);
      await page.getByText("Ending all sessions of the user revokes them.").waitFor();
      await button.click();
      await report.waitFor();
      assert.deepEqual(ends(await calls())[0].body, {
        subjectId: "bob",
        exceptSessionIds: ["bob-3"],
      });
      await page.getByTestId("report-close").click();
      await shows(page.getByTestId("other-sessions"), /There are no others\./);
      await shows(page.getByTestId("session-status"), /Active/);
    }));

  test("warns before the user's own session ends, and keeps it among others", () =>
    open({ hash: MINE }, async ({ page, calls }) => {
      await begin(page, "End session");
      await shows(
        page.getByTestId("own-warning"),
        /This is your own session\. You will be signed out\./,
      );
      await page.getByRole("button", { name: "Cancel" }).click();
      const { button } = parts(page);
      await page.getByRole("button", { name: /^End all of/ }).click();
      await shows(page.getByTestId("end-preview"), /There is nothing to end/);
      assert.equal(await button.getAttribute("aria-disabled"), "true");
      await page.getByLabel("Keep my own session").uncheck();
      await shows(page.getByTestId("own-warning"), /You will be signed out/);
      await shows(button, /^End session of Avery Admin$/);
      assert.equal(dryRuns(await calls()).at(-1).body.includeOwn, true);
    }));

  test("goes to the sign-in after the user's own session ended", () =>
    open({ hash: MINE, expectedErrors: /401/ }, async ({ page, fail }) => {
      const { button, report } = await begin(page, "End session");
      await button.click();
      await report.waitFor();
      await shows(report, /Closing the report takes you to the sign-in/);
      await fail({ path: ".", kind: "problem", status: 401, code: "not_signed_in", signIn: "/in" });
      await page.getByTestId("report-close").click();
      await shows(page.locator("main"), /signed in/);
    }));

  test("says that a part may be done after a failure, and only the user repeats it", () =>
    open({ hash: BOB }, async ({ page, calls, fail }) => {
      const { button, dialog, report } = await begin(page, "End all of Bob Baker's sessions");
      await fail({ path: "remove", kind: "problem", status: 503, code: "store_failed", times: 1 });
      await button.click();
      await shows(
        dialog,
        /The database doesn't answer.*Some of it may be done\. The same button completes it\./,
      );
      await page.waitForTimeout(1_500);
      assert.equal(ends(await calls()).length, 1);
      await shows(button, /^End 3 sessions of Bob Baker$/);
      await button.click();
      await report.waitFor();
      await shows(report, /Ended 3 sessions of Bob Baker/);
      assert.equal(ends(await calls()).length, 2);
    }));

  test("completes a call whose answer was lost", () =>
    open({ hash: BOB }, async ({ page, fail }) => {
      const { button, dialog, report } = await begin(page, "End all of Bob Baker's sessions");
      await fail({ path: "remove", kind: "lost", times: 1 });
      await button.click();
      await shows(dialog, /The server can't be reached.*Some of it may be done/);
      await shows(dialog, /There is nothing to end/);
      assert.equal(await button.getAttribute("aria-disabled"), "false");
      await button.click();
      await report.waitFor();
      await shows(report, /Nothing had to be changed/);
    }));

  test("can't be closed or sent twice while it runs", () =>
    open({ hash: BOB }, async ({ page, calls, fail }) => {
      const { button, report } = await begin(page, "End session");
      await fail({ path: "remove", kind: "slow", delay: 800, times: 1 });
      await button.dblclick();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      assert.equal(await button.getAttribute("aria-busy"), "true");
      await report.waitFor();
      assert.equal(ends(await calls()).length, 1);
      await page.keyboard.press("Escape");
      await report.waitFor({ state: "detached" });
      await page.getByTestId("session-drawer").waitFor();
    }));

  test("links to the sign-in if it is too old", () =>
    open({ hash: BOB }, async ({ page, fail }) => {
      const { button, dialog } = await begin(page, "End session");
      const refusal = { status: 401, code: "step_up_required", signIn: "/in?to={return}" };
      await fail({ path: "remove", kind: "problem", ...refusal, times: 1 });
      await button.click();
      await shows(dialog, /Your sign-in is too old for this/);
      assert.doesNotMatch(await dialog.innerText(), /may be done/);
      const link = await dialog.getByRole("link", { name: "Sign in" }).getAttribute("href");
      assert.ok(link.endsWith(encodeURIComponent(BOB)), link);
    }));

  test("asks for the reason that the server requires", () =>
    open({ hash: BOB, requireReason: true }, async ({ page, calls }) => {
      const { button, report } = await begin(page, "End session");
      const reason = page.getByRole("textbox", { name: "Reason" });
      assert.equal(await reason.evaluate((field) => field === document.activeElement), true);
      assert.equal(await button.getAttribute("aria-disabled"), "true");
      await button.click({ force: true });
      await reason.fill("lost");
      await reason.press("Enter");
      await reason.press("Control+Enter");
      assert.equal(ends(await calls()).length, 0);
      assert.equal(await button.getAttribute("aria-disabled"), "false");
      await button.click();
      await report.waitFor();
      assert.equal(ends(await calls())[0].body.reason, "lost");
    }));

  test("shows that the dry run failed, and runs it again", () =>
    open({ hash: BOB }, async ({ page, fail }) => {
      await fail({ path: "remove", kind: "problem", status: 503, code: "store_failed", times: 1 });
      await page.getByRole("button", { name: "End session", exact: true }).click();
      await shows(page.getByTestId("end-preview"), /The database doesn't answer/);
      await page.getByTestId("end-preview").getByRole("button", { name: "Try again" }).click();
      await shows(page.getByTestId("end-preview"), /^Ends 1 session/);
    }));

  test("shows hostile names as they are", () =>
    open({ hash: "#/sessions/hostile-1?subjectId=hostile" }, async ({ page }) => {
      const { effect, button, report } = await begin(page, "End session");
      await shows(effect, /Ends 1 session of "><img src=x/);
      await button.click();
      await report.waitFor();
      assert.notEqual(await page.title(), "taken");
    }));

  test("isn't offered without the permission", () =>
    open({ hash: BOB, actor: { permissions: ["read"] } }, async ({ page }) => {
      await page.getByTestId("session-client").first().waitFor();
      const buttons = page.getByTestId("session-drawer").getByRole("button", { name: /^End/ });
      assert.equal(await buttons.count(), 0);
    }));

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      test(`is accessible and fits, ${colorScheme}, ${width} px`, () =>
        open({ hash: BOB, colorScheme, viewport: { width, height: 740 } }, async ({ page }) => {
          const { button, report } = await begin(page, "End all of Bob Baker's sessions");
          await page.getByText("Options", { exact: true }).first().click();
          await page.getByLabel("Only these").check();
          await assertAccessible(page);
          await assertFits(page);
          await page.getByLabel("All clients").check();
          await shows(button, /^End 3 sessions of Bob Baker$/);
          await button.click();
          await report.waitFor();
          await assertAccessible(page);
          await assertFits(page);
          await assertApart(deliveries(page));
        }));
    }
  }
});
