/** The programs of docs/integrations/fetch-frameworks.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [hono, byHand, svelteKit, ...others] = await examplesOf(
  "docs/integrations/fetch-frameworks.md",
  import.meta.url,
);

test("there are three examples to run", () => {
  assert.ok(svelteKit !== undefined);
  assert.equal(others.length, 0);
});

const modules = {
  "provider.mjs": `
    import { memoryStores } from "rollcall/memory";
    export const host = {
      ...memoryStores(),
      clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
      sendLogout: ({ sessionId }) => { console.log("notified"); return { delivered: true }; },
    };
    export const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
    export const secret = "0123456789abcdef0123456789abcdef";
    export const checkPassword = (username, password) =>
      password === "right" ? { id: username, name: username.toUpperCase() } : undefined;
  `,
};

/** A user signs in, and out again. `handler` must be declared. */
const visit = `
  const origin = "https://id.example.com";
  let cookie;
  const ask = async (method, path, form, headers = { origin }) => {
    const body = form && new URLSearchParams(form);
    const response = await handler(
      new Request(origin + path, { method, body, headers: { ...headers, ...(cookie && { cookie }) } }),
    );
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) {
      cookie = set.split(";")[0];
      console.log(set.replace(/[0-9a-f]{64}/, "VALUE"));
    }
    console.log(response.status, await response.text());
  };
  const bob = { username: "bob", password: "right" };
  await ask("POST", "/sign-in", bob, { origin: "https://other.example.com" });
  await ask("POST", "/sign-in", { ...bob, password: "wrong" });
  await ask("POST", "/sign-in", bob);
  await ask("GET", "/");
  await tickets.addClient(cookie.split("=")[1], "shop");
  await ask("POST", "/sign-out", {});
  await ask("GET", "/");
`;

const visited = (forbidden) => `403 ${forbidden}
401 ${""}
__Host-session=VALUE; Path=/; HttpOnly; Secure; SameSite=Lax
303 ${""}
200 {"user":"BOB"}
notified
__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax
303 ${""}
200 {}
`;

test("Hono runs as written, with the admin API", async () => {
  const program = `${hono}
    const handler = (request) => app.fetch(request);
    ${visit}
    await tickets.store({ subjectId: "carol" });
    for (const headers of [{}, { authorization: "Bearer " + secret }]) {
      const response = await handler(new Request(origin + "/admin/v1/sessions", { headers }));
      console.log(response.status, (await response.json()).results?.map(({ subjectId }) => subjectId).join());
    }
  `;
  assert.equal(await run(program, modules), `${visited("Forbidden")}401 undefined\n200 carol\n`);
});

test("the handler by hand runs as written", async () => {
  const program = `${byHand}
    const handler = handle;
    ${visit}
  `;
  assert.equal(await run(program, modules), visited(""));
});

test("the hook of SvelteKit runs as written", async () => {
  const program = `${svelteKit}
    const cookie = await tickets.store({ subjectId: "alice" });
    const eventOf = (url, headers) => ({
      url: new URL(url),
      request: new Request(url, { headers }),
      cookies: { get: (name) => (name === "__Host-session" ? cookie : undefined) },
      locals: {},
    });
    const resolve = (event) => Response.json(event.locals.session.subjectId);
    const event = eventOf("https://id.example.com/");
    console.log(await (await handle({ event, resolve })).json());
    const admin = eventOf("https://id.example.com/admin/v1/sessions", { authorization: "Bearer " + secret });
    console.log((await (await handle({ event: admin, resolve })).json()).results.length);
  `;
  assert.equal(await run(program, modules), "alice\n1\n");
});
