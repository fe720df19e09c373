// The order of the checks, on which the security of the API depends. Each call fails a check and
// all later ones, and the answer is that of the first failed check.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BASE, CAROL, provider, refusal } from "./support.mjs";

/** Everything is wrong with this call. Each row of the table corrects one thing. */
const WRONG = {
  path: `/v1/nothing?${"x".repeat(9000)}`,
  method: "PUT",
  headers: { "sec-fetch-site": "cross-site", cookie: "a=b" },
  actor: false,
  wait: 2.5,
  authTime: new Date(Date.now() - 3_600_000),
  body: "{",
};

/** Each row is a correction, and the answer after it. */
const TABLE = [
  [{}, 414, "url_too_long"],
  [{ path: "/v1/nothing" }, 404, "no_such_route"],
  [{ path: "/v1/sessions/purge" }, 405, "method_not_allowed"],
  [{ method: "POST" }, 403, "cross_site_request"],
  [{ headers: { cookie: "a=b", "sec-fetch-site": "same-origin" } }, 401, "not_signed_in"],
  [{ actor: "forbidden" }, 403, "forbidden"],
  [{ actor: { ...CAROL, permissions: ["read", "remove"] } }, 403, "forbidden"],
  [{ actor: CAROL }, 429, "too_many_requests"],
  [{ wait: undefined }, 401, "step_up_required"],
  [{ authTime: new Date() }, 415, "not_json"],
  [
    {
      headers: {
        cookie: "a=b",
        "sec-fetch-site": "same-origin",
        "content-type": "application/json; charset=utf-8",
      },
      body: `{${" ".repeat(100)}`,
    },
    413,
    "body_too_large",
  ],
  [{ body: "{" }, 400, "invalid_json"],
  [{ body: "[]" }, 400, "invalid_argument"],
  [{ body: '{"filter":{},"actor":"eve"}' }, 400, "invalid_argument"],
  [{ body: '{"filter":{}}' }, 400, "empty_target"],
  [{ body: '{"filter":{"subjectId":"bob"}}' }, 200, undefined],
];

test("the first failed check decides the answer", async () => {
  const answered = [];
  let call = WRONG;
  for (const [right] of TABLE) {
    call = { ...call, ...right };
    const { path, method, headers, actor, wait, authTime, body } = call;
    const { api, signIn, left } = provider({
      maxBody: 100,
      stepUp: { maxAge: 300 },
      limit: () => wait,
      authorize: () => (typeof actor === "object" ? { ...actor, authTime } : actor),
    });
    await signIn("bob", "bob-1");
    const response = await api(
      // As bytes, because a string would add a content type.
      new Request(BASE + path, { method, headers, body: new TextEncoder().encode(body) }),
    );
    const { code } = await response.json();
    answered.push([right, response.status, code]);
    assert.deepEqual(await left(), ["bob/bob-1"]);
  }
  assert.deepEqual(answered, TABLE);
});

test("every answer has the same security headers", async () => {
  const { call, signIn } = provider();
  await signIn("bob", "bob-1");
  for (const [method, path, status, body] of [
    ["GET", "/v1/me", 200],
    ["GET", "/v1/sessions", 200],
    ["POST", "/v1/sessions/query", 200, {}],
    ["GET", "/v1/sessions/bob-1", 200],
    ["DELETE", "/v1/sessions/bob-1", 200],
    ["POST", "/v1/sessions/remove", 200, { subjectId: "bob" }],
    ["POST", "/v1/sessions/purge", 200, { filter: { subjectId: "bob" } }],
    ["GET", "/v1/deliveries", 200],
    ["POST", "/v1/deliveries/1/retry", 200],
    ["GET", "/v1/events", 200],
    ["GET", "/v1/stats", 200],
    ["GET", "/v1/openapi.json", 200],
    ["GET", "/v1/health", 200],
    ["GET", "/v1/sessions/nobody", 404],
    ["GET", "/v1/nothing", 404],
    ["PATCH", "/v1/sessions", 405],
    ["GET", "/v1/sessions?nothing=1", 400],
  ]) {
    const response = await call(method, path, body);
    assert.equal(response.status, status);
    const names = [
      "cache-control",
      "x-content-type-options",
      "cross-origin-resource-policy",
      "referrer-policy",
      "content-security-policy",
      "access-control-allow-origin",
    ];
    assert.deepEqual(
      names.map((name) => response.headers.get(name)),
      [
        "no-store",
        "nosniff",
        "same-origin",
        "no-referrer",
        "default-src 'none'; frame-ancestors 'none'",
        null,
      ],
      path,
    );
    await response.body?.cancel();
  }
});

test("an unsupported method is 405 and lists the supported ones", async () => {
  const { call } = provider();
  for (const [method, path, allow] of [
    ["OPTIONS", "/v1/sessions", "GET"],
    ["HEAD", "/v1/sessions", "GET"],
    ["PUT", "/v1/sessions/query", "POST"],
    // This isn't a session with the id `purge`.
    ["DELETE", "/v1/sessions/purge", "POST"],
    ["HEAD", "/v1/sessions/bob-1", "DELETE, GET"],
    ["POST", "/v1/sessions/bob-1", "DELETE, GET"],
    ["GET", "/v1/deliveries/1/retry", "POST"],
  ]) {
    const response = await call(method, path);
    assert.equal(response.status, 405, path);
    assert.equal(response.headers.get("allow"), allow);
  }
  for (const path of [
    "/v1",
    "/v1/",
    "/v1/sessions/",
    "/v1/sessions/a/b",
    "/v2/sessions",
    "/V1/me",
  ]) {
    assert.equal((await call("GET", path)).status, 404, path);
  }
});

test("a request of another site is refused, and one without a browser isn't", async () => {
  const cookie = { cookie: "session=1" };
  const bearer = { authorization: "Bearer token" };
  const rows = [
    // If there is Fetch Metadata, it decides.
    ["GET", { ...cookie, "sec-fetch-site": "same-origin" }, 200],
    ["GET", { ...cookie, "sec-fetch-site": "none" }, 200],
    ["GET", { ...cookie, "sec-fetch-site": "same-site" }, 403],
    ["GET", { ...cookie, "sec-fetch-site": "cross-site" }, 403],
    ["GET", { ...cookie, "sec-fetch-site": "cross-site", origin: "https://id.example.com" }, 403],
    ["GET", { "sec-fetch-site": "cross-site" }, 403],
    ["DELETE", { ...cookie, "sec-fetch-site": "same-origin" }, 200],
    ["DELETE", { ...cookie, "sec-fetch-site": "none" }, 403],
    // Older browsers send only `Origin`.
    ["DELETE", { ...cookie, origin: "https://id.example.com" }, 200],
    ["DELETE", { ...cookie, origin: "https://id.example.com:8443" }, 403],
    ["DELETE", { ...cookie, origin: "null" }, 403],
    ["DELETE", { origin: "https://evil.example" }, 403],
    // Programs send neither.
    ["GET", cookie, 200],
    ["DELETE", cookie, 403],
    ["DELETE", {}, 200],
    // A page can't send a bearer token without a preflight.
    ["DELETE", { ...bearer, "sec-fetch-site": "cross-site", origin: "https://evil.example" }, 200],
    ["DELETE", { ...bearer, ...cookie, "sec-fetch-site": "cross-site" }, 403],
    // A browser sends these automatically.
    ["DELETE", { authorization: "Basic YTpi", "sec-fetch-site": "cross-site" }, 403],
    ["DELETE", { authorization: "Negotiate abc", origin: "https://evil.example" }, 403],
  ];
  const { api, log } = provider();
  const path = (method) => (method === "GET" ? "/v1/sessions" : "/v1/sessions/nobody");
  const answered = [];
  for (const [method, headers] of rows) {
    const response = await api(new Request(BASE + path(method), { method, headers }));
    answered.push([method, headers, response.status]);
  }
  assert.deepEqual(answered, rows);
  const denied = log.filter(({ type }) => type === "admin_denied");
  assert.equal(denied.length, rows.filter(([, , status]) => status === 403).length);
});

test("a program that sends a cookie without `Origin` gets an error that names it", async () => {
  const { api } = provider();
  const send = async (headers) => {
    const request = new Request(`${BASE}/v1/sessions/nobody`, { method: "DELETE", headers });
    return (await (await api(request)).json()).detail;
  };
  assert.match(await send({ cookie: "a=b" }), /^a request with a cookie needs the header `Origin`/);
  const other = { cookie: "a=b", origin: "https://evil.example" };
  assert.match(await send(other), /^this request comes from a page of another site: /);
});

test("behind a proxy `origin` is the public origin", async () => {
  const { api } = provider({ origin: "https://public.example.com" });
  const status = async (origin) => {
    const headers = { cookie: "a=b", origin };
    return (await api(new Request(`${BASE}/v1/sessions`, { headers }))).status;
  };
  assert.equal(await status("https://public.example.com"), 200);
  assert.equal(await status("https://id.example.com"), 403);
});

test("`authorize` returns an actor, `false` or `forbidden`; anything else is 401", async () => {
  for (const [actor, status, reported] of [
    [false, 401, 0],
    ["forbidden", 403, 0],
    [undefined, 401, 1],
    [null, 401, 1],
    [true, 401, 1],
    ["carol", 401, 1],
    [{}, 401, 1],
    [{ actor: "carol" }, 401, 1],
    [{ actor: "", permissions: ["read"] }, 401, 1],
    [{ actor: "carol", permissions: "read" }, 401, 1],
    [{ actor: "carol", permissions: ["read", "everything"] }, 401, 1],
    [{ actor: "carol", permissions: ["read"], issuers: [""] }, 401, 1],
    [{ actor: "carol", permissions: ["read"], issuers: "a" }, 401, 1],
    [{ actor: "carol", permissions: ["read"], redact: ["displayName"] }, 401, 1],
    [{ actor: "carol", permissions: ["read"], authTime: 1 }, 401, 1],
    [{ actor: "carol", permissions: ["read"], issuers: [] }, 403, 0],
    [{ actor: "carol", permissions: [] }, 403, 0],
    [{ actor: "carol", permissions: ["read"] }, 200, 0],
  ]) {
    const { call, errors } = provider({ authorize: async () => actor });
    assert.equal((await call("GET", "/v1/sessions")).status, status, JSON.stringify(actor));
    assert.equal(errors.length, reported, JSON.stringify(actor));
  }
});

test("a function of the host that throws is 500, changes nothing and reveals nothing", async () => {
  const secret = "hunter2";
  const fails = () => {
    throw new Error(secret);
  };
  for (const options of [
    { authorize: fails },
    { authorize: async () => fails() },
    { limit: fails },
  ]) {
    const { call, errors, left, signIn } = provider(options);
    await signIn("bob", "bob-1");
    const response = await call("DELETE", "/v1/sessions/bob-1");
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.equal(JSON.parse(text).code, "internal");
    assert.ok(!text.includes(secret));
    assert.deepEqual(await left(), ["bob/bob-1"]);
    assert.deepEqual(
      errors.map(({ message }) => message),
      [secret],
    );
  }
});

test("an `authorize` that reads the body is an error of the host", async () => {
  const { call, errors } = provider({
    authorize: async (request) => {
      await request.text();
      return CAROL;
    },
  });
  const response = await call("POST", "/v1/sessions/remove", { subjectId: "bob" });
  assert.equal((await refusal(response)).code, "internal");
  assert.equal(errors[0].code, "invalid_argument");
});

test("a denial emits an event without the parameters of the call", async () => {
  const { call, log } = provider({ actor: { actor: "dave", permissions: ["read"] } });
  await call("DELETE", "/v1/sessions/bob-1?reason=secret");
  const [{ at, ...event }] = log;
  assert.ok(at instanceof Date);
  assert.deepEqual(event, {
    type: "admin_denied",
    actor: "dave",
    permission: "remove",
    route: "DELETE /v1/sessions/{sessionId}",
  });
});

test("401 and 403 describe how to authenticate", async () => {
  const { api } = provider({ authorize: () => false, signIn: "/sign-in?return={return}" });
  const none = await api(new Request(`${BASE}/v1/me`));
  assert.equal(none.headers.get("www-authenticate"), "Bearer");
  assert.deepEqual(await none.json(), {
    type: "urn:rollcall:problem:not-signed-in",
    title: "Not signed in",
    status: 401,
    code: "not_signed_in",
    detail: "sign in, or send a valid access token",
    signIn: "/sign-in?return={return}",
  });
  const wrong = await api(
    new Request(`${BASE}/v1/me`, { headers: { authorization: "Bearer wrong" } }),
  );
  assert.equal(wrong.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
});

test("`limit` sets the time to wait, at most a year", async () => {
  for (const [seconds, status, wait] of [
    [undefined, 200, null],
    [0, 200, null],
    [Number.NaN, 200, null],
    [0.2, 429, "1"],
    [60, 429, "60"],
    [Number.POSITIVE_INFINITY, 429, "31536000"],
  ]) {
    const { call } = provider({ limit: async () => seconds });
    const response = await call("GET", "/v1/sessions");
    assert.equal(response.status, status);
    assert.equal(response.headers.get("retry-after"), wait);
  }
});

test("a step-up names the maximum age of a sign-in", async () => {
  const { call } = provider({ stepUp: { maxAge: 60, for: ["remove"] } });
  const response = await call("DELETE", "/v1/sessions/bob-1");
  assert.equal(response.status, 401);
  assert.match(
    response.headers.get("www-authenticate"),
    /^Bearer error="insufficient_user_authentication", error_description="[^"]+", max_age=60$/,
  );
  assert.equal((await call("GET", "/v1/sessions")).status, 200);
});

test("a body that a parser has read before the API is an error of the host", async () => {
  const { call, errors } = provider();
  const headers = { "content-length": "19" };
  const read = await refusal(await call("POST", "/v1/sessions/remove", "", headers));
  assert.deepEqual([read.status, read.code], [500, "internal"]);
  assert.match(
    errors[0].message,
    /^the body was already read: mount the handler before any body pars/,
  );
  const empty = await refusal(
    await call("POST", "/v1/sessions/remove", "", { "content-length": "0" }),
  );
  assert.deepEqual([empty.status, empty.code], [400, "invalid_json"]);
});

test("a sign-in in the future is not recent", async () => {
  for (const [ahead, status] of [
    [30, 200],
    [3_600, 401],
    // `auth_time` in milliseconds, read as seconds.
    [(Date.now() / 1_000) * 999, 401],
  ]) {
    const authTime = new Date(Date.now() + ahead * 1_000);
    const { call } = provider({ actor: { ...CAROL, authTime }, stepUp: { maxAge: 300 } });
    const response = await call("POST", "/v1/sessions/purge", { filter: { subjectId: "bob" } });
    assert.equal(response.status, status);
  }
});
