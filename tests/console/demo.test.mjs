/** The browser mode: made-up sessions, kept in the browser. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertAccessible, assertFits } from "./support/accessibility.mjs";
import { browserForSuite, withoutChromium } from "./support/chromium.mjs";
import { startProvider } from "./support/provider.mjs";
import { becomes } from "./support/waiting.mjs";

/** Runs in the page before the console: gives the test the demo's admin API, with `&faults`. */
function exposeApi() {
  globalThis.rollcallFaults = (request, next) => {
    globalThis.demoApi = next;
    return next(request);
  };
}

/** Calls the demo's admin API in the page. */
function call(page, path, body) {
  return page.evaluate(
    async ([path, body]) => {
      const init = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      };
      const url = new URL(`api/v1/${path}`, location.href);
      const request = new Request(url, body === undefined ? {} : init);
      const response = await globalThis.demoApi(request);
      return { status: response.status, body: await response.json() };
    },
    [path, body],
  );
}

async function sessions(page, query = {}) {
  const { status, body } = await call(page, "sessions/query", { countRequested: 1_000, ...query });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** The number of sessions in IndexedDB. */
const keptCount = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("keyval-store");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const { result } = opening;
          const reading = result.transaction("keyval").objectStore("keyval").get("rollcall-demo");
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () => {
            result.close();
            resolve(reading.result?.sessions.rows.length);
          };
        };
      }),
  );

const bobs = async (page) => (await sessions(page, { subjectId: "bob" })).results;

describe("the demo", { skip: withoutChromium }, () => {
  let provider;
  before(async () => {
    provider = await startProvider();
  });
  after(() => provider.close());
  const withPage = browserForSuite();

  const ready = (page) => page.getByTestId("demo-tag").waitFor({ timeout: 60_000 });

  /** Opens the demo with these parameters. */
  const demo = (query, use, { prepare, ...options } = {}) =>
    withPage({ clock: "real", ...options }, async (page) => {
      await page.addInitScript(exposeApi);
      await prepare?.(page);
      await page.goto(`${provider.url}?demo&faults&${query}#/sessions`);
      await ready(page);
      await use(page);
    });

  test("makes up 10,000 sessions, the same ones at the same time", async () => {
    const first = [];
    for (const _ of [1, 2]) {
      await demo(
        "still",
        async (page) => {
          const { results, totalCount } = await sessions(page, { count: "exact" });
          assert.equal(totalCount, 10_000);
          first.push(results);
        },
        { clock: "fixed" },
      );
    }
    assert.deepEqual(first[0], first[1]);
  });

  test("has sessions of every kind", () =>
    demo("still", async (page) => {
      const count = async (query) => {
        const page1 = await sessions(page, { ...query, count: "exact" });
        return page1.totalCount;
      };
      const expired = await count({ state: "expired" });
      assert.ok(expired > 100 && expired < 1_000, `${expired} expired`);
      assert.ok((await count({ displayName: "bob" })) >= 7);
      for (const days of [30, 90]) {
        const before = new Date(Date.now() - days * 86_400_000).toISOString();
        assert.ok((await count({ renewed: { before }, state: "active" })) >= 10, `${days} days`);
      }
      for (const name of ["王", "محمد", "כהן", "é"]) {
        assert.ok((await count({ displayName: name })) > 10, name);
      }
      const { body } = await call(page, "stats?hours=168");
      assert.ok(body.created.filter(({ count }) => count > 0).length > 100);
      assert.equal(body.clients.length, 8);
      assert.ok(body.deliveries.pending.count > 0 && body.deliveries.failed.count > 0);
      const { results } = await sessions(page, { subjectId: "avery" });
      assert.deepEqual(
        results.map(({ own }) => own),
        [true],
      );
    }));

  test("says which parts of its address it corrected", () =>
    demo("still&sessions=-5&permissions=read,write&colour=red", async (page) => {
      const corrected = page.getByTestId("demo-corrected");
      await corrected.waitFor();
      const text = await corrected.innerText();
      for (const part of ["“colour”", "not “-5”. The demo has 0 sessions", "can't have “write”"]) {
        assert.ok(text.includes(part), `${part} in: ${text}`);
      }
      await assertAccessible(page);
    }));

  test("ends Bob's other sessions: two clients are notified, one after a retry", () =>
    demo("sessions=100&still", async (page) => {
      const [latest, ...others] = (await bobs(page)).sort((one, other) =>
        one.renewed < other.renewed ? 1 : -1,
      );
      assert.equal(others.length, 3);
      const { body } = await call(page, "sessions/remove", {
        subjectId: "bob",
        exceptSessionIds: [latest.sessionId],
      });
      assert.equal(body.sessionsRemoved, 3);
      const states = body.deliveries.map(({ clientId, state }) => `${clientId} ${state}`);
      assert.deepEqual(states.sort(), ["payroll failed", "shop delivered", "web delivered"]);
      const { id } = body.deliveries.find(({ state }) => state === "failed");
      await page.evaluate(
        (url) => globalThis.demoApi(new Request(new URL(url, location.href), { method: "POST" })),
        `api/v1/deliveries/${encodeURIComponent(id)}/retry`,
      );
      const stateNow = () =>
        page.evaluate(
          async ([url, id]) => {
            const response = await globalThis.demoApi(new Request(new URL(url, location.href)));
            const { deliveries } = await response.json();
            return deliveries.find((delivery) => delivery.id === id).state;
          },
          ["api/v1/deliveries?subjectId=bob", id],
        );
      await becomes(stateNow, "delivered");
    }));

  for (const [query, count] of [
    ["sessions=0", 0],
    ["sessions=-5", 0],
    ["sessions=3.4", 3],
    ["sessions=many", 10_000],
    ["sessions=", 10_000],
  ]) {
    test(`makes up ${count} sessions with \`${query}\``, () =>
      demo(`${query}&still`, async (page) => {
        const { totalCount } = await sessions(page, { count: "exact" });
        assert.equal(totalCount, count);
      }));
  }

  test("limits the administrator", () =>
    demo("sessions=10&still&permissions=read,all&redact=ipAddress&requireReason", async (page) => {
      const { body } = await call(page, "me");
      assert.deepEqual(body.permissions, ["read"]);
      assert.equal(body.requireReason, true);
      const { results } = await sessions(page);
      assert.ok(results.every(({ ipAddress }) => ipAddress === undefined));
      const { status } = await call(page, "sessions/remove", { subjectId: "bob", reason: "test" });
      assert.equal(status, 403);
    }));

  test("asks for a recent sign-in, and comes back from it", () =>
    demo("sessions=10&still&stepUp", async (page) => {
      const { status, body } = await call(page, "sessions/purge", { filter: { clientId: "web" } });
      assert.deepEqual([status, body.code], [401, "step_up_required"]);
      const target = new URL(page.url());
      const back = encodeURIComponent(`${target.pathname}${target.search}#/purge?clientId=web`);
      await page.goto(new URL(body.signIn.replace("{return}", back), page.url()).href);
      await ready(page);
      assert.ok(page.url().endsWith("#/purge?clientId=web"), page.url());
      assert.equal(
        (await call(page, "sessions/purge", { filter: { clientId: "web" } })).status,
        200,
      );
    }));

  test("keeps changes until it is reset", () =>
    demo("sessions=200&still", async (page) => {
      const whole = await sessions(page);
      await call(page, "sessions/remove", { subjectId: "bob" });
      const changed = await sessions(page);
      await page.reload();
      await ready(page);
      assert.deepEqual((await sessions(page)).results, changed.results);
      await page.getByTestId("demo-tag").click();
      await Promise.all([page.waitForEvent("load"), page.getByTestId("demo-reset").click()]);
      await ready(page);
      const again = await sessions(page);
      assert.equal(again.results.length, whole.results.length);
      assert.equal((await bobs(page)).length, 4);
    }));

  test("writes changes within seconds, for a page that crashes", () =>
    demo("sessions=50&still", async (page) => {
      await becomes(() => keptCount(page), 50);
    }));

  for (const [title, kept] of [
    ["damaged", { version: 1, sessions: { next: 1, rows: [{ number: 0, session: {} }] } }],
    ["of a later version", { version: 2 }],
    ["foreign", "something else"],
  ]) {
    test(`starts over if the kept sessions are ${title}, and says so`, () =>
      demo("still", async (page) => {
        // A page that runs the demo would write over it.
        await page.goto(`${provider.url}icon.svg`);
        await page.evaluate(async (kept) => {
          const { promise, resolve } = Promise.withResolvers();
          const opening = indexedDB.open("keyval-store");
          opening.onsuccess = () => {
            const writing = opening.result.transaction("keyval", "readwrite");
            writing.objectStore("keyval").put(kept, "rollcall-demo");
            writing.oncomplete = resolve;
          };
          await promise;
        }, kept);
        await page.goto(`${provider.url}?demo&still&faults#/sessions`);
        await page.getByText("The sessions of your last visit can't be read").waitFor();
        assert.equal((await bobs(page)).length, 4);
      }));
  }

  test("runs in two tabs", () =>
    demo("sessions=50&still", async (page) => {
      const other = await page.context().newPage();
      await other.addInitScript(exposeApi);
      await other.goto(page.url());
      await ready(other);
      await call(other, "sessions/remove", { subjectId: "bob" });
      assert.equal((await bobs(page)).length, 4);
      // The first tab has written, so it doesn't write again when it's closed.
      await becomes(() => keptCount(page), 50);
      await page.goto("about:blank");
      // The second tab writes once it has the lock, which the first one held until then.
      await becomes(() => keptCount(other), 46);
      await other.reload();
      await ready(other);
      assert.equal((await bobs(other)).length, 0);
    }));

  for (const colorScheme of ["light", "dark"]) {
    test(`explains itself accessibly, ${colorScheme}`, () =>
      demo(
        "sessions=50&still",
        async (page) => {
          await page.getByTestId("demo-tag").click();
          await page.getByTestId("demo-notice").waitFor();
          await assertAccessible(page);
          await assertFits(page);
        },
        { colorScheme, viewport: { width: 360, height: 740 } },
      ));
  }

  test("works without storage", () =>
    demo(
      "sessions=50&still",
      async (page) => {
        assert.equal((await bobs(page)).length, 4);
        await page.getByTestId("demo-tag").click();
        await page.getByText("This browser keeps no data for this page.").waitFor();
      },
      {
        prepare: (page) =>
          page.addInitScript(() => {
            IDBFactory.prototype.open = () => {
              throw new DOMException("The operation is insecure.", "SecurityError");
            };
          }),
      },
    ));

  test("lets users come and go by itself", () =>
    demo("sessions=300", async (page) => {
      const types = await page.evaluate(async () => {
        const url = new URL("api/v1/events", location.href);
        const { body } = await globalThis.demoApi(new Request(url));
        let text = "";
        for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
          text += chunk;
          if (/event: session_/.test(text)) return text.match(/event: session_\w+/g);
        }
      });
      assert.match(types[0], /session_(created|renewed|removed)/);
    }));

  test("asks no server for anything but its own files", () =>
    demo("sessions=50", async (page) => {
      const urls = [];
      page.on("request", (request) => urls.push(request.url()));
      await page.reload();
      await ready(page);
      await call(page, "sessions/remove", { subjectId: "bob" });
      const own = new RegExp(`^${provider.url}(\\?.*|icon\\.svg|assets/[\\w.-]+)$`);
      assert.deepEqual(
        urls.filter((url) => !own.test(url.replace(/#.*/, ""))),
        [],
      );
    }));

  test("isn't loaded next to a server", () =>
    withPage({ clock: "real" }, async (page) => {
      const urls = [];
      page.on("request", (request) => urls.push(request.url()));
      await page.goto(provider.url);
      await page.getByRole("navigation").getByRole("link").first().waitFor();
      assert.deepEqual(
        urls.filter((url) => /demo|\.wasm/.test(url)),
        [],
      );
    }));
});
