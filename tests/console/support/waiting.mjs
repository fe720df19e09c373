// Waits for the page.
import assert from "node:assert/strict";

/** Waits until an element has this text. */
export async function shows(locator, pattern) {
  const deadline = Date.now() + 8_000;
  let text = "";
  while (Date.now() < deadline) {
    text = ((await locator.count()) > 0 ? await locator.first().innerText() : "").replace(
      /\s+/g,
      " ",
    );
    if (pattern.test(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.match(text, pattern);
}
