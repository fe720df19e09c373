/**
 * The console in both modes: next to a server, and entirely in the browser.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { describe } from "node:test";
import { fileURLToPath } from "node:url";
import { browserForSuite, withoutChromium } from "./chromium.mjs";
import { startProvider } from "./provider.mjs";
import { world } from "./world.mjs";

const FAULTS = await readFile(fileURLToPath(new URL("faults.js", import.meta.url)), "utf8");

/** The database and key under which the browser mode keeps its contents. */
const KEPT = { database: "keyval-store", store: "keyval", key: "rollcall-demo" };

/**
 * Runs a suite in both modes. `define` gets the mode's name and `open`.
 *
 * @param {string} title
 * @param {(mode: { name: "server" | "browser", open: Open }) => void} define
 *
 * @typedef {object} Opened
 * @property {import("playwright-core").Page} page
 * @property {() => Promise<{ method: string, path: string, body: any }[]>} calls the calls of the
 * admin API so far
 * @property {(fault: object) => Promise<void>} fail makes matching calls fail; see `faults.js`
 * @property {() => Promise<void>} mend ends all faults
 * @property {Awaited<ReturnType<typeof startProvider>> | undefined} provider in the server mode
 *
 * @callback Open
 * @param {object} options
 * @param {string} [options.hash]
 * @param {object} [options.contents] default: `world()`
 * @param {object} [options.actor] members of the actor that differ; in the browser mode only
 * `permissions`
 * @param {boolean} [options.requireReason]
 * @param {RegExp} [options.expectedErrors] what the page may log as errors
 * @param {"real" | "manual"} [options.clock] default: `"real"`; see `chromium.mjs`
 * @param {(opened: Opened) => Promise<void>} use
 */
export function inBothModes(title, define) {
  for (const name of /** @type {const} */ (["server", "browser"])) {
    describe(`${title}, ${name} mode`, { skip: withoutChromium }, () => {
      const withPage = browserForSuite();
      define({ name, open: (options, use) => opened(name, withPage, options, use) });
    });
  }
}

async function opened(mode, withPage, options, use) {
  const {
    hash = "#/sessions",
    actor,
    requireReason,
    contents,
    expectedErrors,
    ...context
  } = options;
  const given = contents ?? (await world());
  const provider = await startProvider({
    contents: given,
    ...(actor && { actor }),
    api: { ...(requireReason && { requireReason }) },
  });
  try {
    await withPage({ expectedErrors, clock: "real", ...context }, async (page) => {
      await page.addInitScript(FAULTS);
      if (mode === "browser") await keep(page, provider.url, given);
      await page.goto(`${provider.url}${mode === "browser" ? search(options) : ""}${hash}`);
      const isReady = page.getByRole("navigation").or(page.getByRole("alert"));
      // Without the permission to read there is nothing to navigate to.
      await isReady.or(page.getByTestId("barred")).first().waitFor();
      await use({
        page,
        calls: () => page.evaluate(() => globalThis.rollcallCalls),
        fail: (fault) => page.evaluate((fault) => globalThis.rollcallFaultList.push(fault), fault),
        mend: () => page.evaluate(() => globalThis.rollcallFaultList.splice(0)),
        provider: mode === "server" ? provider : undefined,
      });
    });
  } finally {
    await provider.close();
  }
}

function search({ actor, requireReason }) {
  const parameters = new URLSearchParams({ demo: "", still: "", faults: "" });
  if (actor?.permissions !== undefined) {
    parameters.set("permissions", actor.permissions.join(","));
  }
  if (requireReason) parameters.set("requireReason", "");
  return `?${parameters}`;
}

/** Puts contents where the browser mode finds them. */
async function keep(page, url, contents) {
  await page.goto(`${url}icon.svg`);
  await page.evaluate(
    ([{ database, store, key }, contents]) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open(database);
        opening.onupgradeneeded = () => opening.result.createObjectStore(store);
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const writing = opening.result.transaction(store, "readwrite");
          writing.objectStore(store).put(contents, key);
          writing.oncomplete = () => {
            opening.result.close();
            resolve();
          };
          writing.onerror = () => reject(writing.error);
        };
      }),
    [KEPT, contents],
  );
}
