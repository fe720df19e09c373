/** The dashboard: its numbers, their links, and how they are kept up to date. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";

const HASH = "#/dashboard";
const OFFLINE = { path: "^stats", kind: "offline" };

const statsCalls = (calls) => calls.filter(({ path }) => path.startsWith("stats"));

inBothModes("the dashboard", ({ name, open }) => {
  test("links each number to the list that it counts", () =>
    open({ hash: HASH }, async ({ page, calls }) => {
      const active = page.getByTestId("tile-active");
      await page.getByTestId("tile-active").filter({ hasText: "65" }).waitFor();
      assert.match(await page.getByTestId("tile-expired").textContent(), /^\s*1\s/);
      assert.equal(statsCalls(await calls()).length, 1);
      await active.click();
      await page.waitForURL(/#\/sessions\?state=active$/);
      const query = (await calls()).findLast(({ path }) => path === "sessions/query");
      assert.equal(query?.body.state, "active");
    }));

  test("lists each hour in a table, whose numbers are links", () =>
    open({ hash: HASH }, async ({ page, calls }) => {
      await page.getByTestId("as-table").click();
      const hours = page.getByTestId("hours").locator("tbody tr");
      assert.equal(await hours.count(), 24);
      await page.getByRole("link", { name: "3 days" }).click();
      await page.waitForFunction(
        () => document.querySelectorAll("[data-testid=hours] tbody tr").length === 72,
      );
      // Three of Bob's, the administrator's own, and the one that expired.
      const counts = await hours.locator("a").allTextContents();
      assert.equal(
        counts.reduce((sum, count) => sum + Number(count), 0),
        6,
      );
      const busy = hours.filter({ has: page.getByRole("link", { name: "1", exact: true }) });
      await busy.last().getByRole("link").press("Enter");
      await page.waitForURL(/#\/sessions\?created\.after=.*&created\.before=/);
      await page.waitForFunction(() =>
        globalThis.rollcallCalls.some(({ body }) => body?.created !== undefined),
      );
      const { created } = (await calls()).findLast(({ path }) => path === "sessions/query").body;
      assert.equal(Date.parse(created.before) - Date.parse(created.after), 3_600_000);
    }));

  test("draws the chart in the colours of the theme", () =>
    open(
      { hash: HASH, colorScheme: "light", expectedErrors: /willReadFrequently/ },
      async ({ page }) => {
        const chart = page.getByRole("img", { name: /created in the last 24 hours/ });
        await chart.locator("canvas").waitFor();
        const colours = () =>
          chart.locator("canvas").evaluate((canvas) => {
            const { data } = canvas
              .getContext("2d")
              .getImageData(0, 0, canvas.width, canvas.height);
            const found = new Map();
            for (let at = 0; at < data.length; at += 4) {
              const colour = data.slice(at, at + 4).join();
              found.set(colour, (found.get(colour) ?? 0) + 1);
            }
            return [...found].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
          });
        assert.ok((await colours()).includes("29,78,216,255"), "the accent of the light theme");
        await page.emulateMedia({ colorScheme: "dark" });
        await page.waitForTimeout(200);
        assert.ok((await colours()).includes("138,180,255,255"), "the accent of the dark theme");
        await page.getByRole("button", { name: "Settings" }).click();
        await page.getByRole("radio", { name: "Light" }).check();
        await page.waitForTimeout(200);
        assert.ok((await colours()).includes("29,78,216,255"));
      },
    ));

  test("keeps its numbers when a refresh fails, and says so", () =>
    open({ hash: HASH }, async ({ page, fail, mend }) => {
      await page.getByTestId("tile-active").filter({ hasText: "65" }).waitFor();
      const place = await page.getByTestId("tile-active").boundingBox();
      await fail(OFFLINE);
      await page.getByTestId("refresh").click();
      const notice = page.getByRole("alert");
      await notice.waitFor();
      assert.match(await notice.textContent(), /can't be reached\..*Shown is the state of/);
      assert.match(await page.getByTestId("tile-active").textContent(), /65/);
      assert.deepEqual(await page.getByTestId("tile-active").boundingBox(), place);
      await mend();
      await notice.getByRole("button", { name: "Try again" }).click();
      await notice.waitFor({ state: "detached" });
    }));

  test("asks again every 15 seconds, but not while paused", () =>
    open({ hash: HASH, clock: "manual" }, async ({ page, calls }) => {
      await page.getByTestId("tile-active").filter({ hasText: "65" }).waitFor();
      await page.clock.runFor(17_000);
      await page.waitForFunction(
        () => globalThis.rollcallCalls.filter(({ path }) => path.startsWith("stats")).length === 2,
      );
      await page.getByRole("button", { name: "Pause live updates" }).click();
      await page.clock.runFor(60_000);
      assert.equal(statsCalls(await calls()).length, 2);
    }));

  test("corrects an impossible period, and says so", () =>
    open({ hash: "#/dashboard?hours=25" }, async ({ page }) => {
      assert.match(await page.getByTestId("corrected").textContent(), /`25`/);
      assert.equal(new URL(page.url()).hash, HASH);
    }));

  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 360],
  ]) {
    test(`is accessible and fits, ${colorScheme}, ${width} px`, () =>
      open({ hash: HASH, colorScheme, viewport: { width, height: 740 } }, async ({ page }) => {
        await page.locator("canvas").waitFor();
        await assertAccessible(page);
        await assertFits(page);
        await page.getByTestId("as-table").click();
        await assertAccessible(page);
        await assertFits(page);
      }));
  }

  if (name !== "server") return;

  test("marks counts that stopped early", () =>
    open({ hash: HASH }, async ({ page }) => {
      const answer = {
        at: new Date().toISOString(),
        active: { count: 10_000, capped: true },
        expired: { count: 0 },
        expiringWithinHour: { count: 0 },
        created: [],
        clients: [{ clientId: "web", active: { count: 10_000, capped: true } }],
        deliveries: { pending: { count: 1_000, capped: true }, failed: { count: 2 } },
      };
      await page.route("**/v1/stats*", (route) => route.fulfill({ json: answer }));
      await page.getByTestId("refresh").click();
      await page.getByTestId("tile-active").filter({ hasText: "10,000+" }).waitFor();
      const bars = page.getByTestId("bar-count");
      assert.deepEqual(await bars.allTextContents(), ["10,000+", "1,000+", "2"]);
      assert.equal(await bars.nth(2).getAttribute("href"), "#/deliveries?state=failed");
    }));
});
