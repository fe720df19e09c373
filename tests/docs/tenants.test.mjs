/** The code of docs/guides/tenants.md, its output, and what it says about isolation. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, outputsOf, run } from "./examples.mjs";

const PAGE = "docs/guides/tenants.md";
const [shared, cookies, sender, separate, purge, ...others] = await examplesOf(
  PAGE,
  import.meta.url,
);
const [printed] = await outputsOf(PAGE, import.meta.url);

const before = `
  import { memoryStores } from "rollcall/memory";
  const stores = memoryStores();
  const clients = (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/out" });
  const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
`;
const accepts = `
  const sendLogout = ({ claims }) => { console.log("notified by", claims.iss); return { delivered: true }; };
`;
/** The first example up to its first output. */
const twoTenants = shared.slice(0, shared.indexOf("console.log"));

test("there are five examples to run", () => {
  assert.ok(purge !== undefined);
  assert.equal(others.length, 0);
});

test("two tenants on one database run as written", async () => {
  assert.equal(await run(before + accepts + shared), printed);
});

test("without an issuer, calls reach both tenants", async () => {
  const program = `
    ${before} ${accepts} ${twoTenants}
    await tickets.store({ subjectId: "1" }).catch(({ code }) => console.log(code));
    const other = { ...host, issuers: [globex] };
    console.log((await new TicketStore(other, { keys }).retrieve(cookie)).issuer);
    console.log((await new SessionManagement(other).querySessions()).totalCount);
    const own = { keys: { current: "2", keys: { 2: new Uint8Array(32).fill(2) } } };
    const sealed = await tickets.store({ subjectId: "1", issuer: acme, ticket: 1 });
    console.log(await new TicketStore(other, own).retrieve(sealed));
    const common = { type: "refresh_token", subjectId: "1", clientId: "shop", created: new Date(), data: "" };
    await host.grants.store({ ...common, key: "a" });
    const { notes, tokensRevoked } = await management.removeSessions({ subjectId: "1", issuer: globex });
    console.log(tokensRevoked, notes.length);
    await tickets.addClient(cookie, "shop");
    const report = await new SessionManagement(other).removeSessions({ subjectId: "1" });
    console.log(report.sessionsRemoved, report.notifications.delivered, report.tokensRevoked);
  `;
  assert.equal(
    await run(program),
    `invalid_argument\nhttps://acme.example.com\n2\nundefined\n0 2\n2 0 1\n`,
  );
});

test("a cookie of one tenant is rejected at another", async () => {
  const program = `
    ${before} ${accepts} ${twoTenants}
    const checkPassword = (issuer, username) =>
      username === "eve" ? undefined : { id: username, name: username + " at " + new URL(issuer).host };
    ${cookies}
    const ask = async (issuer, cookie, form) => {
      const response = await app.request(issuer + (form ? "/sign-in" : "/"), {
        method: form ? "POST" : "GET",
        headers: { origin: issuer, ...(cookie && { cookie }) },
        body: form && new URLSearchParams(form),
      });
      const [set = ""] = response.headers.getSetCookie();
      return { status: response.status, text: await response.text(), cookie: set.split(";")[0] };
    };
    console.log((await ask(acme, "", { username: "eve" })).status);
    const bob = await ask(acme, "", { username: "bob" });
    console.log(bob.status, (await ask(acme, bob.cookie)).text);
    console.log((await ask(globex, bob.cookie)).status, (await ask(globex, "")).text);
    console.log((await ask("https://other.example.com", bob.cookie)).status);
    const { results } = await management.querySessions({ subjectId: "bob" });
    console.log(results.map(({ issuer }) => issuer).join());
  `;
  assert.equal(
    await run(program),
    '401\n303 {"user":"bob at acme.example.com"}\n403 {}\n404\nhttps://acme.example.com\n',
  );
});

test("each tenant's tokens are signed with its own key", async () => {
  const program = `
    import { createServer } from "node:http";
    import { once } from "node:events";
    import { text } from "node:stream/consumers";
    import { decodeJwt, decodeProtectedHeader, generateKeyPair } from "jose";
    ${before}
    const signers = new Map();
    for (const name of ["acme", "globex"]) {
      const { privateKey } = await generateKeyPair("ES256");
      signers.set("https://" + name + ".example.com", { privateKey, kid: name });
    }
    const shop = createServer(async (request, response) => {
      const token = new URLSearchParams(await text(request)).get("logout_token");
      console.log(decodeJwt(token).iss, decodeProtectedHeader(token).kid);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(shop, "listening");
    ${sender.replace("issuer:", "allowInsecure: true,\n  issuer:")}
    const backChannelLogoutUri = "http://127.0.0.1:" + shop.address().port;
    ${twoTenants.replace(
      "issuers: [",
      `clients: (clientId) => ({ clientId, backChannelLogoutUri, idTokenSignedResponseAlg: "ES256" }),
       issuers: [`,
    )}
    await tickets.store({ subjectId: "2", issuer: acme, clients: ["shop"] });
    await tickets.store({ subjectId: "3", issuer: globex, clients: ["shop"] });
    for (const subjectId of ["2", "3"]) await management.removeSessions({ subjectId });
    shop.close();
  `;
  assert.equal(
    await run(program),
    "https://acme.example.com acme\nhttps://globex.example.com globex\n",
  );
});

test("a database for each tenant runs as written", async () => {
  const program = `
    ${before} ${accepts}
    const tenants = ["acme", "globex"].map((name) => (
      { issuer: "https://" + name + ".example.com", keys, stores: memoryStores() }
    ));
    ${separate}
    console.log(await hosts.get("https://globex.example.com").tickets.retrieve(cookie));
  `;
  assert.equal(await run(program), "https://acme.example.com\nundefined\n");
});

test("a tenant is signed out as written", async () => {
  const after = "console.log((await management.querySessions()).results[0].displayName);";
  assert.equal(await run(before + accepts + twoTenants + purge + after), "1\nAlice\n");
});
