// @ts-check
/**
 * The longest task of the console's page in Chromium, with many sessions over few: while a search
 * is typed, while the list is scrolled, and while pages are turned. It is read from traces.
 *
 * The time in which the server answers isn't part of it.
 *
 * @module
 */

/** @import { Browser, Page } from "playwright-core" */
/** @import { Finding, Scale } from "../findings.mjs" */

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { chromium } from "playwright-core";
import { consoleFiles } from "../../pkg/console.js";
import { SessionManagement } from "../../pkg/entry/node.js";
import { adminApi } from "../../pkg/http.js";
import { filledSqlite, fillSqlite, openSqlite } from "../engines/sqlite.mjs";
import { summarize } from "../paired.mjs";
import { makeSession } from "../sessions.mjs";

const BUDGET = 1.2;
const ROUNDS = 15;
const PAGES = 5;

/** Few sessions are the first ones of a population. */
const FEW = 1_000;
const POPULATION = 10_000;

/** Actions of an administrator, by their names in the results. */
const ACTIONS = { "typing a search": type, scrolling: scroll, "turning pages": turnPages };

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions }) {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const file = pathToFileURL(join(folder, "few.db"));
  await fillSqlite(file, FEW, (number) => makeSession(number, POPULATION));
  const many = await serve(await filledSqlite(sessions));
  const few = await serve(openSqlite(file));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu"],
  });
  try {
    const findings = [];
    for (const [name, act] of Object.entries(ACTIONS)) {
      /** @type {[many: number, few: number][]} */
      const rounds = [];
      for (let round = 0; round < ROUNDS; round++) {
        const [first, second] = round % 2 === 0 ? [many, few] : [few, many];
        const one = await longestTask(browser, first.url, act);
        const other = await longestTask(browser, second.url, act);
        rounds.push(round % 2 === 0 ? [one, other] : [other, one]);
      }
      findings.push({
        what: `the console's longest task while ${name}, ${sessions.toLocaleString("en")} sessions over ${FEW.toLocaleString("en")}`,
        ratio: summarize(rounds),
        budget: BUDGET,
      });
    }
    return findings;
  } finally {
    await browser.close();
    await many.close();
    await few.close();
    rmSync(folder, { recursive: true });
  }
}

/** @param {Awaited<ReturnType<typeof filledSqlite>>} database */
async function serve({ stores, close }) {
  const api = adminApi({
    management: new SessionManagement(stores),
    authorize: () => ({ actor: "bench", permissions: ["read"] }),
  });
  const listeners = [api, consoleFiles({ basePath: "/admin" })].map((handler) =>
    getRequestListener((request) => handler(request), { overrideGlobalObjects: false }),
  );
  const server = createServer((request, response) => {
    const listener = listeners[request.url?.startsWith("/admin/api/") ? 0 : 1];
    listener?.(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}/admin/`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await close();
    },
  };
}

/**
 * @param {Browser} browser
 * @param {string} url
 * @param {(page: Page) => Promise<void>} act
 * @returns {Promise<number>} in milliseconds
 */
async function longestTask(browser, url, act) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.goto(url);
    await settled(page);
    // Once before, so that the code is compiled.
    await act(page);
    await browser.startTracing(page, {
      categories: ["toplevel", "devtools.timeline", "__metadata"],
    });
    await act(page);
    return longestOf(JSON.parse((await browser.stopTracing()).toString()));
  } finally {
    await context.close();
  }
}

/**
 * The longest task of the page's main thread.
 *
 * @param {{ traceEvents: TraceEvent[] }} trace
 *
 * @typedef {object} TraceEvent
 * @property {string} name
 * @property {number} pid
 * @property {number} tid
 * @property {number} [dur] in microseconds
 * @property {{ name?: string }} [args]
 */
function longestOf({ traceEvents }) {
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const durations = traceEvents
    .filter(({ pid, tid, name }) => threads.has(`${pid} ${tid}`) && name.endsWith("RunTask"))
    .map(({ dur = 0 }) => dur);
  if (durations.length === 0) throw new Error("the trace has no task of the page");
  return Math.max(...durations) / 1000;
}

/** @param {Page} page */
async function type(page) {
  const search = page.getByRole("searchbox");
  await search.pressSequentially("an", { delay: 50 });
  await settled(page, "search=an");
  await search.fill("");
  await settled(page);
}

/** @param {Page} page */
async function scroll(page) {
  await page.mouse.move(640, 400);
  for (const distance of [200, 200, -400]) {
    await page.mouse.wheel(0, distance);
    await page.waitForTimeout(100);
  }
}

/** @param {Page} page */
async function turnPages(page) {
  for (let number = 2; number <= PAGES; number++) {
    await page.getByRole("button", { name: "Next page" }).click();
    await page
      .getByTestId("page")
      .getByText(new RegExp(`Page ${number}\\b`))
      .waitFor();
    await settled(page, "at=");
  }
  await page.goto(`${page.url().split("#")[0]}#/sessions`);
  await settled(page);
}

/**
 * Waits until the list of this address is shown.
 *
 * @param {Page} page
 * @param {string} [query] a part of the address
 */
async function settled(page, query = "") {
  await page.waitForFunction((query) => location.hash.includes(query), query);
  await page.waitForFunction(
    () =>
      document.querySelectorAll("tbody tr[data-testid]").length > 0 &&
      document.querySelector("[aria-busy=true], .progress.busy") === null,
  );
}
