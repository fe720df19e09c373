/** A fault in each kind of request: the page stays usable, says so, and the next attempt works. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryContents, memoryStores } from "../../pkg/entry/memory-node.js";
import { inBothModes } from "./support/modes.mjs";
import { world } from "./support/world.mjs";

/** The faults, each with the message that an administrator gets. */
const FAULTS = [
  { fault: { kind: "problem", status: 500, code: "internal" }, says: /The server failed\./ },
  { fault: { kind: "offline" }, says: /The server can't be reached\./ },
  { fault: { kind: "malformed" }, says: /The server can't be reached\./ },
];

const BOB = "#/sessions/bob-3?subjectId=bob";
const rows = (page) => page.getByTestId("session-row");
const drawer = (page) => page.getByTestId("session-drawer");
const tryAgain = (page) => page.getByRole("button", { name: "Try again" }).click();

async function exportList(page) {
  await page.getByTestId("list-menu").click();
  await page.getByRole("menuitem", { name: "Export as CSV", exact: true }).click();
}

/** A world with one failed notification. */
async function failedWorld() {
  const contents = memoryContents(memoryStores(await world()));
  const at = Date.now();
  const notification = { clientId: "shop", subjectId: "bob", reason: "terminated", attempt: 3 };
  contents.outbox.rows.push({
    number: 0,
    state: "failed",
    at,
    error: "the client answered 400",
    notification: { id: "failed-1", created: at, ...notification },
  });
  contents.outbox.next = 1;
  return contents;
}

/**
 * The screens, each with the requests that it makes, in their order on one page.
 *
 * - `path`: the request that fails
 * - `act`: makes the request
 * - `kept`: what was on screen before, and stays
 * - `again`: makes the request again, after the fault ended; by default "Try again"
 * - `done`: what the answer to it shows
 */
const SCREENS = [
  {
    hash: "#/sessions",
    ready: (page) => rows(page).nth(24),
    requests: [
      {
        name: "list",
        path: "^sessions/query",
        act: (page) => page.getByRole("button", { name: "Refresh" }).click(),
        kept: (page) => rows(page).nth(24),
      },
      {
        name: "next page",
        path: "^sessions/query",
        act: (page) => page.getByRole("button", { name: "Next page" }).click(),
        kept: (page) => rows(page).nth(24),
        done: (page) => page.getByText("Page 2 of 3", { exact: true }),
      },
      {
        name: "export",
        path: "^sessions/query",
        act: exportList,
        kept: (page) => rows(page).nth(24),
        again: async (page) => {
          await page.getByTestId("export").getByRole("button", { name: "Close" }).click();
          await exportList(page);
        },
        done: (page) => page.getByText("Exported 66 sessions"),
      },
    ],
  },
  {
    hash: BOB,
    ready: (page) => page.getByTestId("session-facts").getByText("198.51.100.7"),
    requests: [
      {
        name: "end preview",
        path: "^sessions/remove",
        act: (page) => page.getByTestId("end-session").click(),
        kept: (page) => page.getByTestId("session-facts").getByText("bob-3"),
        done: (page) => page.getByTestId("end-effect"),
      },
      {
        name: "end",
        path: "^sessions/remove",
        act: (page) => page.getByTestId("end-button").click(),
        kept: (page) => page.getByTestId("end-effect"),
        again: (page) => page.getByTestId("end-button").click(),
        done: (page) => page.getByTestId("end-report").getByText("Ended 1 session"),
      },
      {
        name: "retry",
        path: "/retry$",
        act: (page) => page.getByRole("button", { name: "Retry payroll" }).click(),
        kept: (page) => page.getByTestId("end-report").getByText("Ended 1 session"),
        again: (page) => page.getByRole("button", { name: "Retry payroll" }).click(),
        done: (page) => page.getByTestId("end-counts").getByText("3 clients notified."),
      },
    ],
  },
  {
    hash: "#/sessions",
    ready: (page) => rows(page).nth(24),
    requests: [
      {
        name: "session",
        path: "^sessions/bob-2",
        act: (page) => rows(page).filter({ hasText: "bob-2" }).getByRole("link").click(),
        kept: (page) => rows(page).nth(24),
        done: (page) => page.getByTestId("session-facts").getByText("198.51.100.7"),
      },
      {
        name: "deliveries of a session",
        path: "^deliveries",
        act: (page) => page.getByTestId("other-sessions").getByRole("link").first().click(),
        kept: (page) => rows(page).nth(24),
        done: (page) => drawer(page).getByText("for all sessions of the user"),
      },
    ],
  },
  {
    hash: "#/deliveries",
    ready: (page) => page.getByTestId("delivery"),
    requests: [
      {
        name: "deliveries",
        path: "^deliveries",
        act: (page) => page.getByRole("button", { name: "Refresh" }).click(),
        kept: (page) => page.getByTestId("delivery"),
      },
      {
        name: "retry of a delivery",
        path: "/retry$",
        act: (page) => page.getByRole("button", { name: /^Retry the notification/ }).click(),
        kept: (page) => page.getByTestId("delivery"),
        again: (page) => page.getByRole("button", { name: /^Retry the notification/ }).click(),
        done: (page) => page.getByTestId("delivery").getByText(/Pending|Notified/),
      },
    ],
  },
  {
    hash: "#/dashboard",
    ready: (page) => page.getByTestId("tile-active").filter({ hasText: "65" }),
    requests: [
      {
        name: "stats",
        path: "^stats",
        act: (page) => page.getByTestId("refresh").click(),
        kept: (page) => page.getByTestId("tile-active").filter({ hasText: "65" }),
      },
    ],
  },
  {
    hash: "#/purge?state=active",
    ready: (page) => page.getByTestId("confirm-count"),
    requests: [
      {
        name: "purge preview",
        path: "^sessions/purge",
        act: (page) => page.getByLabel("Revoke their tokens").uncheck(),
        kept: (page) => page.getByText("all active sessions").first(),
        again: async (page) => {
          const button = page.getByRole("button", { name: /^(Try|Preview) again$/ });
          await button.first().click();
        },
        done: (page) => page.getByTestId("confirm-count"),
      },
      {
        name: "purge step",
        path: "^sessions/purge",
        act: async (page) => {
          const [count] = (await page.getByTestId("purge-count").textContent()).match(/\d+/);
          await page.getByTestId("confirm-count").fill(count);
          await page.getByTestId("confirm-purge").click();
        },
        kept: (page) => page.getByTestId("purge-counts"),
        // Without an answer, the result of the batch is unknown, so it isn't repeated.
        again: async (page) => {
          const preview = page.getByRole("button", { name: "Preview again" });
          const next = page.getByTestId("continue-purge");
          await preview.or(next).first().click();
        },
        done: (page) => page.getByTestId("purge-done").or(page.getByTestId("confirm-count")),
      },
    ],
  },
];

inBothModes("a fault in a request", ({ name: mode, open }) => {
  const options = { expectedErrors: /500|Failed to (fetch|load)/ };
  let number = mode === "server" ? 0 : 1;
  const nextFault = () => FAULTS[number++ % FAULTS.length];

  for (const { hash, ready, requests } of SCREENS) {
    const names = requests.map(({ name }) => name).join(", ");
    test(`leaves the page usable: ${names}`, async () => {
      const contents = await failedWorld();
      await open({ ...options, hash, contents }, async ({ page, fail, mend }) => {
        await page.evaluate(() => {
          // The dialog of the system can't be tested.
          delete globalThis.showSaveFilePicker;
        });
        await ready(page).first().waitFor();
        for (const { name, path, act, kept, again = tryAgain, done } of requests) {
          const { fault, says } = nextFault();
          const title = `${name}, ${fault.kind}`;
          await fail({ path, ...fault });
          await act(page);
          const alert = page.getByRole("alert").filter({ hasText: says });
          await alert
            .first()
            .waitFor({ timeout: 8_000 })
            .catch(wrapped(`${title}: no message`));
          assert.ok(await kept(page).first().isVisible(), `${title}: the screen lost its contents`);
          await mend();
          await again(page).catch(wrapped(`${title}: can't be repeated`));
          await alert
            .first()
            .waitFor({ state: "detached" })
            .catch(wrapped(`${title}: still fails`));
          await done?.(page)
            .first()
            .waitFor()
            .catch(wrapped(`${title}: no answer`));
        }
      });
    });
  }

  test("leaves the page usable: events", () =>
    open(options, async ({ page, fail, mend }) => {
      await rows(page).nth(24).waitFor();
      const live = (text) => page.getByTestId("live").getByText(text, { exact: true }).waitFor();
      await live("Live");
      for (const { fault } of FAULTS) {
        await fail({ path: "^events", ...fault });
        await page.getByRole("button", { name: "Pause live updates" }).click();
        await page.getByRole("button", { name: "Resume live updates" }).click();
        await live("Offline");
        assert.equal(await rows(page).count(), 25);
        await mend();
        await live("Live");
      }
    }));

  test("leaves the page usable: me", () =>
    open(options, async ({ page }) => {
      const { fault, says } = nextFault();
      await page.addInitScript((fault) => {
        globalThis.rollcallFaultList.push({ path: "^me", times: 1, ...fault });
      }, fault);
      await page.reload();
      const title = page.getByRole("heading", { name: new RegExp(says.source.replace("\\.", "")) });
      await title.or(rows(page).first()).first().waitFor();
      // The page may have tried again by itself.
      if (await title.isVisible()) await tryAgain(page);
      await rows(page).nth(24).waitFor();
    }));
});

/** Names the step in the error of a wait. */
function wrapped(title) {
  return (cause) => {
    throw new Error(title, { cause });
  };
}
