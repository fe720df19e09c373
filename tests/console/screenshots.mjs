/**
 * Takes the screenshots of `docs/guides/console.md` anew: `node tests/console/screenshots.mjs`.
 * `cargo xtask build` comes first.
 */

import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { headlessChromiumPath } from "../hosts/tools.mjs";
import { startProvider } from "./support/provider.mjs";

const FOLDER = new URL("../../docs/guides/console/", import.meta.url);
const SIZE = { width: 1100, height: 560 };

const SHOTS = {
  "sessions.png": { hash: "#/sessions" },
  "end.png": { hash: "#/sessions?search=Bob+Baker", act: endOthers },
  "dashboard.png": { hash: "#/dashboard", colorScheme: "dark" },
  "phone.png": { hash: "#/sessions", viewport: { width: 360, height: 640 }, colorScheme: "dark" },
};

const provider = await startProvider();
const browser = await chromium.launch({
  executablePath: headlessChromiumPath(),
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
try {
  for (const [name, { hash, act, ...options }] of Object.entries(SHOTS)) {
    const context = await browser.newContext({ viewport: SIZE, locale: "en-GB", ...options });
    const page = await context.newPage();
    await page.goto(`${provider.url}?demo&still${hash}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("networkidle");
    await page.waitForTimeout(1_000);
    await act?.(page);
    await page.screenshot({ path: fileURLToPath(new URL(name, FOLDER)) });
    await context.close();
  }
} finally {
  await browser.close();
  await provider.close();
}

/** Ends Bob's other sessions, up to the report. */
async function endOthers(page) {
  await page.getByTestId("session-row").first().press("Enter");
  await page.getByRole("button", { name: "End Bob Baker's other sessions" }).click();
  await page.getByRole("button", { name: "End 3 sessions of Bob Baker" }).click();
  await page.getByTestId("end-counts").waitFor();
}
