/**
 * Access to the provider, the console and the admin API.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { createClient } from "@libsql/client";
import { browserForSuite, withoutChromium } from "../console/support/chromium.mjs";
import { startExample, temporaryFolder } from "./support/example.mjs";
import {
  beginSignIn,
  callAdminApi,
  enterPassword,
  REFUSALS,
  sessionsOf,
  signInAtProvider,
} from "./support/visitor.mjs";

describe("access", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();
  const expectingRefusals = (use) => withPage({ expectedErrors: REFUSALS }, use);
  let data;
  let example;

  before(async () => {
    data = await temporaryFolder();
    example = await startExample(join(data.folder, "sessions.db"));
  });
  after(async () => {
    await example?.stop();
    await data?.remove();
  });

  /** Waits until these denials are the last ones in the audit table. */
  async function untilAudited(denials) {
    const client = createClient({ url: `file:${join(data.folder, "sessions.db")}` });
    const last = async () => {
      const { rows } = await client.execute(
        "SELECT actor, outcome, detail FROM audit WHERE type = 'admin_denied' ORDER BY number",
      );
      return rows.slice(-denials.length).map(({ actor, outcome, detail }) => {
        assert.equal(outcome, "denied");
        return { type: "admin_denied", ...(actor && { actor }), ...JSON.parse(detail) };
      });
    };
    try {
      for (let tries = 0; tries < 100; tries++) {
        if (isDeepStrictEqual(await last(), denials)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.deepEqual(await last(), denials);
    } finally {
      client.close();
    }
  }

  /** The cookies of this browser at the provider, as a header. */
  async function cookieHeader(page) {
    const cookies = await page.context().cookies(example.issuer);
    return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  test("a wrong password and an unknown name get the same answer and no session", () =>
    expectingRefusals(async (page) => {
      await beginSignIn(page, example.notes);
      await enterPassword(page, "alice", "looking-glass");
      const wrongPassword = await page.getByTestId("problem").textContent();
      await enterPassword(page, "mallory", "looking-glass");
      assert.equal(await page.getByTestId("problem").textContent(), wrongPassword);
      assert.match(wrongPassword, /wrong/);
      await page.goto(`${example.issuer}/`);
      assert.match(await page.locator("h1").textContent(), /nobody/i);
    }));

  test("canceling returns to the application, signed out", () =>
    expectingRefusals(async (page) => {
      await beginSignIn(page, example.notes);
      await page.getByRole("button", { name: "Cancel" }).click();
      assert.equal(new URL(page.url()).origin, example.notes);
      assert.match(await page.getByRole("alert").textContent(), /access_denied/);
    }));

  test("the console requires a sign-in, and admits only administrators", () =>
    expectingRefusals(async (page) => {
      await page.goto(example.console);
      await enterPassword(page, "alice");
      await page.waitForURL(example.console);
      assert.match(await page.getByTestId("problem").textContent(), /Alice Liddell, who may not/);
      assert.equal(await page.getByTestId("session-row").count(), 0);

      for (const [route, body] of [
        ["me"],
        ["sessions"],
        ["sessions/query", {}],
        ["sessions/remove", { subjectId: "carol" }],
        ["sessions/purge", { everything: true }],
        ["events"],
      ]) {
        const answer = await callAdminApi(page, route, body);
        assert.deepEqual([answer.status, answer.body.code], [403, "forbidden"], route);
        assert.match(answer.type, /^application\/problem\+json/);
      }
    }));

  test("the console comes with its own policy, and only for administrators", () =>
    withPage({}, async (page) => {
      const get = async (path, headers) => {
        const response = await fetch(new URL(path, example.console), {
          headers,
          redirect: "manual",
        });
        return { response, text: await response.text() };
      };
      const { response: unknown } = await get("");
      assert.deepEqual(
        [unknown.status, unknown.headers.get("location")],
        [303, "/sign-in?return=%2Fadmin%2F"],
      );

      await signInAtProvider(page, example.issuer, "carol");
      const cookie = await cookieHeader(page);
      const { response: slash } = await get("/admin", { cookie });
      assert.deepEqual([slash.status, slash.headers.get("location")], [308, "./admin/"]);
      const { response, text } = await get("", { cookie });
      const policy = response.headers.get("content-security-policy");
      assert.match(policy, /require-trusted-types-for 'script'.*frame-ancestors 'none'$/);
      assert.equal(response.headers.get("referrer-policy"), "no-referrer");

      const [script] = /assets\/index-[\w-]+\.js/.exec(text);
      assert.equal((await get(script)).response.status, 303);
      const { response: found } = await get(script, { cookie });
      assert.match(found.headers.get("cache-control"), /immutable/);
      assert.equal((await get("assets/lost.js", { cookie })).response.status, 404);

      await page.goto(example.console);
      await page.getByRole("navigation").getByRole("link", { name: "Sessions" }).waitFor();
    }));

  test("the admin API refuses requests without a session", async () => {
    for (const [route, method] of [
      ["me", "GET"],
      ["sessions", "GET"],
      ["sessions/query", "POST"],
      ["sessions/remove", "POST"],
      ["sessions/purge", "POST"],
      ["events", "GET"],
    ]) {
      const response = await fetch(`${example.issuer}/admin/api/v1/${route}`, {
        method,
        headers: { origin: example.issuer },
      });
      assert.equal(response.status, 401, route);
      const { code, signIn } = await response.json();
      assert.deepEqual([code, signIn], ["not_signed_in", "/sign-in?return={return}"], route);
      assert.match(response.headers.get("content-type"), /^application\/problem\+json/);
      assert.equal(response.headers.get("cache-control"), "no-store");
    }
  });

  test("the admin API accepts only JSON from pages of its own origin", () =>
    withPage({}, async (page) => {
      await signInAtProvider(page, example.issuer, "carol");
      const cookie = await cookieHeader(page);
      const call = async (headers, body = "{}") => {
        const response = await fetch(`${example.issuer}/admin/api/v1/sessions/query`, {
          method: "POST",
          headers: { cookie, ...headers },
          body,
        });
        return response.status;
      };
      const json = { "content-type": "application/json" };
      assert.equal(await call({ ...json, origin: example.issuer }), 200);
      assert.equal(await call(json), 403, "no origin");
      assert.equal(await call({ ...json, origin: example.notes }), 403, "another origin");
      assert.equal(
        await call({ ...json, origin: example.issuer, "sec-fetch-site": "same-site" }),
        403,
        "another site",
      );
      assert.equal(await call({ origin: example.issuer, "content-type": "text/plain" }), 415);
      assert.equal(
        await call({ origin: example.issuer, "content-type": "application/x-www-form-urlencoded" }),
        415,
      );
      assert.equal(await call({ ...json, origin: example.issuer }, "{"), 400);
      assert.equal(
        await call({ ...json, origin: example.issuer }, `{"search":"${"x".repeat(2 ** 21)}"}`),
        413,
      );
    }));

  test("a page of another site can't end a session with an administrator's cookie", () =>
    expectingRefusals(async (page) => {
      await signInAtProvider(page, example.issuer, "carol");
      const cookie = await cookieHeader(page);
      const before = (await sessionsOf(page, "carol")).length;
      const removal = {
        method: "POST",
        headers: {
          cookie,
          "content-type": "application/json",
          origin: "https://elsewhere.example",
          "sec-fetch-site": "cross-site",
        },
        body: JSON.stringify({ subjectId: "carol", includeOwn: true }),
      };
      const refused = await fetch(`${example.issuer}/admin/api/v1/sessions/remove`, removal);
      const { code } = await refused.json();
      assert.deepEqual([refused.status, code], [403, "cross_site_request"]);
      assert.equal((await sessionsOf(page, "carol")).length, before);
    }));

  test("an administrator follows events, including denials", () =>
    withPage({}, async (page) => {
      await signInAtProvider(page, example.issuer, "carol");
      const left = new AbortController();
      const response = await fetch(`${example.issuer}/admin/api/v1/events?types=admin_denied`, {
        headers: { cookie: await cookieHeader(page) },
        signal: left.signal,
      });
      assert.equal(response.headers.get("content-type"), "text/event-stream");
      const stream = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let seen = "";
      const read = async (isThere) => {
        while (!isThere.test(seen)) seen += (await stream.read()).value;
      };
      await read(/^event: hello$/m);

      await fetch(`${example.issuer}/admin/api/v1/sessions?search=secret`);
      await expectingRefusals(async (person) => {
        await signInAtProvider(person, example.issuer, "alice");
        await callAdminApi(person, "sessions/purge", { everything: true });
      });
      await read(/purge"[^\n]*\n\n/);
      left.abort();

      const denials = [...seen.matchAll(/^data: (.*"admin_denied".*)$/gm)].map(([, data]) => {
        const { at, ...denial } = JSON.parse(data);
        assert.equal(new Date(at).toISOString(), at);
        return denial;
      });
      assert.deepEqual(denials, [
        { type: "admin_denied", permission: "read", route: "GET /v1/sessions" },
        {
          type: "admin_denied",
          actor: "alice",
          permission: "purge",
          route: "POST /v1/sessions/purge",
        },
      ]);
      await untilAudited(denials);
    }));

  test("wrong input gets Rollcall's code and changes nothing", () =>
    expectingRefusals(async (page) => {
      await signInAtProvider(page, example.issuer, "carol");
      for (const [route, body, code] of [
        ["sessions/query", { countRequested: -1 }, "invalid_argument"],
        ["sessions/query", { subject: "carol" }, "invalid_argument"],
        ["sessions/query", { resultsToken: "damaged" }, "invalid_results_token"],
        ["sessions/remove", {}, "empty_target"],
        ["sessions/remove", { subjectId: " " }, "invalid_argument"],
        ["sessions/remove", { subjectId: "carol", clientIds: [] }, "invalid_argument"],
        ["sessions/remove", { subjectId: "carol", everything: true }, "invalid_argument"],
      ]) {
        const answer = await callAdminApi(page, route, body);
        assert.deepEqual(
          [answer.status, answer.body.code],
          [400, code],
          JSON.stringify([route, body, answer.body]),
        );
      }
      assert.ok((await sessionsOf(page, "carol")).length > 0);
    }));

  test("the cookie value is in no answer, and a made-up one has no session", () =>
    withPage({}, async (page) => {
      await page
        .context()
        .addCookies([{ name: "rollcall", value: "00".repeat(32), url: example.issuer }]);
      await signInAtProvider(page, example.issuer, "carol");
      const cookies = await page.context().cookies(example.issuer);
      const cookie = cookies.find(({ name }) => name === "rollcall");
      assert.match(cookie.value, /^[0-9a-f]{64}$/);
      assert.notEqual(
        cookie.value,
        "00".repeat(32),
        "the value from before the sign-in was reused",
      );
      assert.equal(cookie.httpOnly, true);
      assert.equal(cookie.sameSite, "Lax");

      const { body } = await callAdminApi(page, "sessions/query", {});
      assert.ok(!JSON.stringify(body).includes(cookie.value));
    }));

  test("a form that isn't from a page of the provider is refused", () =>
    withPage({}, async (page) => {
      await page.goto(`${example.issuer}/sign-in`);
      const cookie = await cookieHeader(page);
      const csrf = await page.locator("input[name=csrf]").inputValue();
      const post = async (headers, fields) => {
        const body = new URLSearchParams({ username: "alice", password: "wonderland", ...fields });
        const response = await fetch(`${example.issuer}/sign-in`, {
          method: "POST",
          headers,
          body,
          redirect: "manual",
        });
        return response.status;
      };
      const { issuer: origin } = example;
      assert.equal(await post({ cookie, origin }, {}), 403, "no token");
      assert.equal(
        await post({ cookie, origin }, { csrf: `${csrf.slice(0, -1)}!` }),
        403,
        "a wrong token",
      );
      assert.equal(await post({ origin }, { csrf }), 403, "another browser's token");
      assert.equal(await post({ cookie, origin: example.notes }, { csrf }), 403, "another origin");
      assert.equal(await post({ cookie, origin }, { csrf }), 303);
    }));

  test("the sign-in page redirects to no other site", () =>
    withPage({}, async (page) => {
      for (const place of [
        "https://example.com/",
        "//example.com/",
        "/\\example.com/",
        "javascript:alert(1)",
      ]) {
        await page.goto(`${example.issuer}/sign-in?return=${encodeURIComponent(place)}`);
        assert.equal(await page.locator("input[name=return]").inputValue(), "/", place);
      }
      await page.goto(
        `${example.issuer}/sign-in?return=${encodeURIComponent("/admin/?subject=alice")}`,
      );
      assert.equal(await page.locator("input[name=return]").inputValue(), "/admin/?subject=alice");
    }));

  test("an authorization request with another redirect URI, or without PKCE, is refused", async () => {
    const request = (parameters) => {
      const url = new URL("/auth", example.issuer);
      const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
      const defaults = {
        client_id: "notes",
        response_type: "code",
        scope: "openid",
        redirect_uri: `${example.notes}/callback`,
        code_challenge: challenge,
        code_challenge_method: "S256",
      };
      url.search = String(new URLSearchParams({ ...defaults, ...parameters }));
      return fetch(url, { redirect: "manual", headers: { accept: "text/html" } });
    };
    const good = await request({});
    assert.equal(good.status, 303);
    assert.match(good.headers.get("location"), /^\/interaction\//);
    for (const redirect_uri of [
      `${example.notes}/callback/`,
      `${example.notes}/callback?x=1`,
      `${example.photos}/callback`,
    ]) {
      const answer = await request({ redirect_uri });
      assert.equal(answer.status, 400, redirect_uri);
      assert.match(await answer.text(), /redirect_uri/);
    }
    const withoutPkce = await request({ code_challenge: "" });
    assert.match(
      withoutPkce.headers.get("location") ?? (await withoutPkce.text()),
      /invalid_request/,
    );
  });

  test("a request with another host name is refused", async () => {
    const { request } = await import("node:http");
    const { port } = new URL(example.issuer);
    const status = await new Promise((resolve, reject) => {
      request(
        { host: "127.0.0.1", port, path: "/", headers: { host: `rebound.example:${port}` } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on("error", reject)
        .end();
    });
    assert.equal(status, 421);
  });
});
