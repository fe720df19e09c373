/** The programs of docs/integrations/express.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [program, provider, ...others] = await examplesOf(
  "docs/integrations/express.md",
  import.meta.url,
);

test("there are two examples to run", () => {
  assert.ok(provider !== undefined);
  assert.equal(others.length, 0);
});

test("a user signs in, an administrator ends the session, and the program stops", async () => {
  const after = `
    const { once } = await import("node:events");
    if (!server.listening) await once(server, "listening");
    const origin = "http://127.0.0.1:" + server.address().port;
    const call = (path, { form, cookie, secret, from = ORIGIN, method = form ? "POST" : "GET" } = {}) =>
      fetch(origin + path, {
        method,
        redirect: "manual",
        headers: {
          ...(from && { origin: from }),
          ...(cookie && { cookie }),
          ...(secret && { authorization: "Bearer " + secret }),
        },
        body: form && new URLSearchParams(form),
      });
    console.log((await call("/sign-in", { form: { username: "bob", password: "wrong" } })).status);
    const right = { username: "bob", password: "secret" };
    console.log((await call("/sign-in", { form: right, from: "https://evil.example.com" })).status);
    const signedIn = await call("/sign-in", { form: right });
    const [cookie] = signedIn.headers.getSetCookie()[0].split(";");
    console.log(signedIn.status, await (await call("/", { cookie })).text());

    console.log((await call("/admin/api/v1/sessions")).status);
    const { results } = await (await call("/admin/api/v1/sessions", { secret: ADMIN_SECRET })).json();
    console.log(results.map(({ subjectId, ipAddress }) => subjectId + " " + ipAddress).join());
    const page = await call("/admin/");
    console.log(page.status, page.headers.get("content-type"));
    const ended = await call("/admin/api/v1/sessions/" + results[0].sessionId, { method: "DELETE", secret: ADMIN_SECRET });
    console.log(ended.status, await (await call("/", { cookie })).text());

    client.close(); // every read fails from now on
    console.log((await call("/", { cookie })).status);
    server.once("close", () => console.log("closed"));
    process.emit("SIGTERM");
  `;
  const before = `
    process.env.TICKET_KEY = Buffer.alloc(32).toString("base64url");
    process.env.ADMIN_SECRET = "0123456789abcdef0123456789abcdef";
    process.env.ORIGIN = "https://id.example.com";
    process.env.PORT = "0";
  `;
  const printed = await run(before + program + after, { "provider.mjs": provider });
  assert.equal(
    printed.replace("listening 0\n", ""),
    `401
403
303 {"user":"bob"}
401
bob 127.0.0.1
200 text/html; charset=utf-8
200 {}
503
closed
`,
  );
});
