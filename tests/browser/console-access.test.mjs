/**
 * The console for everybody: with the keyboard alone, and by the rules of WCAG that a program can
 * check.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { browserForSuite, withoutChromium } from "./chromium.mjs";
import { onPage, open, openDialog, previewed, rows, settled, total } from "./console-page.mjs";
import { serveConsole } from "./serve.mjs";

const require = createRequire(import.meta.url);

describe("the console's accessibility", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();
  let server;
  let axe;
  before(async () => {
    server = await serveConsole();
    axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
  });
  after(() => server.close());

  /** What axe finds wrong with the page as it is: each rule with the elements that break it. */
  async function violations(page) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run());
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
    );
  }

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      test(`axe finds nothing in any state, ${colorScheme}, ${width} pixels wide`, () =>
        withPage({ colorScheme, viewport: { width, height: 900 } }, async (page) => {
          await open(page, `${server.url}?demo&size=10`);
          assert.deepEqual(await violations(page), [], "the list");
          await page.getByTestId("show-details").first().click();
          assert.deepEqual(await violations(page), [], "the details");

          const [own] = await rows(page);
          await openDialog(page, own.sessionId);
          assert.deepEqual(await violations(page), [], "the dialog");
          await page.getByTestId("confirm").click();
          assert.deepEqual(await violations(page), [], "the second question");
          await page.getByTestId("cancel").click();

          await open(page, `${server.url}?demo&size=10&subject=svc-backup`);
          const [{ sessionId }] = await rows(page);
          await openDialog(page, sessionId, "end-subject");
          await page.getByTestId("confirm").click();
          await page.getByTestId("report").waitFor();
          assert.deepEqual(await violations(page), [], "the report");
          await page.getByTestId("close").click();
          await settled(page);
          assert.deepEqual(await violations(page), [], "the empty list");

          await open(page, `${server.url}?demo&token=damaged`);
          assert.deepEqual(await violations(page), [], "a problem");
        }));
    }
  }

  test("the keyboard alone filters, pages, ends a session and reads the report", () =>
    withPage({}, async (page) => {
      await open(page, `${server.url}?demo`);
      const focused = () =>
        page.evaluate(() => document.activeElement?.id || document.activeElement?.className);
      const tabTo = async (isThere) => {
        for (let presses = 0; presses < 40; presses++) {
          if (await page.evaluate(isThere)) return;
          await page.keyboard.press("Tab");
        }
        assert.fail(`not reached by Tab; the focus is on ${await focused()}`);
      };

      await tabTo(() => document.activeElement?.id === "filter-subject");
      await page.keyboard.type("svc-backup");
      await page.keyboard.press("Enter");
      await onPage(page, 1);
      const before = await total(page);

      await page.locator(".skip-link", { hasText: "pages" }).focus();
      await page.keyboard.press("Enter");
      await tabTo(() => document.activeElement?.id === "next-page");
      await page.keyboard.press("Enter");
      await onPage(page, 2);
      assert.equal(
        await focused(),
        "prev-page",
        "the focus moves on from a button that is disabled",
      );
      await page.keyboard.press("Enter");
      await onPage(page, 1);

      await page.locator(".skip-link", { hasText: "sessions" }).focus();
      await page.keyboard.press("Enter");
      await tabTo(() => document.activeElement?.classList.contains("end-session") === true);
      await page.keyboard.press("Enter");
      await previewed(page);
      assert.equal(await focused(), "end-cancel", "the dialog begins with the way out");
      await tabTo(() => document.activeElement?.id === "end-confirm");
      await page.keyboard.press("Space");
      await page.getByTestId("report").waitFor();
      assert.equal(await focused(), "end-title", "the report is read from its title");
      await tabTo(() => document.activeElement?.id === "end-close");
      await page.keyboard.press("Enter");
      // The row that opened the dialog is gone, and the focus must not be lost with it.
      await page.waitForFunction(() => document.activeElement?.id === "results-title");
      await settled(page);
      assert.equal(await total(page), before - 1);
    }));
});
