/** The list of sessions. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { inBothModes } from "./support/modes.mjs";
import { BOB, HOSTILE } from "./support/world.mjs";

const rows = (page) => page.getByTestId("session-row");
const total = (page) => page.getByTestId("total");
const hashOf = (page) => new URL(page.url()).hash;

/** Waits until the list says so. */
const shows = (page, text) =>
  total(page)
    .filter({ hasText: new RegExp(`^${text}$`) })
    .waitFor();

/** On a phone, the times have names and gaps, and no choice is cut. */
async function assertPhoneRow(page) {
  const row = rows(page).filter({ hasText: "Bob Baker" }).first();
  const [began, active] = ["td.created", "td.renewed"].map((cell) => row.locator(cell));
  assert.match(await began.innerText(), /^began\s+8 h ago$/);
  assert.match(await active.innerText(), /^active\s+8 h ago$/);
  const time = await began.locator(".cut").boundingBox();
  const next = await active.locator(".label").boundingBox();
  assert.ok(next.x - (time.x + time.width) >= 8, JSON.stringify([time, next]));
  const isCut = await page.getByLabel("Sessions per page").evaluate((select) => {
    const { width, paddingInline } = getComputedStyle(select);
    const probe = document.createElement("span");
    probe.textContent = select.selectedOptions[0].textContent;
    probe.style.font = getComputedStyle(select).font;
    document.body.append(probe);
    const needed = probe.getBoundingClientRect().width;
    probe.remove();
    // The arrow of the control needs about 1.25 em.
    const padding = paddingInline.split(" ").map(Number.parseFloat);
    const font = Number.parseFloat(getComputedStyle(select).fontSize);
    const free = Number.parseFloat(width) - padding[0] - (padding[1] ?? padding[0]) - 1.25 * font;
    return needed > free;
  });
  assert.equal(isCut, false);
}

/** The queries of pages since `index`. */
async function queries(calls, index = 0) {
  const list = (await calls()).filter(({ path }) => path === "sessions/query");
  return list.slice(index).map(({ body }) => body);
}

inBothModes("the list of sessions", ({ open, name }) => {
  test("shows 25 sessions, newest first, and marks the administrator's own", () =>
    open({}, async ({ page, calls }) => {
      await shows(page, "66 sessions");
      assert.equal(await rows(page).count(), 25);
      assert.match(await rows(page).first().textContent(), /Avery Admin.*avery.*You/);
      assert.ok(await rows(page).first().getByRole("checkbox").isDisabled());
      assert.equal(await rows(page).first().getByRole("button", { name: /^End/ }).count(), 0);
      const bob = rows(page).filter({ hasText: "bob-2" });
      assert.match(await bob.textContent(), /Bob Baker.*shop.*web/);
      await bob.getByText("Safari 18 on iOS").waitFor();
      assert.match(await rows(page).filter({ hasText: "rania" }).textContent(), /Expired/);
      assert.ok((await page.textContent("body")).includes(HOSTILE));
      assert.equal((await queries(calls)).length, 1);
    }));

  test("turns pages with one request each, keeps the focus, and Back returns", () =>
    open({}, async ({ page, calls }) => {
      await shows(page, "66 sessions");
      const next = page.getByRole("button", { name: "Next page" });
      for (const number of [2, 3]) {
        await next.click();
        await page.getByText(`Page ${number} of 3`, { exact: true }).waitFor();
        assert.equal((await queries(calls)).length, number);
        assert.ok(await next.evaluate((button) => button === document.activeElement));
      }
      await page.getByText("Page 3 of 3, 16 sessions").waitFor({ state: "attached" });
      assert.equal(await next.getAttribute("aria-disabled"), "true");
      await next.press("Enter");
      assert.equal((await queries(calls)).length, 3);
      await page.goBack();
      await page.getByText("Page 2 of 3", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Previous page" }).click();
      await page.getByText("Page 1 of 3", { exact: true }).waitFor();
      assert.equal((await queries(calls)).length, 5);
    }));

  test("searches as the typing pauses, and after / and Enter", () =>
    open({}, async ({ page, calls }) => {
      await shows(page, "66 sessions");
      await page.keyboard.press("/");
      await page.keyboard.type("bob", { delay: 20 });
      await shows(page, "3 sessions");
      assert.deepEqual(
        (await queries(calls, 1)).map(({ search }) => search),
        ["bob"],
      );
      await page.getByTestId("search").fill("rania");
      await page.keyboard.press("Enter");
      await shows(page, "1 session");
      assert.equal(hashOf(page), "#/sessions?search=rania");
      await page.getByTestId("search").fill("zzz");
      await page.getByTestId("empty").getByText("No session matches.").waitFor();
      await page.getByRole("button", { name: "Clear all filters" }).click();
      await shows(page, "66 sessions");
      assert.equal(await page.getByTestId("search").inputValue(), "");
    }));

  test("explains an empty search, and offers others", () =>
    open({ hash: "#/sessions?search=baker+bob" }, async ({ page }) => {
      const empty = page.getByTestId("empty");
      const instead = (name) => empty.getByRole("button", { name, exact: true });
      await empty.getByText("accents and the order of words").waitFor();
      await instead("Search for “bob baker”").click();
      await shows(page, "3 sessions");
      await page.getByTestId("search").fill("198.51.100.7");
      await instead("Address is “198.51.100.7”").click();
      await shows(page, "3 sessions");
      assert.equal(hashOf(page), "#/sessions?ipAddress=198.51.100.7");
      await page.goBack();
      await page.getByTestId("search").fill("user-1");
      await shows(page, "1 session");
      await page.getByTestId("search").fill("user-");
      await instead("User id begins with “user-”").click();
      await shows(page, "60 sessions");
      await page.getByTestId("search").fill(`bob${"x".repeat(500)}`);
      await page.getByTestId("corrected").getByText("had 503 characters; the first 500").waitFor();
      assert.equal((await page.getByTestId("search").inputValue()).length, 500);
    }));

  test("keeps a filter such as 30 days relative, on later pages too", () =>
    open({ hash: "#/sessions?renewed.before=-3d" }, async ({ page, calls }) => {
      await shows(page, "60 sessions");
      await page.getByTestId("chip").getByText("Last active: until 3 d ago").waitFor();
      await page.getByRole("button", { name: "Next page" }).click();
      await page.getByText("Page 2 of 3", { exact: true }).waitFor();
      assert.match(hashOf(page), /^#\/sessions\?renewed\.before=-3d&at=[^&]+&now=\d{13}$/);
      await page.reload();
      await page.getByText("Page 2 of 3", { exact: true }).waitFor();
      await page.getByLabel("Select all on this page").click();
      const link = page.getByRole("link", { name: "End all 60 that match…" });
      const { renewed } = (await queries(calls)).at(-1);
      const fixed = new URLSearchParams({ "renewed.before": renewed.before });
      assert.equal(await link.getAttribute("href"), `#/purge?${fixed}`);
      assert.equal(await page.getByTestId("corrected").count(), 0);
    }));

  test("ends the other sessions of a row's user", () =>
    open({ hash: "#/sessions?search=bob" }, async ({ page }) => {
      await shows(page, "3 sessions");
      await rows(page).first().getByRole("button", { name: /^More/ }).click();
      await page.getByRole("menuitem", { name: "End the other sessions of Bob Baker" }).click();
      await page.getByTestId("end-effect").getByText("Ends 2 sessions of Bob Baker").waitFor();
    }));

  test("shows the focus and the selection in forced colours", () =>
    open({ forcedColors: "active", hash: "#/sessions?search=bob" }, async ({ page }) => {
      await shows(page, "3 sessions");
      await page.keyboard.press("j");
      await page.keyboard.press("x");
      const style = (row) =>
        row.evaluate((element) => {
          const { outlineStyle, outlineWidth, backgroundColor } = getComputedStyle(element);
          return { outline: `${outlineStyle} ${outlineWidth}`, backgroundColor };
        });
      const [focused, other] = await Promise.all([0, 1].map((at) => style(rows(page).nth(at))));
      assert.match(focused.outline, /^(solid|auto) [1-9]/);
      assert.notEqual(other.outline, focused.outline);
      assert.notEqual(other.backgroundColor, focused.backgroundColor);
      assert.ok(await rows(page).first().getByRole("checkbox").isChecked());
    }));

  test("filters by chips, which can be changed and removed", () =>
    open({}, async ({ page }) => {
      await shows(page, "66 sessions");
      await page.getByTestId("add-filter").click();
      await page.getByRole("button", { name: "Client", exact: true }).click();
      const suggestions = page.getByRole("dialog").locator("datalist option");
      await suggestions.and(page.locator("[value=payroll]")).waitFor({ state: "attached" });
      assert.ok((await suggestions.count()) >= 4);
      await page.keyboard.type("shop");
      await page.keyboard.press("Enter");
      await shows(page, "32 sessions");
      await page.getByTestId("add-filter").click();
      await page.getByRole("dialog").getByRole("button", { name: "Began" }).click();
      await page.getByRole("button", { name: "In the last 24 hours" }).click();
      await shows(page, "2 sessions");
      assert.equal(hashOf(page), "#/sessions?clientId=shop&created.after=-24h");
      await page.getByTestId("chip").getByText("Began: from 24 h ago").waitFor();
      await page.getByRole("button", { name: "Client: shop", exact: true }).click();
      await page.getByRole("dialog").getByRole("combobox").fill("payroll");
      await page.keyboard.press("Enter");
      await shows(page, "1 session");
      assert.match(await rows(page).locator("td.clients").innerText(), /^payroll\s+shop\s+\+1$/);
      await page.getByRole("button", { name: "Remove the filter Client: payroll" }).click();
      await shows(page, "4 sessions");
      await page.goBack();
      await shows(page, "1 session");
      await page.getByRole("button", { name: "Clear all" }).click();
      await shows(page, "66 sessions");
    }));

  test("corrects impossible values of the address, and says so", () =>
    open(
      {
        hash: "#/sessions?state=bar&size=99999&created.after=yesterday&foo=1&clientId=shop&at=x",
        expectedErrors: /400/,
      },
      async ({ page }) => {
        await shows(page, "32 sessions");
        assert.equal(hashOf(page), "#/sessions?clientId=shop");
        const said = await page.getByTestId("corrected").textContent();
        for (const part of ["state", "size", "created.after", "foo", "place in the list"]) {
          assert.ok(said.includes(part), `${part} in: ${said}`);
        }
      },
    ));

  test("sorts by the beginning, and keeps the size of a page", () =>
    open({}, async ({ page }) => {
      await shows(page, "66 sessions");
      await page.getByRole("button", { name: "Began" }).click();
      await rows(page).first().filter({ hasText: "user-60" }).waitFor();
      await page.getByLabel("Sessions per page").selectOption("50");
      await page.getByText("Page 1 of 2", { exact: true }).waitFor();
      assert.equal(await rows(page).count(), 50);
      assert.equal(hashOf(page), "#/sessions?order=oldest&size=50");
      await page.goto(page.url().replace(/#.*/, "#/sessions"));
      await page.reload();
      await page.getByText("Page 1 of 2", { exact: true }).waitFor();
    }));

  test("moves by keys, selects ranges, and keeps the selection on other pages", () =>
    open({}, async ({ page }) => {
      await shows(page, "66 sessions");
      const selection = page.getByTestId("selection");
      for (const key of ["j", "j", "x", "ArrowDown", "ArrowDown", "Shift+X", "k"]) {
        await page.keyboard.press(key);
      }
      await selection.getByText("3 selected").waitFor();
      await page.getByRole("button", { name: "Next page" }).click();
      await page.getByText("Page 2 of 3", { exact: true }).waitFor();
      await rows(page).nth(3).getByRole("checkbox").click();
      await rows(page)
        .nth(6)
        .getByRole("checkbox")
        .click({ modifiers: ["Shift"] });
      await selection.getByRole("button", { name: "End 7 sessions" }).click();
      await page
        .getByTestId("end-users")
        .getByText(/^Of .?Bob Baker.?, .?User \d+.?, .* and .?User \d+.?\.$/)
        .waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.getByLabel("Select all on this page").click();
      await selection.getByText("28 selected").waitFor();
      const link = selection.getByRole("link", { name: "End all 66 sessions…" });
      assert.equal(await link.getAttribute("href"), "#/purge");
      await selection.getByRole("button", { name: "Clear" }).click();
      assert.equal((await selection.textContent()).trim(), "");
    }));

  test("opens a session over the list, and returns to its row", () =>
    open({ hash: "#/sessions?search=bob" }, async ({ page, calls }) => {
      await shows(page, "3 sessions");
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: /Bob Baker/ }).waitFor();
      assert.equal(hashOf(page), "#/sessions/bob-3?subjectId=bob&search=bob");
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      assert.equal(hashOf(page), "#/sessions?search=bob");
      await page.locator("tr:focus").filter({ hasText: "bob-3" }).waitFor();
      const lists = (await queries(calls)).filter(({ search }) => search === "bob");
      assert.equal(lists.length, 1);
    }));

  test("ends the session of a row, marks it, and goes to the next one", () =>
    open({ hash: "#/sessions?search=bob" }, async ({ page }) => {
      await shows(page, "3 sessions");
      await page.keyboard.press("j");
      await page.keyboard.press("e");
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: /^End session/ }).click();
      await dialog.getByText("Ended 1 session").waitFor();
      await page.keyboard.press("Escape");
      const row = rows(page).filter({ hasText: "bob-3" });
      await row.getByTestId("ended").getByText("ended by avery").waitFor();
      assert.ok(await row.getByRole("checkbox").isDisabled());
      await page.locator("tr:focus").filter({ hasText: "bob-2" }).waitFor();
      await shows(page, "2 sessions");
      await page.getByRole("button", { name: "Refresh" }).click();
      await row.waitFor({ state: "detached" });
    }));

  test("keeps the rows and their age when a refresh fails", () =>
    open({ expectedErrors: /503/ }, async ({ page, fail, mend }) => {
      await shows(page, "66 sessions");
      await fail({ path: "sessions/query", kind: "problem", status: 503, code: "store_failed" });
      await page.getByRole("button", { name: "Refresh" }).click();
      const notice = page.getByRole("alert");
      await notice.getByText("Shown is the state of").waitFor();
      assert.equal(await rows(page).count(), 25);
      await assertAccessible(page);
      await mend();
      await notice.getByRole("button", { name: "Try again" }).click();
      await notice.waitFor({ state: "detached" });
    }));

  test("hides what the administrator may not do", () =>
    open({ actor: { permissions: ["read"] } }, async ({ page }) => {
      await shows(page, "66 sessions");
      assert.equal(await page.getByRole("button", { name: /^End/ }).count(), 0);
      assert.equal(await page.getByRole("checkbox").count(), 0);
      await page.keyboard.press("j");
      await page.keyboard.press("x");
      assert.equal((await page.getByTestId("selection").textContent()).trim(), "");
      await page.keyboard.press("?");
      const shortcuts = page.getByRole("dialog", { name: "Keyboard shortcuts" });
      await shortcuts.getByText("Open the session").waitFor();
      assert.equal(await shortcuts.getByText(/Select|End the/).count(), 0);
      await page.keyboard.press("Escape");
      await shortcuts.waitFor({ state: "detached" });
      await page.getByTestId("list-menu").click();
      await page.getByRole("menuitem").first().waitFor();
      assert.equal(await page.getByRole("menuitem").count(), 2);
    }));

  test("exports all that match, without formulas", () =>
    open({ hash: "#/sessions?search=bob" }, async ({ page }) => {
      await shows(page, "3 sessions");
      // The dialog of the system can't be tested.
      await page.evaluate(() => {
        delete globalThis.showSaveFilePicker;
      });
      const text = async (format) => {
        await page.getByTestId("list-menu").click();
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("menuitem", { name: `Export as ${format}`, exact: true }).click(),
        ]);
        const notice = page.getByTestId("export");
        // One is closed, the other one closes by itself.
        if (format === "CSV") await notice.getByRole("button", { name: "Close" }).click();
        else await notice.waitFor({ state: "detached" });
        return readFile(await download.path(), "utf8");
      };
      const [header, first, ...others] = (await text("CSV")).split("\r\n");
      assert.ok(header.startsWith("\ufeffsubjectId,displayName,sessionId"), header);
      assert.match(
        first,
        /^bob,Bob Baker,bob-3,,20.*Z,20.*Z,20.*Z,shop web payroll,198\.51\.100\.7/,
      );
      assert.equal(others.length, 3);
      assert.equal(others.at(-1), "");
      const lines = (await text("NDJSON"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        lines.map(({ sessionId }) => sessionId),
        ["bob-3", "bob-2", "bob-1"],
      );
    }));

  test("hides columns, and remembers it", () =>
    open({}, async ({ page }) => {
      await shows(page, "66 sessions");
      const header = page.getByRole("columnheader", { name: "Address" });
      await header.waitFor();
      await page.getByRole("button", { name: "Columns" }).click();
      await page.getByLabel("Address", { exact: true }).uncheck();
      await page.getByLabel("country", { exact: true }).check();
      await header.waitFor({ state: "detached" });
      await page.getByRole("columnheader", { name: "country" }).waitFor();
      await page.reload();
      await page.getByRole("columnheader", { name: "country" }).waitFor();
      assert.equal(await header.count(), 0);
    }));

  for (const width of [1280, 360]) {
    test(`marks an expired session once, ${width} px`, () =>
      open(
        { viewport: { width, height: 800 }, hash: "#/sessions?subjectId=rania" },
        async ({ page }) => {
          const expired = rows(page).getByText("Expired").filter({ visible: true });
          await expired.waitFor();
          assert.equal(await expired.count(), 1);
        },
      ));
  }

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      test(`is accessible and fits, ${colorScheme}, ${width} px`, () =>
        open(
          { colorScheme, viewport: { width, height: 800 }, hash: "#/sessions?clientId=shop" },
          async ({ page }) => {
            await shows(page, "32 sessions");
            await page.getByLabel("Select all on this page").click();
            await assertAccessible(page);
            await assertFits(page);
            const heights = await rows(page).evaluateAll((all) =>
              all.map((row) => row.getBoundingClientRect().height),
            );
            assert.ok(Math.max(...heights) <= (width === 1280 ? 32 : 56), heights.join());
            if (width === 360) await assertPhoneRow(page);
            await page.getByTestId("add-filter").click();
            await assertAccessible(page);
          },
        ));
    }
  }

  if (name !== "server") return;

  test("marks sessions that end elsewhere, and counts new ones without moving a row", () =>
    open({}, async ({ page, provider, calls }) => {
      await shows(page, "66 sessions");
      await page.getByText("Live", { exact: true }).waitFor();
      const bob = rows(page).filter({ hasText: "bob-2" });
      const before = await bob.boundingBox();
      await provider.management.removeSessions({ ...BOB_2, actor: "carol", reason: "lost laptop" });
      await bob.getByText("ended by carol").waitFor();
      for (const number of [1, 2, 3]) {
        await provider.stores.sessions.create(created(`new-${number}`));
        provider.publish({
          type: "session_created",
          at: new Date(),
          subjectId: `new-${number}`,
          sessionId: `new-${number}`,
        });
      }
      const news = page.getByTestId("new-sessions");
      await news.getByText("3 new sessions").waitFor();
      assert.deepEqual(await bob.boundingBox(), before);
      assert.equal((await queries(calls)).length, 1);
      await news.getByRole("button", { name: "show" }).click();
      await shows(page, "68 sessions");
      assert.equal((await news.textContent()).trim(), "");
      assert.equal(await bob.count(), 0);
    }));

  test("changes the times of a renewed session in place", () =>
    open({}, async ({ page, provider }) => {
      await shows(page, "66 sessions");
      await page.getByText("Live", { exact: true }).waitFor();
      const [stored] = (
        await provider.stores.sessions.list({
          filter: { sessionId: { equals: "bob-2" } },
          order: "newest",
          limit: 1,
        })
      ).sessions;
      const now = Date.now();
      await provider.stores.sessions.update(stored.key, { renewed: now, expires: now + 60_000 });
      provider.publish({ type: "session_renewed", at: new Date(), ...BOB_2 });
      const bob = rows(page).filter({ hasText: "bob-2" });
      await bob.locator("td.renewed").getByText("now", { exact: true }).waitFor();
    }));
});

const BOB_2 = { subjectId: BOB.subjectId, sessionId: "bob-2" };

function created(id) {
  const now = Date.now();
  return {
    key: id,
    scheme: "default",
    subjectId: id,
    sessionId: id,
    created: now,
    renewed: now,
    clients: [],
  };
}
