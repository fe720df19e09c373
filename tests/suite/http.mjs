/** The admin API, on every host. */

import { timedHost } from "./host.mjs";

const BASE = "https://id.example.com/admin";
const SECRET = "a-secret-of-thirty-two-bytes-at-least";
const CAROL = { actor: "carol", permissions: ["read", "remove", "purge"] };

/** A provider with the API in front of it, and the denied requests. */
function provider(lib, options = {}) {
  const timed = timedHost(lib);
  const feed = lib.http.eventFeed();
  const log = timed.members.onEvent;
  timed.members.onEvent = (event) => {
    log(event);
    feed.publish(event);
  };
  const api = lib.http.adminApi({
    management: new lib.SessionManagement(timed.members),
    delivery: new lib.LogoutDelivery(timed.members),
    events: feed,
    authorize: () => CAROL,
    ...options,
  });
  const call = (method, path, body, headers = { authorization: "Bearer token" }) =>
    api(
      new Request(BASE + path, {
        method,
        headers: { ...headers, ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
      }),
    );
  const json = async (...args) => (await call(...args)).json();
  return { ...timed, api, call, json };
}

export function httpCases(lib, assert) {
  /** The status and the code of a refusal. */
  async function refused(response) {
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    return [response.status, (await response.json()).code];
  }

  /** Makes a request if the host lets a program set these headers. A page can't. */
  function requestWith(headers, init = {}) {
    const request = new Request(`${BASE}/v1/sessions`, { headers, ...init });
    return Object.keys(headers).every((name) => request.headers.has(name)) ? request : undefined;
  }

  return [
    {
      name: "the admin API lists sessions, and links lead to the next and previous page",
      async run() {
        const { signIn, call } = provider(lib);
        for (const number of [1, 2, 3]) await signIn("bob", `bob-${number}`, ["web"]);
        const follow = (response, rel) => {
          const links = response.headers.get("link");
          const [, link] =
            links
              .split(", ")
              .map((each) => /<(.*)>; rel="(.*)"/.exec(each))
              .find(([, , name]) => name === rel) ?? [];
          return call("GET", `/v1/sessions${link}`);
        };
        const idsOf = async (response) =>
          (await response.json()).results.map(({ sessionId }) => sessionId);
        const first = await call("GET", "/v1/sessions?subjectId=bob&order=oldest&countRequested=2");
        const next = await follow(first, "next");
        const back = await follow(next, "prev");
        assert.deepEqual(await idsOf(first), ["bob-1", "bob-2"]);
        assert.deepEqual(await idsOf(next), ["bob-3"]);
        assert.deepEqual(await idsOf(back), ["bob-1", "bob-2"]);
        assert.equal(first.headers.get("cache-control"), "no-store");
      },
    },
    {
      name: "the admin API shows a session and ends it",
      async run() {
        const { signIn, call, json, sent } = provider(lib);
        await signIn("bob", "bob/1 ä", ["web"]);
        const path = `/v1/sessions/${encodeURIComponent("bob/1 ä")}`;
        const session = await json("GET", path);
        assert.deepEqual([session.subjectId, session.clientIds], ["bob", ["web"]]);
        const { sessionsRemoved, tokensRevoked } = await json("DELETE", path);
        assert.deepEqual([sessionsRemoved, tokensRevoked], [1, 1]);
        assert.deepEqual(await refused(await call("GET", path)), [404, "session_not_found"]);
        assert.equal((await json("DELETE", path)).sessionsRemoved, 0);
        assert.equal(sent.length, 1);
      },
    },
    {
      name: "the admin API ends the sessions of a subject, except the caller's own",
      async run() {
        const actor = { ...CAROL, subjectId: "carol", sessionId: "own" };
        const { signIn, json } = provider(lib, { authorize: () => actor });
        for (const sessionId of ["own", "other"]) await signIn("carol", sessionId, ["web"]);
        const report = await json("POST", "/v1/sessions/remove", { subjectId: "carol" });
        assert.equal(report.sessionsRemoved, 1);
        const { results } = await json("POST", "/v1/sessions/query", {});
        assert.deepEqual(
          results.map(({ sessionId, own }) => [sessionId, own]),
          [["own", true]],
        );
      },
    },
    {
      name: "the admin API purges in two calls, and continues with the token",
      async run() {
        const { signIn, call, json } = provider(lib);
        for (const number of [1, 2, 3]) await signIn(`user${number}`, `s${number}`, ["web"]);
        const purge = { filter: { clientId: "web" } };
        const preview = await json("POST", "/v1/sessions/purge", purge);
        assert.deepEqual([preview.count, preview.sample.length], [3, 3]);
        const confirmed = { ...purge, confirmToken: preview.confirmToken, limit: 2 };
        const part = await json("POST", "/v1/sessions/purge", confirmed);
        assert.deepEqual([part.sessionsRemoved, part.more], [2, true]);
        const { confirmToken } = part;
        const rest = await json("POST", "/v1/sessions/purge", { ...purge, confirmToken });
        assert.deepEqual([rest.sessionsRemoved, rest.more], [1, false]);
        const stale = { filter: { clientId: "app" }, confirmToken };
        assert.deepEqual(await refused(await call("POST", "/v1/sessions/purge", stale)), [
          409,
          "confirm_token_stale",
        ]);
      },
    },
    {
      name: "the admin API lists deliveries, and retries one",
      async run() {
        const { signIn, json, outcomes } = provider(lib);
        outcomes.web = { delivered: false, retry: false, error: "the client answered 400" };
        await signIn("bob", "bob-1", ["web"]);
        await json("POST", "/v1/sessions/remove", { subjectId: "bob" });
        const failed = async () => (await json("GET", "/v1/deliveries?state=failed")).deliveries;
        const [{ id, clientId, error }] = await failed();
        assert.deepEqual([clientId, error], ["web", "the client answered 400"]);
        const retry = `/v1/deliveries/${encodeURIComponent(id)}/retry`;
        assert.deepEqual(await json("POST", retry), { retried: true });
        assert.deepEqual(await json("POST", retry), { retried: false });
        assert.deepEqual(await failed(), []);
      },
    },
    {
      name: "a reader of events reconnects and gets the events that it missed",
      async run() {
        const { signIn, call, json } = provider(lib);
        const end = async (subjectId) => {
          await signIn(subjectId, `${subjectId}-1`, ["web"]);
          await json("POST", "/v1/sessions/remove", { subjectId });
        };
        const read = async (headers, until) => {
          const response = await call("GET", "/v1/events", undefined, {
            authorization: "Bearer token",
            ...headers,
          });
          assert.equal(response.headers.get("content-type"), "text/event-stream");
          const reader = response.body.getReader();
          const decoder = new TextDecoder();
          let text = "";
          while (!text.includes(until)) {
            const { value, done } = await reader.read();
            if (done) break;
            text += decoder.decode(value, { stream: true });
          }
          await reader.cancel();
          return text;
        };
        await end("alice");
        const hello = await read({}, "event: hello");
        const [, last] = /^id: (.*)$/m.exec(hello);
        await end("bob");
        const missed = await read({ "last-event-id": last }, '"type":"session_removed"');
        assert.match(missed, /"subjectId":"bob"/);
        assert.ok(!missed.includes("alice"));
        assert.match(await read({ "last-event-id": "unknown" }, "event: reset"), /^event: reset$/m);
      },
    },
    {
      name: "the admin API refuses a caller without the permission, and emits an event",
      async run() {
        const authorize = () => ({ actor: "dave", permissions: ["read"] });
        const { signIn, call, events, json } = provider(lib, { authorize });
        await signIn("bob", "bob-1", ["web"]);
        events.length = 0;
        assert.deepEqual(await refused(await call("DELETE", "/v1/sessions/bob-1")), [
          403,
          "forbidden",
        ]);
        const [{ type, actor, permission, route }] = events;
        assert.deepEqual(
          [type, actor, permission, route],
          ["admin_denied", "dave", "remove", "DELETE /v1/sessions/{sessionId}"],
        );
        assert.equal((await json("GET", "/v1/sessions")).totalCount, 1);
      },
    },
    {
      name: "the admin API refuses requests from pages of other sites",
      async run() {
        const { api } = provider(lib);
        for (const headers of [
          { "sec-fetch-site": "cross-site" },
          { "sec-fetch-site": "same-site", cookie: "session=1" },
          { origin: "https://evil.example.com" },
        ]) {
          const request = requestWith(headers);
          if (request === undefined) continue;
          assert.deepEqual(await refused(await api(request)), [403, "cross_site_request"]);
        }
        const own = requestWith({ "sec-fetch-site": "same-origin", cookie: "session=1" });
        if (own !== undefined) assert.equal((await api(own)).status, 200);
      },
    },
    {
      name: "a program is authorized by its secret, and by no other",
      async run() {
        const authorize = lib.http.staticSecret({
          secret: SECRET,
          actor: "cron",
          permissions: ["read"],
        });
        const { call } = provider(lib, { authorize });
        const bearer = (token) => ({ authorization: `Bearer ${token}` });
        const me = await call("GET", "/v1/me", undefined, bearer(SECRET));
        assert.equal((await me.json()).actor, "cron");
        for (const headers of [{}, bearer(`${SECRET}x`), bearer(SECRET.slice(1))]) {
          const denied = await call("GET", "/v1/me", undefined, headers);
          assert.match(denied.headers.get("www-authenticate"), /^Bearer/);
          assert.deepEqual(await refused(denied), [401, "not_signed_in"]);
        }
      },
    },
    {
      name: "an access token grants its subject the permissions of its scopes",
      async run() {
        const { sign, keys } = await signer();
        const claims = {
          iss: "https://id.example.com",
          aud: "rollcall",
          sub: "carol",
          exp: Math.floor(Date.now() / 1_000) + 60,
          scope: "openid rollcall:read",
        };
        const authorize = lib.http.bearerTokens({
          issuer: claims.iss,
          audience: claims.aud,
          keys,
        });
        const { call } = provider(lib, { authorize });
        const as = async (token, method, path) =>
          call(method, path, undefined, { authorization: `Bearer ${await token}` });
        const me = await (await as(sign(claims), "GET", "/v1/me")).json();
        assert.deepEqual([me.actor, me.permissions], ["carol", ["read"]]);
        assert.equal((await as(sign(claims), "GET", "/v1/sessions")).status, 200);
        assert.equal((await as(sign(claims), "DELETE", "/v1/sessions/a")).status, 403);
        for (const wrong of [{ aud: "other" }, { iss: "https://evil.example.com" }, { exp: 1 }]) {
          const denied = await as(sign({ ...claims, ...wrong }), "GET", "/v1/me");
          assert.deepEqual(await refused(denied), [401, "not_signed_in"]);
        }
        const idToken = await as(sign(claims, { typ: "JWT" }), "GET", "/v1/me");
        assert.deepEqual(await refused(idToken), [401, "not_signed_in"]);
      },
    },
  ];
}

/** Signs access tokens with a new key of WebCrypto. */
async function signer() {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const encoded = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));
  return {
    keys: { keys: [{ kty, crv, x, y, kid: "1", alg: "ES256" }] },
    sign: async (claims, header = {}) => {
      const head = { alg: "ES256", kid: "1", typ: "at+jwt", ...header };
      const signed = `${encoded(head)}.${encoded(claims)}`;
      const bytes = new TextEncoder().encode(signed);
      const signature = await crypto.subtle.sign(algorithm, privateKey, bytes);
      return `${signed}.${base64url(new Uint8Array(signature))}`;
    },
  };
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
