/** The code of docs/guides/sign-in.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";
import { host, visits } from "./visitor.mjs";

const [express, hono, stay, byHand, ...others] = await examplesOf(
  "docs/guides/sign-in.md",
  import.meta.url,
);

test("there are four examples to run", () => {
  assert.ok(byHand !== undefined);
  assert.equal(others.length, 0);
});

/** A user signs in after a wrong password, returns, and signs out. */
const visit = `
  const browser = {};
  console.log(await ask(browser, "POST /sign-in", { username: "bob", password: "wrong" }));
  console.log(await ask(browser, "POST /sign-in", { username: "bob", password: "right" }));
  console.log(browser.setCookie);
  console.log(await ask(browser, "GET /"));
  const before = browser.cookie;
  await ask(browser, "POST /sign-in", { username: "carol", password: "right" });
  console.log(await ask({ cookie: before }, "GET /"), await ask(browser, "GET /"));
  console.log(await ask(browser, "POST /sign-out"));
  console.log(browser.setCookie);
  console.log(await ask(browser, "GET /"));
  process.exit();
`;

const visited = `401
303
__Host-session=VALUE; Path=/; HttpOnly; Secure; SameSite=Lax
200 {"user":"BOB"}
200 {} 200 {"user":"CAROL"}
303
__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax
200 {}
`;

test("Express runs as written", async () => {
  assert.equal(await run(`${host} ${express} const listener = app; ${visits} ${visit}`), visited);
});

test("Hono runs as written", async () => {
  const listener = `
    const listener = async (incoming, outgoing) => {
      const chunks = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const { method, headers } = incoming;
      const body = method === "POST" ? Buffer.concat(chunks) : undefined;
      const url = "http://" + headers.host + incoming.url;
      const response = await app.fetch(new Request(url, { method, headers, body }));
      outgoing.writeHead(response.status, [...response.headers].flat()).end(await response.text());
    };
  `;
  assert.equal(await run(`${host} ${hono} ${listener} ${visits} ${visit}`), visited);
});

test("staying signed in runs as written", async () => {
  const program = `
    ${host} ${express} ${stay} const listener = app; ${visits}
    const browser = {};
    console.log(await ask(browser, "POST /sign-in/stay"));
    console.log(browser.setCookie);
    process.exit();
  `;
  assert.equal(
    await run(program),
    "303\n__Host-session=VALUE; Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Lax\n",
  );
});

test("the server by hand runs as written", async () => {
  const program = `
    import { LogoutDelivery, SessionCoordination, TicketStore } from "rollcall";
    ${host}
    const tickets = new TicketStore(host, { keys });
    const coordination = new SessionCoordination(host);
    ${byHand}
    const listener = server.listeners("request")[0];
    ${visits}
    const browser = {};
    await ask(browser, "POST /sign-in");
    console.log(browser.setCookie);
    const first = browser.cookie;
    await tickets.addClient(first.split("=")[1], "shop");
    await ask(browser, "POST /sign-in");
    await new LogoutDelivery(host).deliverDue();
    console.log(first !== browser.cookie, await host.sessions.count({}));
    await tickets.addClient(browser.cookie.split("=")[1], "shop");
    await ask(browser, "POST /sign-out");
    console.log(browser.setCookie, await host.sessions.count({}));
    process.exit();
  `;
  const attributes = "Path=/; HttpOnly; Secure; SameSite=Lax";
  assert.equal(
    await run(program),
    `__Host-session=VALUE; ${attributes}
notified
true 1
notified
__Host-session=; Max-Age=0; ${attributes} 0
`,
  );
});
