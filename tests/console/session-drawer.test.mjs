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

/** The same world with a failed notification that names no session. */
async function subjectWideWorld() {
  const stores = memoryStores(await world());
  const contents = memoryContents(stores);
  const now = Date.now();
  contents.outbox.rows.push({
    number: 0,
    state: "failed",
    at: now,
    error: "the client answered 400",
    notification: {
      id: "wide-1",
      clientId: "payroll",
      subjectId: "bob",
      reason: "terminated",
      attempt: 3,
      created: now,
    },
  });
  contents.outbox.next = 1;
  return contents;
}

const SUBJECT_WIDE = await subjectWideWorld();
const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)";

/** User agents with the names of their devices in full. The first one's session is open. */
const USER_AGENTS = new Map([
  ["", "unknown device"],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/18.6 Safari/605.1.15`,
    "Safari 18 on macOS",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Firefox 142 on macOS",
  ],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) ${WEBKIT} Version/13.1.2 Safari/605.1.15`,
    "Safari 13 on macOS High Sierra",
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${BLINK} Chrome/140.0.0.0 Safari/537.36`,
    "Chrome 140 on Windows",
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${BLINK} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
    "Edge 140 on Windows",
  ],
  [
    `Mozilla/5.0 (Windows NT 6.1; Win64; x64) ${BLINK} Chrome/109.0.0.0 Safari/537.36`,
    "Chrome 109 on Windows 7",
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${BLINK} Chrome/140.0.0.0 Mobile Safari/537.36`,
    "Chrome 140 on Android",
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${BLINK} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    "Samsung Internet 28 on Android",
  ],
  [
    "Mozilla/5.0 (Android 14; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0",
    "Firefox 142 on Android 14",
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1`,
    "Safari 18 on iOS 18.6, Apple iPhone",
  ],
  [
    `Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) ${WEBKIT} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1`,
    "Chrome 140 on iOS 18.6, Apple iPad",
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Firefox 142 on Linux",
  ],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${BLINK} Chrome/140.0.0.0 Safari/537.36`,
    "Chrome 140 on Chrome OS",
  ],
  ["ExampleMobileApp/4.12 (Android 14)", "ExampleMobileApp 4 on Android 14"],
  ["curl/8.5.0", "curl 8"],
]);

/** A user with a session for each user agent. */
async function devicesWorld() {
  const stores = memoryStores(await world({ others: 0 }));
  const now = Date.now();
  for (const [index, userAgent] of [...USER_AGENTS.keys()].entries()) {
    await stores.sessions.create({
      key: index.toString(16).padStart(64, "0"),
      scheme: "default",
      subjectId: "dora",
      sessionId: `device-${index}`,
      created: now - (USER_AGENTS.size - index) * 60_000,
      renewed: now,
      clients: [],
      userAgent,
    });
  }
  return memoryContents(stores);
}

const DEVICES = await devicesWorld();
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
      await shows(others, /Other sessions of Bob Baker Chrome 140 on Windows 198/);
      assert.equal(await others.getByRole("listitem").count(), 2);
      const all = others.getByRole("link", { name: "All of Bob Baker's sessions" });
      assert.equal(await all.getAttribute("href"), "#/sessions?subjectId=bob");
    }));

  if (name === "server") {
    test("names devices without the versions that browsers froze", () =>
      open({ hash: "#/sessions/device-0?subjectId=dora", contents: DEVICES }, async ({ page }) => {
        const { others } = parts(page);
        await shows(others, /curl 8/);
        const shown = await others.getByRole("listitem").getByRole("link").allInnerTexts();
        assert.deepEqual(shown.reverse(), [...USER_AGENTS.values()].slice(1));
      }));
  }

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

  test("isn't opened by Back after Escape, however it was opened", () =>
    open({ hash: "#/activity" }, async ({ page }) => {
      const { drawer, others, facts } = parts(page);
      const hash = () => new URL(page.url()).hash;
      const closed = async (expected) => {
        await page.keyboard.press("Escape");
        await drawer.waitFor({ state: "detached" });
        assert.equal(hash(), expected);
      };
      await page.getByRole("link", { name: "Sessions", exact: true }).click();
      const row = page.getByTestId("session-row").filter({ hasText: "bob-2" });
      await row.getByRole("link").click();
      await shows(facts, /bob-2/);
      await others.getByRole("listitem").first().getByRole("link").click();
      await shows(facts, /Session id bob-[13]/);
      await closed("#/sessions");
      await page.goBack();
      await page.waitForURL(/#\/activity$/);
      // A link from elsewhere has no list behind it.
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `${BOB}&search=bob`);
      await shows(facts, /bob-2/);
      await closed("#/sessions?search=bob");
      await page.goBack();
      await page.waitForURL(/#\/activity$/);
    }));

  test("shows the deliveries about all sessions of the user", () =>
    open({ hash: BOB, contents: SUBJECT_WIDE }, async ({ page }) => {
      await shows(
        parts(page).clients.filter({ hasText: "payroll" }),
        /payroll Failed for all sessions of the user 3 attempts/,
      );
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
      await shows(parts(page).others, /Other sessions of Bob Baker/);
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
    open({ hash: BOB, expectedErrors: /404/ }, async ({ page, provider }) => {
      const { drawer, status, facts, clients } = parts(page);
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
        await shows(status, /Ended by Avery Admin now/);
      }
      await shows(facts, /User Bob Baker/);
      await shows(clients.first(), /shop Notified 1 attempt HTTP 200/);
      assert.equal(await page.getByTestId("end-session").count(), 0);

      // Opened again, it explains the end instead of an absence.
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      await page.evaluate((hash) => {
        location.hash = hash;
      }, BOB);
      await shows(status, /Ended by (carol|Avery Admin)/);
      assert.equal(await drawer.getByText("doesn't exist").count(), 0);
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
