/** The programs of docs/integrations/better-auth.md, with better-auth's own stores in memory. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const PAGE = "docs/integrations/better-auth.md";
const [program, trial, server, ...others] = await examplesOf(PAGE, import.meta.url);

/** The file of the reader that the program imports. */
const PROVIDER = `
  import { memoryAdapter } from "better-auth/adapters/memory";
  import { memoryStores } from "rollcall/memory";

  export const rows = { user: [], session: [], account: [], verification: [] };
  export const notified = [];
  export const host = {
    ...memoryStores(),
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example/logout" }),
    sendLogout: ({ clientId, claims }) => {
      notified.push(clientId + " " + (claims.sub === rows.user[0].id));
      return { delivered: true };
    },
  };
  export const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  export const options = {
    baseURL: "https://id.example.com",
    secret: "0123456789abcdef0123456789abcdef",
    database: memoryAdapter(rows),
    emailAndPassword: { enabled: true },
    // Each request extends the session.
    session: { expiresIn: 3600, updateAge: 0 },
    telemetry: { enabled: false },
  };
`;

/** Calls of a browser. `show` prints what each step led to. */
const BEFORE = `
  import { SessionManagement } from "rollcall";
  import { addClient, auth, runners } from "./auth.mjs";
  import { host, notified, rows } from "./provider.mjs";

  const management = new SessionManagement(host);
  const user = { email: "alice@example.com", password: "correct horse", name: "Alice" };
  const sessions = async () => (await management.querySessions()).results;
  const cookiesOf = (response) =>
    new Headers({
      cookie: response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; "),
    });
  const signedIn = async (headers) => (await auth.api.getSession({ headers })) !== null;
  const signIn = async () =>
    cookiesOf(await auth.api.signInEmail({ body: user, asResponse: true }));
  let headers = cookiesOf(await auth.api.signUpEmail({ body: user, asResponse: true }));
`;

const AFTER = `
  await Promise.all(runners.map((runner) => runner.stop()));
`;

const runSteps = (steps) =>
  run(BEFORE + steps + AFTER, { "auth.mjs": program, "provider.mjs": PROVIDER });

test("there are three programs to run", () => {
  assert.ok(server !== undefined);
  assert.deepEqual(others, []);
});

test("the version of the page is the installed one", async () => {
  const page = await readFile(new URL(`../../${PAGE}`, import.meta.url), "utf8");
  const { devDependencies } = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  );
  assert.ok(page.includes(`tested with better-auth ${devDependencies["better-auth"]}.`));
});

test("a session that Rollcall ends doesn't exist in better-auth", async () => {
  const output = await runSteps(`
    const [session] = await sessions();
    console.log(session.subjectId === rows.user[0].id, session.displayName);
    console.log(await addClient(headers, "shop"), (await sessions())[0].clientIds.join());
    console.log(await signedIn(headers));
    await management.removeSessions({ subjectId: session.subjectId });
    console.log(notified.join(), await signedIn(headers), rows.session.length);
  `);
  assert.equal(output, "true Alice\ntrue shop\ntrue\nshop true false 0\n");
});

test("a sign-out in better-auth ends the session in Rollcall and notifies its clients", async () => {
  const output = await runSteps(`
    await addClient(headers, "shop");
    await auth.api.signOut({ headers });
    console.log(notified.join(), (await sessions()).length, await signedIn(headers));
    headers = await signIn();
    console.log((await sessions()).length, await signedIn(headers));
  `);
  assert.equal(output, "shop true 0 false\n1 true\n");
});

test("an extended session has the same expiry in both", async () => {
  const output = await runSteps(`
    const [before] = await sessions();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await signedIn(headers);
    const [after] = await sessions();
    console.log(after.expires > before.expires, +after.expires === +rows.session[0].expiresAt);
  `);
  assert.equal(output, "true true\n");
});

test("a session from before the change ends at its next request", async () => {
  const output = await runSteps(`
    delete rows.session[0].rollcall;
    console.log(await signedIn(headers), rows.session.length);
  `);
  assert.equal(output, "false 0\n");
});

test("with the page's own provider, a user signs up and an administrator lists the session", async () => {
  const visit = `
    import { once } from "node:events";
    if (!server.listening) await once(server, "listening");
    const origin = "http://127.0.0.1:" + server.address().port;
    const user = { email: "bob@example.com", password: "correct horse", name: "Bob" };
    const signedUp = await fetch(origin + "/api/auth/sign-up/email", {
      method: "POST",
      headers: { "content-type": "application/json", origin: "http://localhost:3000" },
      body: JSON.stringify(user),
    });
    const headers = { authorization: "Bearer " + process.env.ADMIN_SECRET };
    const { results } = await (await fetch(origin + "/admin/v1/sessions", { headers })).json();
    console.log(signedUp.status, results.map(({ displayName }) => displayName).join());
    process.exit();
  `;
  const output = await run(server.replace("port: 3000", "port: 0") + visit, {
    "auth.mjs": program,
    "provider.mjs": `process.env.ADMIN_SECRET = "${"s".repeat(32)}";\n${trial}`,
  });
  assert.equal(output, "200 Bob\n");
});
