/** The programs of docs/guides/console.md, each with its console and its API. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [demo, admin, node, express, hono, deno, bun, ...others] = await examplesOf(
  "docs/guides/console.md",
  import.meta.url,
);

const SECRET = "S".repeat(32);

test("there are seven examples to run", () => {
  assert.ok(bun !== undefined);
  assert.equal(others.length, 0);
});

/** Runs a program on a free port, and asks it for what a browser would. */
async function visit(program, before = "") {
  const probes = `
    import { once as untilEvent } from "node:events";
    ${before}
    ${program.replace("8080", "0")}
    if (!server.listening) await untilEvent(server, "listening");
    const origin = "http://127.0.0.1:" + server.address().port;
    const ask = async (path, options) => {
      const response = await fetch(origin + path, { redirect: "manual", ...options });
      return { response, text: await response.text() };
    };
    const page = await ask("/admin/");
    console.log(page.response.status, page.text.slice(0, 15));
    console.log(page.response.headers.get("content-security-policy").includes("frame-ancestors 'none'"));
    const [script] = /assets\\/index-[\\w-]+\\.js/.exec(page.text);
    console.log((await ask("/admin/" + script)).response.headers.get("content-type"));
    const slash = await ask("/admin?demo");
    console.log(slash.response.status, slash.response.headers.get("location"));
    console.log((await ask("/administrator/")).response.status);
    console.log((await ask("/admin/api/v1/me")).response.status);
    const me = await ask("/admin/api/v1/me", { headers: { authorization: "Bearer ${SECRET}" } });
    console.log(me.response.status, JSON.parse(me.text).actor);
    process.exit();
  `;
  const setting = `import process from "node:process";\nprocess.env.ADMIN_SECRET = "${SECRET}";\n`;
  const files = { "setting.mjs": setting, "admin.mjs": `import "./setting.mjs";\n${admin}` };
  assert.equal(
    await run(probes, files),
    `200 <!doctype html>
true
text/javascript; charset=utf-8
308 ./admin/?demo
404
401
200 operator
`,
  );
}

test("the demo shows the console without an admin API", async () => {
  const printed = await run(`
    import { once } from "node:events";
    ${demo.replace("8080", "0")}
    if (!server.listening) await once(server, "listening");
    const page = await fetch("http://127.0.0.1:" + server.address().port + "/?demo");
    console.log(page.status, (await page.text()).slice(0, 15));
    process.exit();
  `);
  assert.equal(printed, "200 <!doctype html>\n");
});

test("the program for node:http runs as written", () => visit(node));
test("the program for Express runs as written", () => visit(express));
test("the program for Hono runs as written", () => visit(hono));

const imports = `
  import { createServer } from "node:http";
  import { getRequestListener } from "@hono/node-server";
  let server;
  const listen = (handler, { port, hostname }) => {
    server = createServer(getRequestListener(handler)).listen(port, hostname);
  };
`;

test("the program for Deno runs as written, with Deno's function on Node", () =>
  visit(
    deno,
    `${imports} const Deno = { serve: (options, handler) => listen(handler, options) };`,
  ));

test("the program for Bun runs as written, with Bun's function on Node", () =>
  visit(
    bun,
    `${imports}
    const Bun = {
      serve: ({ routes, fetch: other, ...options }) =>
        listen((request) => {
          const { pathname } = new URL(request.url);
          const path = pathname.startsWith("/admin/") ? "/admin/*" : pathname;
          return (routes[path] ?? other)(request, { timeout: () => {} });
        }, options),
    };`,
  ));
