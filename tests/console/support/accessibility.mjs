/**
 * The accessibility of what a page shows.
 *
 * @module
 */

import assert from "node:assert/strict";
import axe from "axe-core";

/** Fails with the violations that axe finds on the page, each with the elements. */
export async function assertAccessible(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join("\n")}`,
  );
  assert.deepEqual(found, []);
}

/** Fails if the page is wider than its window. */
export async function assertFits(page) {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  assert.ok(scrollWidth <= clientWidth, `the page is ${scrollWidth - clientWidth} px too wide`);
}
