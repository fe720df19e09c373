/** The frame of every screen: navigation, settings, help. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";

inBothModes("the shell", ({ name, open }) => {
  test("shows the screens that the API offers, and marks the current one", () =>
    open({}, async ({ page }) => {
      const links = page.getByRole("navigation").getByRole("link");
      assert.deepEqual(await links.allTextContents(), [
        "Sessions",
        "Deliveries",
        "Dashboard",
        "Activity",
      ]);
      const current = page.locator("nav [aria-current=page]");
      assert.equal(await current.textContent(), "Sessions");
      await links.nth(1).click();
      assert.equal(await current.textContent(), "Deliveries");
      assert.equal(await page.title(), "Deliveries · Rollcall");
      await page.goBack();
      assert.equal(await current.textContent(), "Sessions");
      assert.equal(
        await page.getByText("Demo", { exact: true }).count(),
        name === "browser" ? 1 : 0,
      );
    }));

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      test(`is accessible and fits, ${colorScheme}, ${width} px`, () =>
        open({ colorScheme, viewport: { width, height: 740 } }, async ({ page }) => {
          await assertAccessible(page);
          await assertFits(page);
          await page.keyboard.press("?");
          await page.getByRole("dialog").waitFor();
          await assertAccessible(page);
        }));
    }
  }
});
