/** The code and the table of routes of the page about the admin API. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { routes } from "../../pkg/http/routes.js";
import { examplesOf, run } from "./examples.mjs";

const page = "docs/guides/admin-api.md";
const [make, express, mount, byScope, byCookie, several, post, purge, feed, ...others] =
  await examplesOf(page, import.meta.url);

const HOST = `
  import { memoryStores } from "rollcall/memory";
  import { TicketStore } from "rollcall";
  process.env.ADMIN_SECRET = "0123456789abcdef0123456789abcdef";
  const stores = memoryStores();
  const clients = (clientId) => ({ clientId, backChannelLogoutUri: "https://web.example/" });
  const sendLogout = () => ({ delivered: true });
  const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  const tickets = new TicketStore(stores, { keys });
  const cookie = await tickets.store({ subjectId: "12345", sessionId: "f81d", clients: ["web"] });
`;

test("there are nine examples to run", () => {
  assert.ok(feed !== undefined);
  assert.equal(others.length, 0);
});

test("the API is made and mounted as written, and open only to the secret", async () => {
  const after = `
    const call = async (method, path, headers) =>
      (await app.request("https://id.example.com/admin/v1" + path, { method, headers })).status;
    const authorization = "Bearer " + process.env.ADMIN_SECRET;
    console.log(
      await call("GET", "/sessions", {}),
      await call("DELETE", "/sessions/f81d", {}),
      (await stores.sessions.list({ filter: {}, order: "newest", limit: 9 })).sessions.length,
      await call("GET", "/sessions", { authorization }),
      await call("DELETE", "/sessions/f81d", { authorization }),
      (await stores.sessions.list({ filter: {}, order: "newest", limit: 9 })).sessions.length,
    );
  `;
  assert.equal(await run(HOST + make + mount + after), "401 401 1 200 200 0\n");
});

test("it is mounted in Express, and called from a page, as written", async () => {
  const after = `
    const server = app.listen(0);
    const { port } = server.address();
    const fetchHere = globalThis.fetch;
    // The page has the API's origin, and the secret instead of a cookie.
    globalThis.fetch = (path, { headers, ...init }) =>
      fetchHere("http://localhost:" + port + path, {
        ...init,
        headers: { ...headers, authorization: "Bearer " + process.env.ADMIN_SECRET },
      });
    ${post}
    console.log(report.sessionsRemoved);
    console.log(await post("/v1/sessions/remove", {}).catch(({ message }) => message));
    server.close();
  `;
  const output = await run(HOST + make + express + after);
  assert.match(output, /^1\na removal must name /);
});

test("authorizing by scope, by cookie and by both runs as written", async () => {
  assert.equal(
    await run(`${byScope}console.log(await authorize(new Request("https://id.example.com/")));`),
    "false\n",
  );
  const requests = `
    const administrators = new Set(["12345"]);
    const asked = (cookie) =>
      authorize(new Request("https://id.example.com/", { headers: { cookie } }));
    const mine = await asked("a=b; __Host-session=" + cookie);
    const other = await tickets.store({ subjectId: "2" });
    console.log(
      mine.actor, mine.sessionId, await asked("__Host-session=" + other), await asked("a=b"),
    );
  `;
  assert.equal(await run(HOST + byCookie + requests), "12345 f81d forbidden false\n");
  const both = `
    const bySecret = () => false;
    const byCookie = () => ({ actor: "carol" });
    ${several}
    console.log((await authorize()).actor);
  `;
  assert.equal(await run(both), "carol\n");
});

test("a purge continues until no session is left, as written", async () => {
  const program = `
    ${HOST}
    ${make.replace('["read", "remove"]', '["read", "remove", "purge"]')}
    for (let index = 0; index < 5; index += 1) await tickets.store({ subjectId: "u" + index });
    globalThis.fetch = (path, { headers, ...init }) =>
      api(
        new Request("https://id.example.com" + path, {
          ...init,
          headers: { ...headers, authorization: "Bearer " + process.env.ADMIN_SECRET },
        }),
      );
    ${post.slice(0, post.indexOf("const report"))}
    ${purge.replace("limit: 1000", "limit: 2")}
    await purge({ state: "active" }, "incident 7");
  `;
  assert.equal(await run(program), "ended 6 of 6\n");
});

test("a custom feed runs as written", async () => {
  const program = `
    const log = {
      lastId: async () => "7",
      async *read() {
        yield { id: "8", event: { type: "session_created" } };
        yield { id: "9", event: { type: "session_removed" } };
      },
    };
    ${feed}
    for await (const { type, id } of events.subscribe({ types: ["session_removed"] }))
      console.log(type, id);
  `;
  assert.equal(await run(program), "hello undefined\nevent 9\n");
});

test("the page has every route with its permission", async () => {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(GET|POST|DELETE) (\/v1\/[^`]+)` \| (\w+) \|/gm)];
  assert.deepEqual(
    rows.map(([, method, path, permission]) => [method, path, permission]),
    routes().map(({ method, path, permission = "any" }) => [
      method,
      path.replaceAll(/:(\w+)/g, "{$1}"),
      permission,
    ]),
  );
});
