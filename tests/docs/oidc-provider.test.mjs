/** The programs of docs/integrations/oidc-provider.md, with a client of the code flow. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [program, provider, ...others] = await examplesOf(
  "docs/integrations/oidc-provider.md",
  import.meta.url,
);
const copied = (name) =>
  readFile(new URL(`../../examples/identity-provider/provider/${name}`, import.meta.url), "utf8");

test("there are two examples to run", () => {
  assert.ok(provider !== undefined);
  assert.equal(others.length, 0);
});

/** The client's server, which receives logout tokens. */
const receiver = `
  import { createServer } from "node:http";
  import { once } from "node:events";
  export const logoutTokens = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const [, payload] = new URLSearchParams(body).get("logout_token").split(".");
    logoutTokens.push(JSON.parse(Buffer.from(payload, "base64url")));
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  export const logoutUri = "http://127.0.0.1:" + server.address().port + "/logout";
`;

/** The page's module, with that server as the address of its client. */
const withReceiver = `import { logoutUri } from "./receiver.mjs";\n${provider
  .replace("allowInsecure = false", "allowInsecure = true")
  .replace('"https://shop.example.com/logout"', "logoutUri")}`;

const client = `
  import { logoutTokens } from "./receiver.mjs";
  import { once } from "node:events";
  import { createHash } from "node:crypto";
  if (!server.listening) await once(server, "listening");
  const local = "http://127.0.0.1:" + server.address().port;

  /** A browser: keeps cookies, and follows redirects within the provider. */
  const browser = () => {
    const jar = new Map();
    return async function visit(url, form) {
      const { pathname, search } = new URL(url, issuer);
      const response = await fetch(local + pathname + search, {
        method: form ? "POST" : "GET",
        redirect: "manual",
        body: form && new URLSearchParams(form),
        headers: {
          "x-forwarded-proto": "https",
          "x-forwarded-host": "id.example.com",
          origin: issuer,
          cookie: [...jar].map(([name, value]) => name + "=" + value).join("; "),
        },
      });
      for (const set of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
        value === "" ? jar.delete(name) : jar.set(name, value);
      }
      const location = response.headers.get("location");
      if (location !== null && location.startsWith("https://shop.")) return new URL(location);
      return location !== null && location !== "/" ? visit(location) : { url, status: response.status, pathname };
    };
  };

  const verifier = "v".repeat(43);
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const authorize = "/auth?" + new URLSearchParams({
    client_id: "shop", response_type: "code", scope: "openid", state: "s",
    redirect_uri: "https://shop.example.com/callback", code_challenge: challenge, code_challenge_method: "S256",
  });
  const token = async (form) => {
    const response = await fetch(local + "/token", {
      method: "POST",
      headers: {
        "x-forwarded-proto": "https",
        authorization: "Basic " + Buffer.from("shop:the+secret+of+the+client").toString("base64"),
      },
      body: new URLSearchParams(form),
    });
    return response.json();
  };
  const userinfo = async (accessToken) =>
    (await fetch(local + "/me", { headers: { "x-forwarded-proto": "https", authorization: "Bearer " + accessToken } })).status;

  async function signInAtShop(visit) {
    let place = await visit(authorize);
    if (place.pathname.startsWith("/interaction/")) {
      console.log("wrong password:", (await visit(place.pathname, { username: "alice", password: "wrong" })).status);
      place = await visit(place.pathname, { username: "alice", password: "secret" });
    }
    const tokens = await token({
      grant_type: "authorization_code", code: place.searchParams.get("code"),
      redirect_uri: "https://shop.example.com/callback", code_verifier: verifier,
    });
    return { ...tokens, claims: JSON.parse(Buffer.from(tokens.id_token.split(".")[1], "base64url")) };
  }

  const visit = browser();
  const first = await signInAtShop(visit);
  const again = await signInAtShop(visit); // without a password
  const { results } = await management.querySessions({ subjectId: "1001" });
  console.log(results.map(({ displayName, clientIds }) => displayName + " " + clientIds).join());
  const refreshed = await token({ grant_type: "refresh_token", refresh_token: again.refresh_token });
  console.log(await userinfo(refreshed.access_token), first.claims.sid === again.claims.sid);

  const report = await management.removeSessions({ subjectId: "1001" });
  console.log(report.sessionsRemoved, report.notifications.delivered);
  console.log(logoutTokens.map(({ sub, sid }) => sub + " " + (sid === first.claims.sid)).join());
  console.log((await token({ grant_type: "refresh_token", refresh_token: refreshed.refresh_token ?? again.refresh_token })).error);
  console.log(await userinfo(refreshed.access_token));
  console.log((await visit(authorize)).pathname.startsWith("/interaction/"));

  const other = browser();
  await signInAtShop(other);
  await other("/sign-out", {});
  console.log(logoutTokens.length, logoutTokens.at(-1).logout_reason);
  console.log((await other(authorize)).pathname.startsWith("/interaction/"));
  process.exit();
`;

test("a client signs a user in, and an administrator and the user end sessions", async () => {
  const printed = await run(`process.env.PORT = "0";\n${program}\n${client}`, {
    "provider.mjs": withReceiver,
    "receiver.mjs": receiver,
    "adapter.mjs": await copied("adapter.mjs"),
    "cookie-value.mjs": await copied("cookie-value.mjs"),
  });
  assert.equal(
    printed.slice(printed.indexOf("wrong")),
    `wrong password: 401
Alice shop
200 true
1 1
1001 true
invalid_grant
401
true
wrong password: 401
2 user_logout
true
`,
  );
});
