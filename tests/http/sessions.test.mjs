// Listing over HTTP: parameters, pages, and the sessions that an actor may see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { BASE, CAROL, provider, refusal } from "./support.mjs";

const BEARER = { authorization: "Bearer token" };

const json = (response) => response.json();

test("a page has the sessions as JSON, without tickets and keys", async () => {
  const { call, signIn } = provider();
  await signIn("bob", "bob-1", {
    displayName: "Bob Baker",
    ipAddress: "192.0.2.1",
    userAgent: "Firefox",
    attributes: { team: "red" },
    ticket: { role: "editor" },
    expires: new Date(Date.now() + 60_000),
  });
  const page = await json(await call("GET", "/v1/sessions"));
  const [{ created, renewed, expires, ...session }] = page.results;
  for (const time of [created, renewed, expires]) {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  assert.deepEqual(session, {
    subjectId: "bob",
    sessionId: "bob-1",
    displayName: "Bob Baker",
    clientIds: ["shop", "web"],
    ipAddress: "192.0.2.1",
    userAgent: "Firefox",
    attributes: { team: "red" },
  });
  const { resultsToken, results, ...rest } = page;
  assert.equal(typeof resultsToken, "string");
  assert.deepEqual(rest, {
    hasPrevResults: false,
    hasNextResults: false,
    totalCount: 1,
    totalPages: 1,
    currentPage: 1,
  });
});

/**
 * Instants at the limits of days, years and the range of `Date`, and others spread over the range.
 */
function instants() {
  const edges = ["-000001", "0000", "0001", "1969", "1970", "2024", "2026", "9999"].flatMap(
    (year) => [
      Date.parse(`${year}-01-01T00:00:00.000Z`) - 1,
      Date.parse(`${year}-01-01T00:00:00.000Z`),
      Date.parse(`${year}-02-28T09:08:07.006Z`),
      Date.parse(`${year}-12-31T23:59:59.999Z`),
    ],
  );
  const last = 8_640_000_000_000_000;
  const spread = Array.from(
    { length: 2_000 },
    (_, index) => Math.trunc((index / 999.5 - 1) * last) % last,
  );
  return [...edges, -last, -last + 1, -1, 0, 1, last - 1, last, ...spread];
}

test("every route returns the core's JSON of a session", async () => {
  const stores = memoryStores();
  const damaged = (row) => (row.subjectId === "damaged" ? { ...row, expires: "soon" } : row);
  const sessions = {
    ...stores.sessions,
    list: async (...request) => {
      const page = await stores.sessions.list(...request);
      return { ...page, sessions: page.sessions.map(damaged) };
    },
  };
  const host = { ...stores, sessions, atomic: undefined };
  const { call, management } = provider({ host, actor: { ...CAROL, subjectId: "nobody" } });
  const all = {
    displayName: 'Åsa "A" \u2028😀',
    issuer: "https://id.example.com",
    ipAddress: "192.0.2.1",
    userAgent: "Firefox",
    attributes: { team: "red", 1: "" },
    clients: [{ clientId: "shop" }, { clientId: "web", sessionId: "x" }],
  };
  const times = instants();
  for (const [index, created] of times.entries()) {
    await stores.sessions.create({
      key: index.toString(16).padStart(64, "0"),
      scheme: "cookie",
      clients: [],
      subjectId: index === 3 ? "damaged" : "bob",
      sessionId: `bob-${index}`,
      created,
      renewed: times.at(-index) ?? 0,
      ...(index % 3 > 0 && { expires: times.at(index - 7) }),
      ...(index % 2 > 0 && all),
    });
  }
  const seen = new Set();
  const unreadable = [];
  const query = { countRequested: 1_000, count: "capped", order: "oldest" };
  let next = query;
  while (next !== undefined) {
    const page = await management.querySessions(next);
    const expected = JSON.stringify(page);
    const listed = await call("GET", `/v1/sessions?${new URLSearchParams(next)}`);
    assert.equal(await listed.text(), expected);
    const queried = await call("POST", "/v1/sessions/query", next);
    assert.equal(await queried.text(), expected);
    for (const session of page.results) {
      seen.add(session.created.getTime());
      unreadable.push(...(session.unreadable ?? []));
    }
    next = page.hasNextResults ? { ...query, resultsToken: page.resultsToken } : undefined;
  }
  assert.deepEqual(seen, new Set(times));
  assert.deepEqual(unreadable, ["expires"]);
  for (const sessionId of ["bob-0", "bob-1", "bob-3", "bob-6"]) {
    const { results } = await management.querySessions({ sessionId });
    const text = await (await call("GET", `/v1/sessions/${sessionId}`)).text();
    assert.equal(text, JSON.stringify(results[0]));
  }
  const purge = { filter: { search: "bob-5" } };
  const { sample } = await management.purgeSessions(purge);
  const { sample: shown } = await json(await call("POST", "/v1/sessions/purge", purge));
  assert.equal(JSON.stringify(shown), JSON.stringify(sample));
});

test("each parameter sets the filter of its name", async () => {
  const asked = [];
  const { call } = provider({
    management: new Proxy(provider().management, {
      get: (management, name) =>
        name === "querySessions"
          ? async (query) => {
              asked.push(query);
              return { results: [], hasPrevResults: false, hasNextResults: false };
            }
          : management[name].bind(management),
    }),
  });
  for (const [search, query] of [
    ["", {}],
    ["subjectId=a&sessionId=b&displayName=c", { subjectId: "a", sessionId: "b", displayName: "c" }],
    ["subjectId.startsWith=a", { subjectId: { startsWith: "a" } }],
    ["sessionId.contains=a%26b", { sessionId: { contains: "a&b" } }],
    ["displayName.equals=%C3%85sa", { displayName: { equals: "Åsa" } }],
    ["search=x&clientId=y&issuer=z", { search: "x", clientId: "y", issuer: "z" }],
    ["ipAddress=::1", { ipAddress: "::1" }],
    [
      "created.after=2026-11-01T00:00:00%2B01:00&created.before=1798761600000",
      { created: { after: "2026-11-01T00:00:00+01:00", before: 1798761600000 } },
    ],
    ["renewed.before=2026-11-01", { renewed: { before: "2026-11-01" } }],
    ["expires.after=0", { expires: { after: 0 } }],
    ["state=active&order=oldest", { state: "active", order: "oldest" }],
    ["count=none", { count: "none" }],
    ["countRequested=7&resultsToken=t", { countRequested: 7, resultsToken: "t" }],
    ["resultsToken=t&requestPriorResults=true", { resultsToken: "t", requestPriorResults: true }],
  ]) {
    const response = await call("GET", `/v1/sessions?${search}`);
    assert.equal(response.status, 200, search);
    assert.deepEqual(asked.pop(), { count: "capped", ...query });
  }
});

test("the error names a wrong parameter", async () => {
  const { call } = provider();
  for (const [search, parameter, detail] of [
    ["nothing=1", "nothing", /^unknown parameter `nothing`; the parameters are `subjectId`, /],
    ["includeTicket=true", "includeTicket", /^unknown parameter `includeTicket`; /],
    ["__proto__=1", "__proto__", /^unknown parameter `__proto__`; /],
    ["search=a&search=b", "search", /^pass `search` once$/],
    [
      "subjectId=a&subjectId.contains=b",
      "subjectId.contains",
      /^pass only one of `subjectId` and `subjectId\.contains`$/,
    ],
    ["state=dead", "state", /^`state` must be one of `active`, `expired`, `any`$/],
    ["countRequested=-1", "countRequested", /^`countRequested` must be a whole number from 0 to /],
    ["countRequested=1e3", "countRequested", /must be a whole number/],
    ["created.after=yesterday", "created.after", /^`created\.after` must be an RFC 3339 time, /],
    ["requestPriorResults=yes", "requestPriorResults", /must be one of `true`, `false`$/],
  ]) {
    const problem = await refusal(await call("GET", `/v1/sessions?${search}`));
    assert.equal(problem.status, 400, search);
    assert.equal(problem.code, "invalid_argument");
    assert.equal(problem.parameter, parameter);
    assert.match(problem.detail, detail);
  }
});

test("both routes have links to the next and previous pages", async () => {
  const { call, signIn } = provider();
  for (let index = 0; index < 5; index += 1) await signIn("bob", `bob-${index}`);
  const ids = ({ results }) => results.map(({ sessionId }) => sessionId);
  const links = (response) =>
    Object.fromEntries(
      [...response.headers.get("link").matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(([, url, rel]) => [
        rel,
        new URL(url, `${BASE}/v1/sessions`).search,
      ]),
    );
  const first = await call("GET", "/v1/sessions?subjectId=bob&countRequested=2");
  assert.deepEqual(ids(await json(first.clone())), ["bob-4", "bob-3"]);
  assert.deepEqual(Object.keys(links(first)), ["first", "next"]);
  const second = await call("GET", `/v1/sessions${links(first).next}`);
  assert.deepEqual(ids(await json(second.clone())), ["bob-2", "bob-1"]);
  assert.deepEqual(Object.keys(links(second)), ["first", "next", "prev"]);
  const back = await call("GET", `/v1/sessions${links(second).prev}`);
  assert.deepEqual(ids(await json(back)), ["bob-4", "bob-3"]);
  const third = await call("GET", `/v1/sessions${links(second).next}`);
  assert.deepEqual(Object.keys(links(third)), ["first", "prev"]);
  const again = await call("GET", `/v1/sessions${links(third).first}`);
  assert.deepEqual(ids(await json(again)), ["bob-4", "bob-3"]);
  const { resultsToken } = await json(first);
  const posted = await call("POST", "/v1/sessions/query", {
    subjectId: "bob",
    countRequested: 2,
    resultsToken,
  });
  assert.deepEqual(ids(await json(posted)), ["bob-2", "bob-1"]);
});

test("a body is a query of the core, which checks it", async () => {
  const { call } = provider();
  for (const [body, detail] of [
    [{ includeTicket: true }, /^`includeTicket` isn't possible over HTTP/],
    [{ includeTicket: false }, /^`includeTicket` isn't possible over HTTP/],
    [{ nothing: 1 }, /`nothing`/],
    [{ subjectId: 1 }, /`subjectId`/],
    [{ created: "2026" }, /`created`/],
    ['{"__proto__": {"subjectId": "bob"}}', /`__proto__`/],
  ]) {
    const problem = await refusal(await call("POST", "/v1/sessions/query", body));
    assert.equal(problem.status, 400);
    assert.equal(problem.code, "invalid_argument");
    assert.match(problem.detail, detail);
  }
  const damaged = await call("POST", "/v1/sessions/query", { resultsToken: "x" });
  assert.equal((await refusal(damaged)).code, "invalid_results_token");
});

test("one session is found by its id, which can require its subject", async () => {
  const { call, signIn } = provider();
  await signIn("bob", "s/1 ü%");
  await signIn("carol", "carol-1");
  await signIn("bob", "shared");
  await signIn("eve", "shared");
  const shown = await json(await call("GET", `/v1/sessions/${encodeURIComponent("s/1 ü%")}`));
  assert.equal(shown.subjectId, "bob");
  assert.equal(shown.own, undefined);
  assert.equal((await json(await call("GET", "/v1/sessions/carol-1"))).own, true);
  const none = await refusal(await call("GET", "/v1/sessions/nobody"));
  assert.deepEqual([none.status, none.code], [404, "session_not_found"]);
  const several = await refusal(await call("GET", "/v1/sessions/shared"));
  assert.deepEqual([several.status, several.code], [409, "session_ambiguous"]);
  const one = await json(await call("GET", "/v1/sessions/shared?subjectId=eve"));
  assert.equal(one.subjectId, "eve");
  assert.equal((await call("GET", "/v1/sessions/shared?subjectId=zoe")).status, 404);
  assert.equal((await call("GET", "/v1/sessions/shared?subjectId=%20")).status, 400);
});

test("an id that no session can have isn't found", async () => {
  const { call, signIn, left } = provider();
  const longest = "😀".repeat(255);
  await signIn("bob", longest);
  // U+0085 is white space for the core, but not for JavaScript.
  for (const id of ["%20", "%09", "%C2%85", "%00", "a%00", `a${encodeURIComponent(longest)}`]) {
    for (const method of ["GET", "DELETE"]) {
      const { status, code, parameter } = await refusal(await call(method, `/v1/sessions/${id}`));
      assert.deepEqual([status, code, parameter], [400, "invalid_argument", "sessionId"], id);
    }
  }
  const path = `/v1/sessions/${encodeURIComponent(longest)}`;
  assert.equal((await call("GET", `${path}?subjectId=%C2%85`)).status, 400);
  assert.equal((await json(await call("GET", path))).sessionId, longest);
  assert.deepEqual(await left(), [`bob/${longest}`]);
});

test("a redacted field is in no answer, and can't be a filter", async () => {
  const actor = { ...CAROL, redact: ["ipAddress", "userAgent", "attributes"] };
  const { call, signIn } = provider({ actor });
  await signIn("bob", "bob-1", {
    ipAddress: "192.0.2.1",
    userAgent: "Firefox",
    attributes: { team: "red" },
  });
  for (const response of [
    await call("GET", "/v1/sessions"),
    await call("POST", "/v1/sessions/query", {}),
    await call("GET", "/v1/sessions/bob-1"),
    await call("POST", "/v1/sessions/purge", { filter: { subjectId: "bob" } }),
  ]) {
    const text = await response.text();
    assert.equal(response.status, 200);
    assert.match(text, /bob-1/);
    assert.doesNotMatch(text, /192\.0\.2|Firefox|team/);
  }
  for (const response of [
    await call("GET", "/v1/sessions?ipAddress=192.0.2.1"),
    await call("POST", "/v1/sessions/query", { ipAddress: "192.0.2.1" }),
    await call("POST", "/v1/sessions/purge", { filter: { ipAddress: "192.0.2.1" } }),
  ]) {
    assert.deepEqual((await refusal(response)).code, "forbidden");
  }
});

test("an actor of one issuer sees only the sessions of that issuer", async () => {
  const { call, signIn } = provider({ actor: { ...CAROL, issuers: ["https://one"] } });
  await signIn("bob", "shared", { issuer: "https://one" });
  await signIn("eve", "shared", { issuer: "https://two" });
  await signIn("zoe", "none");
  const subjects = ({ results }) => results.map(({ subjectId }) => subjectId);
  assert.deepEqual(subjects(await json(await call("GET", "/v1/sessions"))), ["bob"]);
  assert.deepEqual(subjects(await json(await call("POST", "/v1/sessions/query", {}))), ["bob"]);
  assert.deepEqual(subjects(await json(await call("GET", "/v1/sessions?issuer=https://one"))), [
    "bob",
  ]);
  // It's neither ambiguous nor found: nothing of other issuers is revealed.
  assert.equal((await json(await call("GET", "/v1/sessions/shared"))).subjectId, "bob");
  assert.equal((await call("GET", "/v1/sessions/none")).status, 404);
  for (const response of [
    await call("GET", "/v1/sessions?issuer=https://two"),
    await call("POST", "/v1/sessions/query", { issuer: "https://two" }),
    await call("POST", "/v1/sessions/query", { issuer: ["https://one", "https://two"] }),
  ]) {
    assert.deepEqual((await refusal(response)).code, "forbidden");
  }
  for (const issuer of [1, ["https://one", 1], {}]) {
    assert.equal((await call("POST", "/v1/sessions/query", { issuer })).status, 400);
  }
});

test("an actor of several issuers sees only their sessions", async () => {
  const { call, signIn } = provider({
    actor: { ...CAROL, issuers: ["https://one", "https://two"] },
  });
  await signIn("bob", "1", { issuer: "https://one" });
  await signIn("eve", "2", { issuer: "https://two" });
  await signIn("zoe", "3", { issuer: "https://three" });
  const subjects = ({ results }) => results.map(({ subjectId }) => subjectId);
  assert.deepEqual(subjects(await json(await call("GET", "/v1/sessions"))), ["eve", "bob"]);
  const one = await call("POST", "/v1/sessions/query", { issuer: ["https://two"] });
  assert.deepEqual(subjects(await json(one)), ["eve"]);
});

test("a query is aborted when its caller disconnects", async () => {
  const caller = new AbortController();
  const stores = memoryStores();
  let aborted = 0;
  const sessions = {
    ...stores.sessions,
    list: (_request, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          aborted += 1;
          reject(signal.reason);
        });
        caller.abort();
      }),
  };
  const { api, errors } = provider({ host: { ...stores, sessions, atomic: undefined } });
  const response = await api(
    new Request(`${BASE}/v1/sessions`, { signal: caller.signal, headers: BEARER }),
  );
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal((await response.json()).code, "aborted");
  assert.equal(aborted, 1);
  assert.deepEqual(errors, []);
});
