// The options of the admin API, its mount point, and the routes about the API itself.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { mock, test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { SessionManagement } from "../../pkg/entry/node.js";
import { adminApi } from "../../pkg/http.js";
import { CAROL, provider, request } from "./support.mjs";

const json = (response) => response.json();

test("an API without `authorize` is refused", () => {
  const management = new SessionManagement(memoryStores());
  assert.throws(() => adminApi({ management }), {
    code: "invalid_argument",
    message: "`authorize` must be a function",
  });
});

test("options are checked", () => {
  const good = { management: new SessionManagement(memoryStores()), authorize: () => false };
  adminApi(good);
  for (const wrong of [
    { management: {} },
    { management: undefined },
    { authorize: true },
    { delivery: {} },
    { events: () => {} },
    { basePath: "admin" },
    { basePath: "/admin?x" },
    { origin: "https://id.example.com/" },
    { origin: "id.example.com" },
    { signIn: "" },
    { limit: 5 },
    { requireReason: "yes" },
    { stepUp: { maxAge: 0 } },
    { stepUp: { maxAge: 300, for: [] } },
    { stepUp: { maxAge: 300, for: ["write"] } },
    { stepUp: { maxAge: 300, forr: ["purge"] } },
    { statsClients: ["a", ""] },
    { statsClients: Array(21).fill("a") },
    { maxBody: 0 },
    { maxBody: 1.5 },
    { onError: true },
    { cors: true },
  ]) {
    const make = () => adminApi({ ...good, ...wrong });
    assert.throws(make, { code: "invalid_argument" }, JSON.stringify(wrong));
  }
});

test("routes are found under any mount point", async () => {
  const at = async (path, options) => {
    const { api } = provider(options);
    const response = await api(
      new Request(`https://id.example.com${path}`, { headers: { authorization: "Bearer x" } }),
    );
    return response.status;
  };
  assert.equal(await at("/v1/me"), 200);
  assert.equal(await at("/admin/api/v1/me"), 200);
  assert.equal(await at("/api/v1/admin/v1/me"), 404);
  assert.equal(await at("/api/v1/admin/v1/me", { basePath: "/api/v1/admin" }), 200);
  assert.equal(await at("/api/v1/admin/v1/me", { basePath: "/api/v1/admin/" }), 200);
  assert.equal(await at("/other/v1/me", { basePath: "/api" }), 404);
  assert.equal(await at("/v1/me", { basePath: "/api" }), 404);
  // An id can't lead to another route.
  assert.equal(await at("/v1/sessions/v1/me"), 404);
  assert.equal(await at("/v1/sessions/%2Fv1%2Fme"), 404);
});

test("`/me` shows the caller and the capabilities of the API", async () => {
  const version = JSON.parse(
    await readFile(new URL("../../pkg/package.json", import.meta.url), "utf8"),
  ).version;
  const { call } = provider({
    actor: { ...CAROL, displayName: "Carol", issuers: ["https://one"] },
    requireReason: true,
    stepUp: { maxAge: 300 },
  });
  assert.deepEqual(await json(await call("GET", "/v1/me")), {
    actor: "carol",
    subjectId: "carol",
    sessionId: "carol-1",
    displayName: "Carol",
    permissions: ["read", "remove", "purge"],
    issuers: ["https://one"],
    capabilities: { filters: "all", count: true, deliveries: true, events: true, stats: true },
    limits: { countRequested: 1000, purge: 10000 },
    requireReason: true,
    stepUp: { maxAge: 300, for: ["purge"] },
    version,
  });
  const stores = memoryStores();
  const { count: _, ...sessions } = stores.sessions;
  const little = provider({
    host: {
      ...stores,
      atomic: undefined,
      sessions: { ...sessions, capabilities: { filters: ["subjectId", "state"] } },
    },
    delivery: undefined,
    events: undefined,
  });
  const { capabilities } = await json(await little.call("GET", "/v1/me"));
  assert.deepEqual(capabilities, {
    filters: ["subjectId", "state"],
    count: false,
    deliveries: false,
    events: false,
    stats: false,
  });
});

test("`/health` reads from the store", async () => {
  const { call } = provider();
  const { version, ...health } = await json(await call("GET", "/v1/health"));
  assert.deepEqual(health, { status: "ok", store: "ok" });
  assert.match(version, /^\d+\.\d+\.\d+$/);
  const stores = memoryStores();
  const list = () => Promise.reject(new Error("connection refused"));
  const down = provider({
    host: { ...stores, atomic: undefined, sessions: { ...stores.sessions, list } },
  });
  const response = await down.call("GET", "/v1/health");
  assert.equal(response.status, 503);
  assert.equal((await json(response)).code, "store_failed");
});

test("`/openapi.json` is the document of the package", async () => {
  const { call } = provider();
  const shipped = await readFile(new URL("../../pkg/openapi.json", import.meta.url), "utf8");
  const response = await call("GET", "/v1/openapi.json");
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.deepEqual(await json(response), JSON.parse(shipped));
});

test("`/stats` counts by state, hour, client and delivery", async () => {
  const { call, signIn } = provider({ statsClients: ["shop", "none"] });
  const soon = new Date(Date.now() + 1_800_000);
  await signIn("bob", "1", { expires: soon, clients: ["shop"] });
  await signIn("bob", "2", { clients: ["down"] });
  await signIn("bob", "3");
  await call("DELETE", "/v1/sessions/2");
  const { at, created, ...stats } = await json(await call("GET", "/v1/stats?hours=3"));
  assert.match(at, /Z$/);
  assert.deepEqual(stats, {
    active: { count: 2 },
    expired: { count: 0 },
    expiringWithinHour: { count: 1 },
    clients: [
      { clientId: "shop", active: { count: 2 } },
      { clientId: "none", active: { count: 0 } },
    ],
    deliveries: { pending: { count: 0 }, failed: { count: 1 } },
  });
  assert.equal(created.length, 3);
  const counted = created.reduce((sum, { count }) => sum + count, 0);
  assert.equal(counted, 2);
  for (const { from, to } of created) assert.equal(Date.parse(to) - Date.parse(from), 3_600_000);
  assert.equal(created[0].to, created[1].from);
  const byDefault = await json(await call("GET", "/v1/stats"));
  assert.equal(byDefault.created.length, 24);
  for (const hours of ["0", "169", "x", ""]) {
    assert.equal((await call("GET", `/v1/stats?hours=${hours}`)).status, 400);
  }
});

test("`/stats` is cached for 15 s, separately for each set of issuers", async () => {
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  try {
    let issuers;
    const { call, signIn } = provider({ authorize: () => ({ ...CAROL, issuers }) });
    const active = async () => (await json(await call("GET", "/v1/stats?hours=1"))).active.count;
    assert.equal(await active(), 0);
    await signIn("bob", "1", { issuer: "https://one" });
    assert.equal(await active(), 0);
    mock.timers.tick(14_999);
    assert.equal(await active(), 0);
    mock.timers.tick(1);
    assert.equal(await active(), 1);
    issuers = ["https://two"];
    assert.equal(await active(), 0);
    issuers = ["https://one"];
    assert.equal(await active(), 1);
  } finally {
    mock.timers.reset();
  }
});

test("a value that isn't a `Request` rejects, so that the framework gets the error", async () => {
  const { api } = provider();
  for (const wrong of [undefined, null, {}, { url: "/v1/me", headers: { host: "localhost" } }]) {
    await assert.rejects(api(wrong), {
      code: "invalid_argument",
      message: /^the admin API takes a web-standard `Request`: on Node wrap it, /,
    });
  }
});

test("the error of a path outside `basePath` says so", async () => {
  const detail = async (path) => {
    const { api } = provider({ basePath: "/admin" });
    const response = await api(new Request(`https://id.example.com${path}`));
    return (await response.json()).detail;
  };
  assert.match(await detail("/v1/me"), /^this path isn't under `basePath`: leave that out /);
  assert.match(await detail("/admin/v1/nothing"), /^there is no such route: /);
  assert.match(await detail("/admin/v1/sessions/"), /^there is no such route: /);
});

test("no request makes the handler reject", async () => {
  const { api, errors } = provider({
    authorize: () => {
      throw undefined;
    },
  });
  assert.equal((await api(request("GET", "/v1/me"))).status, 500);
  assert.equal(errors.length, 1);
});
