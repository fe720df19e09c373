/**
 * The Chromium of this machine, for tests of the console.
 *
 * @module
 */

import { after, before } from "node:test";
import { chromium as browserType } from "playwright-core";
import { headlessChromiumPath, Unavailable } from "../../hosts/tools.mjs";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why these tests cannot run here, or `false`: for the option `skip` of a suite. */
export const withoutChromium = (() => {
  try {
    headlessChromiumPath();
    return false;
  } catch (error) {
    if (error instanceof Unavailable) return error.message;
    throw error;
  }
})();

/** The time of every page, so that no session expires during a test. */
const NOW = new Date("2026-03-14T15:30:00Z");

/**
 * Starts Chromium for a suite and ends it with the suite. The function that it returns opens a page
 * of a profile of its own, gives it to `use`, and fails if the page logged an error, threw one, or
 * tried to open a dialog of the browser. The clock is fixed, unless `clock` is `"real"` or
 * `"manual"`, which also lets the test run it ahead (`page.clock.runFor`).
 */
export function browserForSuite() {
  let browser;
  before(async () => {
    browser = await browserType.launch({ executablePath: headlessChromiumPath(), args: ARGUMENTS });
  });
  after(() => browser.close());

  return async function withPage({ expectedErrors = /$^/, clock = "fixed", ...options }, use) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: "en-GB",
      ...options,
    });
    const page = await context.newPage();
    if (clock === "fixed") await page.clock.setFixedTime(NOW);
    if (clock === "manual") await page.clock.install();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("dialog", (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    try {
      await use(page);
    } finally {
      await context.close();
    }
    const unexpected = complaints.filter((complaint) => !expectedErrors.test(complaint));
    if (unexpected.length > 0) throw new Error(`the page complained:\n${unexpected.join("\n")}`);
  };
}
