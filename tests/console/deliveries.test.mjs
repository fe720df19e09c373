/** The list of notifications: filters, pages, retries and changes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryContents, memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement } from "../../pkg/entry/node.js";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";
import { world } from "./support/world.mjs";

/** Ends the sessions of others, so that two pages of notifications exist; `shop` rejects them. */
async function ended({ others = 140 } = {}) {
  const stores = memoryStores(await world({ others }));
  const management = new SessionManagement({
    ...stores,
    clients: (clientId) => ({ clientId, backChannelLogoutUri: `https://${clientId}.example/out` }),
    sendLogout: ({ clientId }) =>
      clientId === "shop"
        ? { delivered: false, retry: false, status: 400, error: "the client answered 400: `no`" }
        : { delivered: true, status: 200 },
  });
  const filter = { state: "active" };
  const exceptSessionIds = ["avery-this-browser"];
  const { confirmToken } = await management.purgeSessions({ filter, exceptSessionIds });
  await management.purgeSessions({ filter, exceptSessionIds, confirmToken });
  return memoryContents(stores);
}

const contents = await ended();
const FAILED = "#/deliveries?state=failed";

inBothModes("the deliveries", ({ name, open }) => {
  test("turns pages in the address, forward and back", () =>
    open({ contents, hash: "#/deliveries" }, async ({ page }) => {
      const rows = page.getByTestId("delivery");
      await rows.first().waitFor();
      assert.equal(await rows.count(), 100);
      const count = page.getByTestId("count");
      await count.getByText(/^100 of 1\d\d notifications$/).waitFor();
      const total = Number(/of (\d+)/.exec(await count.textContent())?.[1]);
      const first = await rows.first().getAttribute("data-id");
      await page.getByTestId("next-page").click();
      await differs(rows, first);
      assert.match(page.url(), /after=/);
      await count.getByText(`${total - 100} of ${total} notifications`).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
      await page.goBack();
      await page.locator(`[data-id="${first}"]`).waitFor();
      assert.doesNotMatch(page.url(), /after=/);
    }));

  test("filters by state, client, user and session, and removes each filter", () =>
    open({ contents, hash: "#/deliveries" }, async ({ page, calls }) => {
      const rows = page.getByTestId("delivery");
      await rows.first().waitFor();
      await page.getByRole("link", { name: "Failed", exact: true }).click();
      await page.waitForFunction(() =>
        [...document.querySelectorAll("[data-testid=delivery]")].every(
          (row) => row.dataset.state === "failed",
        ),
      );
      await page.getByLabel("Filter by").selectOption("subjectId");
      await page.getByLabel("User id").fill("bob");
      await page.getByRole("button", { name: "Add filter" }).click();
      const chip = page.getByTestId("filter-chip");
      assert.match(await chip.textContent(), /User: bob/);
      await page.waitForFunction(
        () => document.querySelectorAll("[data-testid=delivery]").length === 2,
      );
      const last = (await calls()).findLast(({ path }) => path.startsWith("deliveries?"));
      assert.match(last.path, /state=failed.*subjectId=bob/);
      await chip.getByRole("link").click();
      await chip.waitFor({ state: "detached" });
      const tag = await page.evaluate(() => document.activeElement?.tagName);
      assert.notEqual(tag, "BODY");
      assert.match(page.url(), /#\/deliveries\?state=failed$/);
    }));

  test("says why a notification failed, and links to its session", () =>
    open({ contents, hash: `${FAILED}&subjectId=bob` }, async ({ page }) => {
      const row = page.getByTestId("delivery").first();
      const text = await row.innerText();
      assert.match(text, /400 The client rejected the notification\./);
      assert.match(text, /the client answered 400: `no`/);
      const link = row.getByRole("link", { name: /^bob-/ });
      assert.match(await link.getAttribute("href"), /^#\/sessions\/bob-\d\?subjectId=bob$/);
    }));

  test("retries one, and updates its row in place", () =>
    open({ contents, hash: `${FAILED}&subjectId=bob` }, async ({ page }) => {
      const row = page.getByTestId("delivery").first();
      await row.waitFor();
      await row.getByRole("button", { name: "Retry the notification to shop" }).click();
      await row.getByText(/Pending|Notified/).waitFor();
      const tag = await page.evaluate(() => document.activeElement?.tagName);
      assert.notEqual(tag, "BODY");
    }));

  test("retries all failed of a client, and says how many", () =>
    open({ contents, hash: "#/deliveries?clientId=shop" }, async ({ page, calls }) => {
      await page.getByTestId("delivery").first().waitFor();
      const button = page.getByTestId("retry-all");
      assert.equal((await button.textContent()).trim(), "Retry all failed of shop");
      await button.click();
      const result = page.getByTestId("retry-result");
      await result.waitFor();
      const retries = (await calls()).filter(({ path }) => path.endsWith("/retry"));
      assert.ok(retries.length > 0);
      assert.equal((await result.textContent()).trim(), `${retries.length} retried`);
    }));

  test("stops retrying at the first failure, and keeps what was retried", () =>
    open({ contents, hash: "#/deliveries?clientId=shop" }, async ({ page, fail }) => {
      await page.getByTestId("delivery").first().waitFor();
      await fail({ path: "/retry$", kind: "problem", code: "too_many_requests", status: 429 });
      await page.getByTestId("retry-all").click();
      await page.getByRole("alert").getByText("Too many requests.").waitFor();
      assert.match(await page.getByTestId("retry-result").textContent(), /0 retried/);
    }));

  test("keeps the rows after a failed refresh, with their age", () =>
    open({ contents, hash: FAILED }, async ({ page, fail, mend }) => {
      await page.getByTestId("delivery").first().waitFor();
      const count = await page.getByTestId("delivery").count();
      await fail({ path: "^deliveries", kind: "offline" });
      await page.getByTestId("refresh").click();
      await page.getByRole("alert").getByText("Shown is the state of").waitFor();
      assert.equal(await page.getByTestId("delivery").count(), count);
      await mend();
      await page.getByRole("alert").getByRole("button").click();
      await page.getByRole("alert").waitFor({ state: "detached" });
    }));

  test("corrects impossible filters, and says so", () =>
    open({ contents, hash: "#/deliveries?state=lost&colour=red" }, async ({ page }) => {
      const notice = page.getByTestId("corrected");
      await notice.waitFor();
      assert.match(await notice.textContent(), /lost.*colour/);
      await page.waitForFunction(() => location.hash === "#/deliveries");
      assert.ok(await notice.isVisible());
    }));

  test("explains an empty list", () =>
    open({ hash: "#/deliveries" }, async ({ page }) => {
      const empty = page.getByTestId("empty");
      await empty.waitFor();
      assert.match(await empty.textContent(), /kept for a week and failed ones for 90 days/);
      await assertAccessible(page);
    }));

  if (name === "server") {
    test("says when a notification was given up in this tab", () =>
      open({ hash: "#/deliveries?subjectId=bob" }, async ({ page, provider }) => {
        await page.getByTestId("live").filter({ hasText: "Live" }).waitFor();
        await provider.management.removeSessions({ subjectId: "bob" });
        await page.getByTestId("refresh").click();
        const failed = page.locator("[data-testid=delivery][data-state=failed]");
        await failed.getByText(/given up/).waitFor();
        assert.match(await failed.innerText(), /given up\s+(now|\d+ s ago)/);
        const delivered = page.locator("[data-testid=delivery][data-state=delivered]").first();
        assert.match(await delivered.innerText(), /200\s+(now|\d+ s ago)/);
      }));
  }

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 768, 360]) {
      test(`is accessible and fits, ${colorScheme}, ${width} px`, () =>
        open(
          { contents, hash: FAILED, colorScheme, viewport: { width, height: 740 } },
          async ({ page }) => {
            await page.getByTestId("delivery").first().waitFor();
            await assertAccessible(page);
            await assertFits(page);
          },
        ));
    }
  }
});

async function differs(rows, first) {
  await rows.page().waitForFunction((first) => {
    const row = document.querySelector("[data-testid=delivery]");
    return row !== null && row.dataset.id !== first;
  }, first);
}
