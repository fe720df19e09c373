/** The activity: the events that arrive, and what a reload, a pause and a flood do to them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";

const HASH = "#/activity";

const event = (type, more = {}) => ({ type, at: new Date(), subjectId: "bob", ...more });
const ended = (subjectId, reason) => ({
  subjectId,
  sessionId: "1",
  logoutReason: "terminated",
  actor: "carol",
  reason,
});
const expired = (subjectId) => event("session_expired", { subjectId, sessionId: "1" });

async function isLive(page) {
  await page.getByTestId("live").filter({ hasText: "Live" }).waitFor();
}

inBothModes("the activity", ({ name, open }) => {
  test("says where its events come from, is accessible and fits", () =>
    open({ hash: HASH, viewport: { width: 360, height: 740 } }, async ({ page, provider }) => {
      await isLive(page);
      await page.getByText("audit log has the complete record").waitFor();
      for (const next of [
        expired("bob"),
        event("session_denied"),
        event("admin_denied", {
          subjectId: undefined,
          actor: "mallory",
          permission: "purge",
          route: "POST /v1/sessions/purge",
        }),
      ]) {
        provider?.publish(next);
      }
      if (provider) {
        await page.getByRole("rowheader", { name: "Refused request" }).waitFor();
        await page.getByText("needs the permission to end many sessions").waitFor();
      }
      await assertAccessible(page);
      await assertFits(page);
    }));

  test("corrects an unknown filter, and says so", () =>
    open({ hash: "#/activity?show=ended,nonsense" }, async ({ page }) => {
      assert.match(await page.getByTestId("corrected").textContent(), /`nonsense`/);
      assert.equal(new URL(page.url()).hash, "#/activity?show=ended");
      const chip = page.getByTestId("group-ended");
      assert.equal(await chip.getAttribute("aria-pressed"), "true");
    }));

  if (name === "browser") return;

  test("shows who ended whose session, and why", () =>
    open({ hash: HASH }, async ({ page, provider }) => {
      await isLive(page);
      await provider.management.removeSessions({
        subjectId: "bob",
        actor: "carol",
        reason: "lost laptop",
      });
      await page.getByTestId("event").nth(8).waitFor();
      const ended = page.locator("[data-type=session_removed]");
      assert.equal(await ended.count(), 3);
      assert.match(await ended.first().textContent(), /Session ended.*bob.*carol.*lost laptop/s);
      const failed = page.locator("[data-type=notification_given_up]");
      assert.match(await failed.textContent(), /payroll.*503/s);
      await page.getByTestId("group-ended").click();
      assert.equal(await page.getByTestId("event").count(), 3);
      await ended.first().getByRole("link").first().click();
      await page.waitForURL(/#\/sessions\?subjectId=bob$/);
    }));

  test("a pause stops the stream once, and nothing is lost", () =>
    open({ hash: HASH }, async ({ page, provider, calls }) => {
      await isLive(page);
      provider.publish(expired("before"));
      await page.getByTestId("event").waitFor();
      await page.getByTestId("pause").click();
      provider.publish(expired("during-1"));
      provider.publish(expired("during-2"));
      await page.waitForTimeout(500);
      assert.equal(await page.getByTestId("event").count(), 1);
      await page.getByTestId("pause").click();
      await page.getByText("2 events happened during the pause.").waitFor();
      await page.getByTestId("event").nth(2).waitFor();
      assert.equal(await page.getByTestId("event").count(), 3);
      const streams = (await calls()).filter(({ path }) => path.startsWith("events"));
      assert.equal(streams.length, 2);
      assert.match(streams[1].path, /lastEventId=/);
    }));

  test("a reload keeps the events, and continues after them", () =>
    open({ hash: HASH }, async ({ page, provider }) => {
      await isLive(page);
      provider.publish(expired("before"));
      await page.getByTestId("event").waitFor();
      const { url } = provider;
      await page.goto(`${url}icon.svg`);
      provider.publish(expired("during"));
      await page.goto(`${url}${HASH}`);
      await page.getByTestId("event").nth(1).waitFor();
      assert.match(await page.getByTestId("event").first().textContent(), /during/);
      assert.equal(await page.getByTestId("gap").count(), 0);
    }));

  test("says where events are missing", () =>
    open({ hash: HASH }, async ({ page, provider }) => {
      await isLive(page);
      provider.publish(expired("before"));
      await page.getByTestId("event").waitFor();
      await page.goto(`${provider.url}icon.svg`);
      // The server keeps the last 1,000.
      for (let number = 0; number < 1_100; number++) provider.publish(expired(`lost-${number}`));
      await page.goto(`${provider.url}${HASH}`);
      await page.getByTestId("gap").waitFor();
      assert.equal(await page.getByTestId("event").count(), 1);
    }));

  test("stays usable with a thousand events a second", () =>
    open({ hash: HASH }, async ({ page, provider }) => {
      await isLive(page);
      let number = 0;
      const flood = setInterval(() => {
        for (let each = 0; each < 20; each++) provider.publish(expired(`user-${number++}`));
      }, 20);
      try {
        await page.getByTestId("more").waitFor();
        const began = Date.now();
        await page.getByTestId("group-refused").click();
        await page.getByText("No event of this type so far.").waitFor();
        assert.ok(Date.now() - began < 2_000, `it took ${Date.now() - began} ms`);
        await page.getByRole("button", { name: "All" }).click();
        await page.waitForTimeout(1_000);
        assert.equal(await page.getByTestId("event").count(), 200);
      } finally {
        clearInterval(flood);
      }
    }));

  test("keeps other events when one purge causes thousands, and shows them as one line", () =>
    open({ hash: HASH }, async ({ page, provider }) => {
      await isLive(page);
      provider.publish(event("admin_denied", { actor: "mallory", route: "GET /v1/sessions" }));
      provider.publish(event("session_removed", { ...ended("bob", "lost laptop"), actor: "dave" }));
      const count = 2_849;
      for (let number = 0; number < count; number++) {
        provider.publish(event("session_removed", ended(`user-${number}`, "leaver")));
        const notified = { clientId: "shop", id: `${number}`, attempts: 1, duration: 1 };
        provider.publish(event("notification_delivered", notified));
        provider.publish(event("session_created", { sessionId: `${number}` }));
        // The server keeps the last 1,000 for slow readers.
        if (number % 100 === 99) await page.waitForTimeout(50);
      }
      const summary = page.getByTestId("summary").filter({ hasText: "2,849 sessions ended" });
      await summary.waitFor();
      assert.match(await summary.textContent(), /carol.*leaver/s);
      await page.getByTestId("summary").filter({ hasText: "2,849 notifications" }).waitFor();
      await page.getByTestId("group-ended").click();
      assert.match(await page.getByTestId("group-ended").textContent(), /2,850/);
      assert.match(await page.getByTestId("event").textContent(), /bob.*dave.*lost laptop/s);
      await summary.getByRole("button").click();
      assert.equal(await page.getByTestId("member").count(), 100);
      await page.getByText("Shown are the newest 100 of 2,849.").waitFor();
      await assertAccessible(page);
      await page.reload();
      await summary.waitFor();
      await page.getByTestId("group-ended").click();
      await page.locator("[data-type=admin_denied]").waitFor();
    }));

  test("lets new events wait while the user reads", () =>
    open({ hash: HASH }, async ({ page, provider }) => {
      await isLive(page);
      provider.publish(expired("first"));
      await page.getByTestId("event").hover();
      provider.publish(expired("second"));
      await page.getByTestId("waiting").waitFor();
      assert.equal(await page.getByTestId("event").count(), 1);
      await page.getByTestId("waiting").click();
      assert.match(await page.getByTestId("event").first().textContent(), /second/);
      // A summary doesn't replace rows that the user reads.
      await page.mouse.move(0, 0);
      provider.publish(event("session_removed", ended("user-0")));
      await page.getByTestId("event").nth(2).waitFor();
      await page.getByTestId("event").first().hover();
      for (let number = 1; number < 15; number++) {
        provider.publish(event("session_removed", ended(`user-${number}`)));
      }
      await page.getByTestId("waiting").getByText("Show 14 new events").waitFor();
      assert.equal(await page.getByTestId("event").count(), 3);
      await page.getByTestId("waiting").click();
      await page.getByTestId("summary").getByText("15 sessions ended").waitFor();
      assert.equal(await page.getByTestId("event").count(), 2);
    }));

  test("continues when the server closes the stream", () =>
    open(
      { hash: HASH, expectedErrors: /ERR_INCOMPLETE_CHUNKED_ENCODING/ },
      async ({ page, provider }) => {
        await isLive(page);
        provider.publish(expired("before"));
        await page.getByTestId("event").waitFor();
        provider.disconnect();
        provider.publish(expired("after"));
        await page.getByTestId("event").nth(1).waitFor();
      },
    ));
});
