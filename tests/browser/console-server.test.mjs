/** The console in front of a server's admin API. */

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement, TicketStore } from "../../pkg/entry/node.js";
import { adminApi } from "../../pkg/http.js";
import { browserForSuite, withoutChromium } from "./chromium.mjs";
import {
  clickAndSettle,
  counts,
  deliveries,
  filter,
  open,
  openDialog,
  rows,
  settled,
  total,
} from "./console-page.mjs";
import { serveConsole } from "./serve.mjs";

const ME = { subjectId: "root", sessionId: "own-session", displayName: "Root" };

/** Names and ids that are harmless only as long as they stay text. */
const HOSTILE = `"><script>document.title = "taken"</script><img src=x onerror="document.title = 'taken'">`;

/** The admin API over memory stores; tests replace `answer` to make it fail. */
class AdminApi {
  calls = [];
  answer = undefined;

  async start() {
    const stores = memoryStores();
    const keys = { current: "a", keys: { a: new Uint8Array(32) } };
    const tickets = new TicketStore(stores, { keys });
    await tickets.store({ ...ME, clients: ["app"] });
    await tickets.store({
      subjectId: HOSTILE,
      sessionId: HOSTILE,
      displayName: HOSTILE,
      clients: [HOSTILE],
      userAgent: HOSTILE,
    });
    for (let number = 0; number < 30; number++) {
      await tickets.store({
        subjectId: "ada",
        sessionId: `ada-${number}`,
        expires: Date.now() + 3_600_000,
        clients: ["app"],
      });
    }
    this.tickets = tickets;
    this.management = new SessionManagement({
      ...stores,
      clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://app.example/logout" }),
      sendLogout: ({ clientId }) =>
        clientId === HOSTILE
          ? { delivered: false, retry: false, error: HOSTILE }
          : { delivered: true, status: 200 },
    });
    this.api = adminApi({
      management: this.management,
      authorize: () => ({ actor: "root", permissions: ["read", "remove"], ...ME }),
    });
  }

  handle = async (request, response) => {
    const { method, url, headers } = request;
    const name = /^\/api\/v1\/(.*)$/.exec(url)?.[1];
    if (name === undefined) return false;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = chunks.length > 0 ? Buffer.concat(chunks).toString() : undefined;
    const body = text && JSON.parse(text);
    this.calls.push({ name, method, type: headers["content-type"], body });
    const answer = this.answer?.(name, body);
    if (answer) {
      const type =
        answer.type ??
        (answer.status < 400 ? "application/json" : "application/problem+json; charset=utf-8");
      response.writeHead(answer.status, { "content-type": type });
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    } else {
      const { origin } = new URL(`http://${headers.host}`);
      const call = new Request(new URL(url, origin), { method, headers, body: text });
      const done = await this.api(call);
      response.writeHead(done.status, Object.fromEntries(done.headers));
      response.end(await done.text());
    }
    return true;
  };
}

describe("the console in front of a server", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();
  let api;
  let server;
  before(async () => {
    server = await serveConsole((request, response) => api.handle(request, response));
  });
  beforeEach(async () => {
    api = new AdminApi();
    await api.start();
  });
  after(() => server.close());

  test("lists and ends that server's sessions", () =>
    withPage({}, async (page) => {
      await open(page, server.url);
      assert.equal(await page.locator("#demo-notice").isVisible(), false);
      assert.equal(await page.locator("#who").textContent(), "Signed in as Root");
      assert.equal(await total(page), 32);
      await filter(page, { subject: "ada" });
      await clickAndSettle(page, "next-page");
      assert.equal((await rows(page)).length, 5);

      const [{ sessionId }] = await rows(page);
      await openDialog(page, sessionId);
      await page.getByTestId("reason").fill(" stolen ");
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      assert.equal((await counts(page, "report"))["Sessions removed"], 1);
      assert.deepEqual(
        (await deliveries(page)).map(({ client, state, status }) => [client, state, status]),
        [["app", "delivered", "200"]],
      );
      const removal = api.calls.findLast(({ name }) => name === "sessions/remove");
      assert.deepEqual(removal, {
        name: "sessions/remove",
        method: "POST",
        type: "application/json",
        body: { subjectId: "ada", sessionId, revokeConsents: false, reason: "stolen" },
      });
      const { totalCount } = await api.management.querySessions({ subjectId: "ada" });
      assert.equal(totalCount, 29);
    }));

  test("asks for a removal only after a dry run and a confirmation", () =>
    withPage({}, async (page) => {
      await open(page, server.url);
      await openDialog(page, "ada-29", "end-subject");
      const removals = api.calls.filter(({ name }) => name === "sessions/remove");
      assert.deepEqual(
        removals.map(({ body }) => body),
        [{ subjectId: "ada", dryRun: true }],
      );
    }));

  test("ends the administrator's own session only where that is chosen", () =>
    withPage({}, async (page) => {
      await api.tickets.store({ ...ME, sessionId: "own-other" });
      await open(page, server.url);
      const left = async () => {
        const { results } = await api.management.querySessions({ subjectId: "root" });
        return results.map(({ sessionId }) => sessionId);
      };
      await openDialog(page, "own-other", "end-subject");
      assert.equal((await counts(page, "preview")).Sessions, 2);
      await page.getByTestId("spare-own").check();
      await page.waitForFunction(() => !document.querySelector("#end-confirm").disabled);
      assert.equal((await counts(page, "preview")).Sessions, 1);
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      assert.deepEqual(await left(), ["own-session"]);
      await page.getByTestId("close").click();
      await settled(page);

      await filter(page, { subject: "root" });
      await openDialog(page, "own-session", "end-subject");
      await page.getByTestId("confirm").click();
      await page.getByTestId("own-session-warning").waitFor();
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      assert.equal((await counts(page, "report"))["Sessions removed"], 1);
      assert.deepEqual(await left(), []);
    }));

  test("keeps whatever a server says as text", () =>
    withPage({ expectedErrors: /400/ }, async (page) => {
      await open(page, server.url);
      const hostile = (await rows(page)).find(({ subjectId }) => subjectId === HOSTILE);
      assert.equal(hostile, undefined, "it is among the oldest");
      await filter(page, { search: "taken" });
      const [row] = await rows(page);
      assert.deepEqual(
        [row.subjectId, row.displayName, row.clients],
        [HOSTILE, HOSTILE, [HOSTILE]],
      );
      await page.getByTestId("show-details").click();
      await page.getByTestId("end-session").click();
      await page.locator("#end-preview .counts").waitFor();
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      const [delivery] = await deliveries(page);
      assert.deepEqual(
        [delivery.client, delivery.state, delivery.result],
        [HOSTILE, "failed", HOSTILE],
      );

      await page.getByTestId("close").click();
      api.answer = (name) =>
        name === "sessions/query" && { status: 400, body: { code: HOSTILE, detail: HOSTILE } };
      await clickAndSettle(page, "apply-filter");
      assert.ok((await page.locator("#results-problem").textContent()).includes(HOSTILE));
      assert.equal(await page.title(), "Sessions · Rollcall");
      assert.equal(
        await page.locator("main img, main script, dialog img, dialog script").count(),
        0,
      );
    }));

  const refusals = [
    { status: 401, code: "not_signed_in", advice: /Sign in as an administrator/ },
    { status: 403, code: "not_an_administrator", advice: /may not manage sessions/ },
  ];
  for (const { status, code, advice } of refusals) {
    test(`leads to the sign-in form on ${status}`, () =>
      withPage({ expectedErrors: new RegExp(String(status)) }, async (page) => {
        api.answer = () => ({ status, body: { status, detail: "who is this" } });
        await open(page, `${server.url}?subject=ada`);
        const problem = await page.locator("#page-problem").textContent();
        assert.match(problem, /who is this/);
        assert.match(problem, new RegExp(code));
        assert.match(problem, advice);
        const link = page.getByRole("link", { name: "Sign in" });
        assert.equal(await link.getAttribute("href"), "/sign-in?return=%2F%3Fsubject%3Dada");
        assert.equal(await page.getByTestId("apply-filter").isVisible(), false);
      }));
  }

  test("leads to the place to sign in that the server names", () =>
    withPage({ expectedErrors: /401/ }, async (page) => {
      api.answer = () => ({ status: 401, body: { signIn: "/login?to={return}&for=console" } });
      await open(page, `${server.url}?subject=ada`);
      const link = page.getByRole("link", { name: "Sign in" });
      assert.equal(await link.getAttribute("href"), "/login?to=%2F%3Fsubject%3Dada&for=console");
    }));

  test("leads to the sign-in form when the session ends while the page is open", () =>
    withPage({ expectedErrors: /401/ }, async (page) => {
      await open(page, server.url);
      api.answer = () => ({ status: 401, body: "", type: "text/plain" });
      await clickAndSettle(page, "next-page");
      assert.match(await page.locator("#page-problem").textContent(), /not_signed_in/);
      assert.equal(await page.getByTestId("session-row").first().isVisible(), false);
    }));

  test("says what failed, and goes on when it works again", () =>
    withPage({ expectedErrors: /50[02]|ERR_INTERNET_DISCONNECTED/ }, async (page) => {
      await open(page, server.url);
      const failures = [
        [
          { status: 500, body: { code: "store_failed", detail: "the store failed in `list`" } },
          /the store failed.*store_failed.*Try again/s,
        ],
        [{ status: 502, body: "<h1>Bad gateway</h1>", type: "text/html" }, /502.*http_502/s],
        [{ status: 200, body: "<h1>Hello</h1>", type: "text/html" }, /not JSON/],
      ];
      for (const [answer, expected] of failures) {
        api.answer = (name) => name === "sessions/query" && answer;
        await clickAndSettle(page, "apply-filter");
        assert.match(await page.locator("#results-problem").textContent(), expected);
        assert.equal(await page.getByTestId("session-row").count(), 0);
        api.answer = undefined;
        await page.getByRole("button", { name: "Try again" }).click();
        await page.getByTestId("session-row").first().waitFor();
      }

      await page.context().setOffline(true);
      await clickAndSettle(page, "apply-filter");
      assert.match(
        await page.locator("#results-problem").textContent(),
        /could not be reached.*unreachable.*connection/s,
      );
      await page.context().setOffline(false);
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByTestId("session-row").first().waitFor();

      api.answer = (name, body) => name === "sessions/remove" && !body.dryRun && failures[0][0];
      await openDialog(page, "ada-29");
      await page.getByTestId("confirm").click();
      await page.locator("#end-problem").getByText("store_failed").waitFor();
      assert.equal(await page.getByTestId("report").isVisible(), false);
      api.answer = undefined;
      await page.getByTestId("confirm").click();
      await page.getByTestId("report").waitFor();
      assert.equal((await counts(page, "report"))["Sessions removed"], 1);
    }));
});
