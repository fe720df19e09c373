/** The panel of one session. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryContents, memoryStores } from "../../pkg/entry/memory-node.js";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";
import { shows } from "./support/waiting.mjs";
import { OWN, world } from "./support/world.mjs";

const BOB = "#/sessions/bob-2?subjectId=bob";

function parts(page) {
  return {
    drawer: page.getByTestId("session-drawer"),
    status: page.getByTestId("session-status"),
    facts: page.getByTestId("session-facts"),
    clients: page.getByTestId("session-client"),
    others: page.getByTestId("other-sessions"),
  };
}

/** The same world with a second session whose id is Bob's. */
async function ambiguousWorld() {
  const stores = memoryStores(await world());
  const now = Date.now();
  await stores.sessions.create({
    key: "ab".repeat(32),
    scheme: "default",
    subjectId: "rob",
    sessionId: "bob-2",
    displayName: "Rob Roy",
    displayNameFolded: "rob roy",
    created: now,
    renewed: now,
    clients: [{ clientId: "web" }],
  });
  return memoryContents(stores);
}

const AMBIGUOUS = await ambiguousWorld();

inBothModes("the session drawer", ({ name, open }) => {
  test("shows the session, its clients and the other sessions", () =>
    open({ hash: BOB }, async ({ page }) => {
      const { facts, clients, others, status } = parts(page);
      await page.getByRole("dialog", { name: "Session of Bob Baker" }).waitFor();
      await shows(status, /^Active$/);
      await shows(facts, /User Bob Baker User id bob .*Session id bob-2/);
      await shows(facts, /Address 198\.51\.100\.7/);
      await shows(facts, /Device Safari 18 on iOS 18\.6, Apple iPhone Mozilla/);
      await shows(page.getByTestId("session-drawer"), /Attributes country NZ/);
      assert.deepEqual(await clients.allInnerTexts(), ["shop", "web"]);
      await shows(others, /Other sessions of Bob Baker Chrome 140 on Windows 10/);
      assert.equal(await others.getByRole("listitem").count(), 2);
      const all = others.getByRole("link", { name: "All of Bob Baker's sessions" });
      assert.equal(await all.getAttribute("href"), "#/sessions?subjectId=bob");
    }));

  test("goes to another session of the user, and back", () =>
    open({ hash: BOB }, async ({ page }) => {
      const { others, facts } = parts(page);
      await shows(facts, /bob-2/);
      await others.getByRole("listitem").first().getByRole("link").click();
      await shows(facts, /Session id bob-[13]/);
      await page.goBack();
      await shows(facts, /Session id bob-2/);
    }));

  test("copies an id", () =>
    open({ hash: BOB, permissions: ["clipboard-read", "clipboard-write"] }, async ({ page }) => {
      await page.getByRole("button", { name: "Copy session id" }).click();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "bob-2");
    }));

  test("closes on Escape", () =>
    open({ hash: BOB }, async ({ page }) => {
      const { drawer, facts } = parts(page);
      await shows(facts, /bob-2/);
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      assert.equal(new URL(page.url()).hash, "#/sessions");
    }));

  test("marks the user's own session", () =>
    open({ hash: `#/sessions/${OWN.sessionId}` }, async ({ page }) => {
      await shows(page.getByTestId("own"), /^Your own session$/);
    }));

  test("offers the users that have a session with the id", () =>
    open(
      { hash: "#/sessions/bob-2", contents: AMBIGUOUS, expectedErrors: /409/ },
      async ({ page }) => {
        await shows(page.getByTestId("candidates"), /Choose one of them: .*Bob Baker/);
        await page.getByTestId("candidates").getByRole("link", { name: "Rob Roy" }).click();
        await shows(parts(page).facts, /User Rob Roy/);
        assert.equal(await page.getByTestId("candidates").count(), 0);
      },
    ));

  test("says that a session doesn't exist", () =>
    open({ hash: "#/sessions/none?subjectId=bob", expectedErrors: /404/ }, async ({ page }) => {
      await shows(parts(page).drawer, /This session doesn't exist any more/);
      await shows(parts(page).others, /Other sessions of bob/);
      assert.equal(await parts(page).others.getByRole("listitem").count(), 3);
    }));

  test("keeps what is shown if reading again fails, with its age", () =>
    open({ hash: BOB, expectedErrors: /503/ }, async ({ page, fail, mend }) => {
      const { drawer, facts } = parts(page);
      await shows(facts, /bob-2/);
      await fail({ path: "^sessions/bob-2", kind: "problem", status: 503, code: "store_failed" });
      // The events of the others' end make the drawer read again.
      await page.getByRole("button", { name: "End Bob Baker's other sessions" }).click();
      await page.getByTestId("end-effect").waitFor();
      await page.getByTestId("end-button").click();
      await page.getByTestId("report-close").click();
      await shows(drawer, /The database doesn't answer.* Shown is the state of /);
      await shows(facts, /Session id bob-2/);
      await mend();
      await drawer.getByRole("button", { name: "Try again" }).click();
      await drawer.getByRole("alert").waitFor({ state: "detached" });
      await shows(facts, /Session id bob-2/);
    }));

  test("gives the focus back to the row", () =>
    open({}, async ({ page }) => {
      await page
        .getByRole("row", { name: /bob-2|Bob Baker/ })
        .first()
        .waitFor();
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      const focused = () => page.evaluate(() => document.activeElement?.closest("tr")?.innerText);
      const before = await focused();
      assert.notEqual(before, undefined);
      await page.keyboard.press("Enter");
      await shows(parts(page).status, /Active|Expired/);
      await page.keyboard.press("Escape");
      await parts(page).drawer.waitFor({ state: "detached" });
      assert.equal(await focused(), before);
    }));

  test("shows that the session ended elsewhere, and its deliveries", () =>
    open({ hash: BOB }, async ({ page, provider }) => {
      const { status, facts, clients } = parts(page);
      await shows(facts, /bob-2/);
      if (name === "server") {
        await provider.management.removeSessions({
          subjectId: "bob",
          sessionId: "bob-2",
          reason: "lost phone",
          actor: "carol",
        });
        await shows(status, /Ended by carol now .*Reason: lost phone/);
      } else {
        await page.getByTestId("end-session").click();
        await page.getByTestId("end-effect").waitFor();
        await page.getByTestId("end-button").click();
        await page.getByTestId("report-close").click();
        await shows(status, /Ended by avery now/);
      }
      await shows(facts, /User Bob Baker/);
      await shows(clients.first(), /shop Delivered 1 attempt HTTP 200/);
      assert.equal(await page.getByTestId("end-session").count(), 0);
    }));

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      test(`is accessible and fits, ${colorScheme}, ${width} px`, () =>
        open({ hash: BOB, colorScheme, viewport: { width, height: 740 } }, async ({ page }) => {
          await shows(parts(page).others, /Chrome/);
          await assertAccessible(page);
          await assertFits(page);
        }));
    }
  }
});
