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

/**
 * Waits until `read` gives this value. `page.waitForFunction` doesn't wait for the promise that a
 * function returns.
 */
export async function becomes(read, expected) {
  const deadline = Date.now() + 20_000;
  let value = await read();
  while (value !== expected && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    value = await read();
  }
  assert.equal(value, expected);
}
