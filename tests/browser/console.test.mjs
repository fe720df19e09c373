/** The console without a server: the package in the page, over sample sessions. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { browserForSuite, withoutChromium } from "./chromium.mjs";
import {
  clickAndSettle,
  counts,
  deliveries,
  filter,
  onPage,
  open,
  openDialog,
  previewed,
  rows,
  settled,
  total,
} from "./console-page.mjs";
import { serveConsole } from "./serve.mjs";

/** The account with the most sessions, which the sample gives no display name. */
const BUSIEST = "svc-backup";

const ids = (sessions) => sessions.map(({ sessionId }) => sessionId);

describe("the console over sample sessions", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();
  let server;
  let demo;
  before(async () => {
    server = await serveConsole();
    demo = `${server.url}?demo`;
  });
  after(() => server.close());

  /** Runs a test in a page that shows the demo at these parameters. */
  const inDemo = (parameters, use, options = {}) =>
    withPage(options, async (page) => {
      await open(page, `${demo}${parameters}`);
      await use(page);
    });

  test("is what a page without an admin API beside it shows", () =>
    withPage({ expectedErrors: /404/ }, async (page) => {
      await open(page, server.url);
      assert.match(await page.locator("#demo-notice").textContent(), /sample sessions/);
      assert.equal((await rows(page)).length, 25);
    }));

  test("pages to the end and back, and shows every session once", () =>
    inDemo("&size=50", async (page) => {
      const all = await total(page);
      const prev = page.getByTestId("prev-page");
      const next = page.getByTestId("next-page");
      assert.equal(await prev.isEnabled(), false);

      const pages = [await rows(page)];
      while (await next.isEnabled()) {
        await clickAndSettle(page, "next-page");
        pages.push(await rows(page));
        assert.equal(
          await page.getByTestId("page-number").textContent(),
          `page ${pages.length} of ${Math.ceil(all / 50)}`,
        );
        assert.equal(await prev.isEnabled(), true);
      }
      assert.equal(pages.flat().length, all);
      assert.equal(new Set(ids(pages.flat())).size, all);

      for (const earlier of pages.slice(0, -1).reverse()) {
        await clickAndSettle(page, "prev-page");
        assert.deepEqual(ids(await rows(page)), ids(earlier));
        assert.equal(await next.isEnabled(), true);
      }
      assert.equal(await prev.isEnabled(), false);
    }));

  test("keeps filter and page through a reload and the browser's history", () =>
    inDemo("&size=10", async (page) => {
      await filter(page, { subject: BUSIEST, order: "oldest" });
      const [first] = await rows(page);
      await clickAndSettle(page, "next-page");
      await clickAndSettle(page, "next-page");
      const third = await rows(page);
      assert.equal(await page.getByTestId("filter-subject").inputValue(), BUSIEST);

      await page.reload();
      await settled(page);
      assert.deepEqual(await rows(page), third);
      assert.equal(await page.getByTestId("filter-order").inputValue(), "oldest");

      await page.goBack();
      await onPage(page, 2);
      await page.goBack();
      await onPage(page, 1);
      assert.deepEqual((await rows(page))[0], first);
      await page.goForward();
      await onPage(page, 2);
      await page.goBack();
      await onPage(page, 1);
      await page.goBack();
      await page.waitForFunction(() => document.querySelector("#filter-subject").value === "");
      await settled(page);
      assert.ok((await total(page)) > 500);
    }));

  test("filters by each field", () =>
    inDemo("&size=1000", async (page) => {
      const everything = await rows(page);
      const expectations = [
        [{ subject: BUSIEST }, (row) => row.subjectId === BUSIEST],
        [{ session: everything[7].sessionId }, (row) => row.sessionId === everything[7].sessionId],
        [{ name: "mÜLL" }, (row) => row.displayName.toLowerCase().includes("müll")],
        [{ client: "wiki" }, (row) => row.clients.includes("wiki")],
        [{ state: "expired" }, (row) => row.isExpired],
        [{ state: "active" }, (row) => !row.isExpired],
        [{ search: BUSIEST }, (row) => row.subjectId === BUSIEST],
        [{ search: everything[9].sessionId }, (row) => row.sessionId === everything[9].sessionId],
        [{ search: "ИВАНОВ" }, (row) => row.displayName === "Дмитрий Иванов"],
        [{ search: "%" }, (row) => row.displayName.includes("%")],
        [
          { client: "mail", state: "active", name: "o" },
          (row) => {
            return (
              row.clients.includes("mail") &&
              !row.isExpired &&
              row.displayName.toLowerCase().includes("o")
            );
          },
        ],
      ];
      for (const [fields, belongs] of expectations) {
        await filter(page, {
          subject: "",
          session: "",
          name: "",
          client: "",
          search: "",
          state: "any",
          ...fields,
        });
        const expected = everything.filter(belongs);
        assert.ok(expected.length > 0, `the sample has nothing for ${JSON.stringify(fields)}`);
        assert.deepEqual(ids(await rows(page)), ids(expected), JSON.stringify(fields));
        assert.equal(await total(page), expected.length);
      }
      await filter(page, { client: "", name: "", state: "any", order: "oldest" });
      assert.deepEqual(ids(await rows(page)), ids(everything).reverse());

      await filter(page, { subject: "nobody" });
      assert.equal(await page.getByTestId("session-row").count(), 0);
      assert.match(await page.locator("#empty").textContent(), /No session matches/);
      await clickAndSettle(page, "clear-filter");
      assert.equal(await page.getByTestId("filter-subject").inputValue(), "");
      assert.equal((await rows(page)).length, 25);
    }));

  test("filters by a subject and by a client from the list", () =>
    inDemo(`&subject=${BUSIEST}`, async (page) => {
      await page.getByTestId("session-row").locator(".tag", { hasText: "wiki" }).first().click();
      await page.waitForFunction(() => document.querySelector("#filter-client").value === "wiki");
      await settled(page);
      assert.equal(await page.getByTestId("filter-subject").inputValue(), "");
      const [{ subjectId }] = await rows(page);
      await page.getByRole("link", { name: subjectId }).first().click();
      await page.waitForFunction(() => document.querySelector("#filter-client").value === "");
      await settled(page);
      assert.ok((await rows(page)).every((row) => row.subjectId === subjectId));
    }));

  test("shows what it knows of a session", () =>
    inDemo("", async (page) => {
      const [own] = await rows(page);
      assert.deepEqual(
        { subjectId: own.subjectId, isOwn: own.isOwn },
        { subjectId: "admin-1", isOwn: true },
      );
      const toggle = page.getByTestId("show-details").first();
      assert.equal(await page.getByTestId("session-details").first().isVisible(), false);
      await toggle.click();
      const details = await page.getByTestId("session-details").first().textContent();
      for (const part of [own.sessionId, "192.0.2.7", "Chrome", "https://id.example", " UTC"]) {
        assert.ok(details.includes(part), part);
      }
      assert.equal(await toggle.getAttribute("aria-expanded"), "true");

      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy session id" }).first().click();
      await page.getByText("Session id copied").waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), own.sessionId);
    }));

  test("ends a session after a preview, and reports every delivery", () =>
    inDemo("&size=100", async (page) => {
      const before = await total(page);
      const every = ["mail", "calendar", "wiki", "billing", "reports", "legacy-erp"];
      const session = (await rows(page)).find(
        ({ clients }) => clients.length >= every.length - 1 && clients.includes("billing"),
      );
      assert.ok(session, "the sample has a session with nearly every client");
      await openDialog(page, session.sessionId);

      const told = session.clients.filter((client) => client !== "legacy-erp");
      const expected = {
        Sessions: 1,
        Tokens: session.clients.length,
        Consents: 0,
        Notifications: told.length,
      };
      assert.deepEqual(await counts(page, "preview"), expected);
      assert.equal(await page.getByLabel("Revoke consents").isDisabled(), true);
      assert.equal(await total(page), before);

      await page.getByTestId("reason").fill("lost laptop");
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      const done = await counts(page, "report");
      assert.equal(done["Sessions removed"], 1);
      assert.equal(done["Tokens revoked"], session.clients.length);

      const outcomes = Object.fromEntries(
        (await deliveries(page)).map(({ client, state, status }) => [client, [state, status]]),
      );
      const answers = {
        mail: ["delivered", "200"],
        calendar: ["delivered", "200"],
        wiki: ["delivered", "204"],
        billing: ["failed", "400"],
        reports: ["pending", "503"],
        "legacy-erp": ["skipped", "–"],
      };
      assert.deepEqual(
        outcomes,
        Object.fromEntries(session.clients.map((client) => [client, answers[client]])),
      );

      await page.getByTestId("close").click();
      await settled(page);
      assert.equal(await total(page), before - 1);
      assert.ok((await rows(page)).every(({ sessionId }) => sessionId !== session.sessionId));
    }));

  test("ends all sessions of a subject, and notifies each client of each, except one that asks for one token", () =>
    inDemo(`&subject=${BUSIEST}&size=1000`, async (page) => {
      const all = await rows(page);
      const notified = (client) => all.filter(({ clients }) => clients.includes(client)).length;
      await openDialog(page, all[0].sessionId, "end-subject");
      assert.equal((await counts(page, "preview")).Sessions, all.length);
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      const done = await counts(page, "report");
      assert.equal(done["Sessions removed"], all.length);
      assert.equal(done["Consents revoked"], 6);
      assert.deepEqual(
        [done.Delivered, done.Pending, done.Failed, done.Skipped],
        [1 + notified("calendar") + notified("wiki"), notified("reports"), notified("billing"), 1],
      );
      const clients = (await deliveries(page)).map(({ client }) => client);
      const once = ["legacy-erp", "mail"];
      for (const client of once) {
        assert.equal(clients.filter((other) => other === client).length, 1, client);
      }
      await page.getByTestId("close").click();
      await settled(page);
      assert.equal(await total(page), 0);
      await clickAndSettle(page, "clear-filter");
      assert.equal(await total(page), 518 - all.length);
    }));

  test("changes nothing when the dialog is cancelled", () =>
    inDemo("", async (page) => {
      const before = { rows: await rows(page), total: await total(page) };
      const { sessionId } = before.rows[3];
      for (const leave of [
        () => page.getByTestId("cancel").click(),
        () => page.keyboard.press("Escape"),
      ]) {
        for (const button of ["end-session", "end-subject"]) {
          await openDialog(page, sessionId, button);
          await leave();
          await page.locator("dialog").waitFor({ state: "hidden" });
        }
      }
      await clickAndSettle(page, "apply-filter");
      assert.deepEqual({ rows: await rows(page), total: await total(page) }, before);
    }));

  test("ends only what is chosen", () =>
    inDemo("", async (page) => {
      const before = await total(page);
      const session = (await rows(page)).find(({ clients, isOwn }) => clients.length > 1 && !isOwn);
      await openDialog(page, session.sessionId);
      for (const label of ["Remove the session", "Tell the clients"])
        await page.getByLabel(label).uncheck();
      await page.getByTestId("preview").getByText("Sessions").waitFor();
      await previewed(page);
      await page.waitForFunction(() => !document.querySelector("#end-confirm").disabled);
      const expected = {
        Sessions: 0,
        Tokens: session.clients.length,
        Consents: 0,
        Notifications: 0,
      };
      assert.deepEqual(await counts(page, "preview"), expected);

      await page.getByLabel("Revoke tokens").uncheck();
      assert.equal(await page.getByTestId("confirm").isDisabled(), true);
      await page.getByLabel("Revoke tokens").check();
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      assert.deepEqual(await deliveries(page), []);
      assert.equal((await counts(page, "report"))["Tokens revoked"], session.clients.length);
      await page.getByTestId("close").click();
      await settled(page);
      assert.equal(await total(page), before);
    }));

  test("asks once more before it ends the administrator's own session", () =>
    inDemo("", async (page) => {
      const [own] = await rows(page);
      await openDialog(page, own.sessionId);
      await page.getByTestId("confirm").click();
      await page.getByTestId("own-session-warning").waitFor();
      await page.getByTestId("cancel").click();
      assert.deepEqual((await rows(page))[0], own);

      await openDialog(page, own.sessionId, "end-subject");
      await page.getByTestId("spare-own").check();
      await page.waitForFunction(() => !document.querySelector("#end-confirm").disabled);
      assert.equal((await counts(page, "preview")).Sessions, 0);
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      await page.getByTestId("close").click();
      await settled(page);
      assert.deepEqual((await rows(page))[0], own);

      await openDialog(page, own.sessionId);
      await page.getByTestId("confirm").click();
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      await page.getByTestId("close").click();
      await page.getByText("not_signed_in").waitFor();
      assert.equal(await page.getByTestId("session-row").first().isVisible(), false);
      await page.getByRole("link", { name: "Sign in" }).click();
      await settled(page);
      assert.equal((await rows(page))[0].isOwn, true);
    }));

  test("shows a name that looks like markup as it is", () =>
    inDemo("&search=<img", async (page) => {
      const [row] = await rows(page);
      assert.equal(row.displayName, "<img src=x onerror=alert(1)>");
      await page.getByTestId("show-details").first().click();
      await openDialog(page, row.sessionId);
      assert.match(
        await page.locator("#end-summary").textContent(),
        /<img src=x onerror=alert\(1\)>/,
      );
      assert.equal(await page.locator("main img, dialog img").count(), 0);
    }));

  test("offers page one when the address holds a token that does not fit", () =>
    inDemo(`&size=10&subject=${BUSIEST}`, async (page) => {
      await clickAndSettle(page, "next-page");
      const ofAnotherOrder = page.url();
      const cases = [
        [`${ofAnotherOrder}&order=oldest`, "results_token_mismatch"],
        [`${demo}&size=10&subject=${BUSIEST}&token=damaged`, "invalid_results_token"],
      ];
      for (const [url, code] of cases) {
        await open(page, url);
        assert.match(await page.locator("#results-problem").textContent(), new RegExp(code));
        assert.equal(await page.getByTestId("session-row").count(), 0);
        await page.getByRole("button", { name: "Start at page one" }).click();
        await onPage(page, 1);
        assert.equal((await rows(page)).length, 10);
        assert.equal(await page.getByTestId("filter-subject").inputValue(), BUSIEST);
      }
    }));

  test("fits a narrow screen", () =>
    inDemo(
      "",
      async (page) => {
        const width = () => page.evaluate(() => document.documentElement.scrollWidth);
        assert.equal(await width(), 360);
        const session = (await rows(page)).find(
          ({ clients, isOwn }) => clients.length > 3 && !isOwn,
        );
        await openDialog(page, session.sessionId);
        await page.getByTestId("confirm").click();
        await page.getByTestId("report").waitFor();
        assert.equal(await width(), 360);
        const dialog = await page
          .locator("dialog .body")
          .evaluate((body) => body.scrollWidth - body.clientWidth);
        assert.equal(dialog, 0);
      },
      { viewport: { width: 360, height: 780 } },
    ));
});
