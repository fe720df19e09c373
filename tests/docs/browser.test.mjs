/** The code of docs/guides/browser.md, as files that a server serves to Chromium. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browserForSuite, withoutChromium } from "../console/support/chromium.mjs";
import { blocksOf, examplesOf } from "./examples.mjs";

const PAGE = "docs/guides/browser.md";
const root = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".html": "text/html; charset=utf-8",
};

const [script, api, sender, ...others] = await examplesOf(PAGE, import.meta.url);
const [html, importMap, ...otherHtml] = await blocksOf(PAGE, import.meta.url, "run by", "html");
const text = await readFile(join(root, PAGE), "utf8");
const [, POLICY] = /^Content-Security-Policy: (.*)$/m.exec(text);
/** Import maps are inline scripts. */
const WITH_INLINE = POLICY.replace("script-src", "script-src 'unsafe-inline'");

const page = (head, module) => `<!doctype html><title>Test</title><link rel="icon" href="data:,">
  ${head}<script type="module">${module}</script>`;

test("there are three programs and two pages to run", () => {
  assert.ok(sender !== undefined && importMap !== undefined);
  assert.deepEqual([...others, ...otherHtml], []);
});

suite("the browser", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();

  /** Opens `/` of a server with these files, and the packages under `/vendor`. */
  async function open(files, policy, use, options = {}) {
    const server = createServer(async (request, response) => {
      const path = request.url === "/" ? "/index.html" : request.url;
      const vendored = path.replace("/vendor/rollcall/", "/pkg/");
      const file = vendored.replace("/vendor/", "/node_modules/");
      try {
        const body = files[path] ?? (await readFile(join(root, file)));
        const type = TYPES[extname(path)];
        const headers = { "content-type": type, "content-security-policy": policy };
        response.writeHead(200, headers).end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    try {
      await withPage(options, async (opened) => {
        await opened.goto(`http://127.0.0.1:${server.address().port}/`);
        await use(opened);
      });
    } finally {
      server.close();
    }
  }

  /** The value that the page assigns to the global variable `result`. */
  const resultOf = async (opened) =>
    (await opened.waitForFunction(() => globalThis.result)).jsonValue();

  test("the first program lists sessions and ends them, under the policy", async () => {
    await open({ "/index.html": html, "/page.js": script }, POLICY, async (opened) => {
      const said = [];
      opened.on("console", (message) => said.push(message.text()));
      const items = opened.locator("#sessions li");
      await items.nth(1).waitFor();
      assert.deepEqual(await items.allTextContents(), ["Bob: shop, wiki", "Alice: shop"]);
      await opened.locator("#end").click();
      await items.nth(1).waitFor({ state: "detached" });
      assert.deepEqual(await items.allTextContents(), ["Alice: shop"]);
      assert.deepEqual(said.sort(), ["shop is notified about bob", "wiki is notified about bob"]);
    });
  });

  test("the slim and the inline entries load from their files", async () => {
    const module = `
      import * as inline from "/vendor/rollcall/entry/inline.js";
      import { memoryStores as inlined } from "/vendor/rollcall/entry/memory-inline.js";
      import * as slim from "/vendor/rollcall/slim.js";
      import { initialize, memoryStores } from "/vendor/rollcall/memory/slim.js";
      await slim.initialize(fetch("/vendor/rollcall/core_bg.wasm"));
      await initialize(fetch("/vendor/rollcall/memory_core_bg.wasm"));
      globalThis.result = [
        (await new slim.SessionManagement(memoryStores()).querySessions()).totalCount,
        (await new inline.SessionManagement(inlined()).querySessions()).totalCount,
      ];
    `;
    await open({ "/index.html": page("", module) }, WITH_INLINE, async (opened) => {
      assert.deepEqual(await resultOf(opened), [0, 0]);
    });
  });

  test("the admin API runs with the import map", async () => {
    const [, shown] = /\/\/ (.+)\n$/.exec(api);
    const module = api.replace(/console\.log\((.*)\);/, "globalThis.result = [$1];");
    await open({ "/index.html": page(importMap, module) }, WITH_INLINE, async (opened) => {
      assert.equal((await resultOf(opened)).join(" "), shown);
    });
  });

  test("the sender loads from one file, and can't read the answer of another origin", async () => {
    const received = [];
    const shop = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      received.push(Buffer.concat(chunks).toString());
      response.end();
    });
    await once(shop.listen(0, "127.0.0.1"), "listening");
    after(() => shop.close());
    const module = `
      import { SessionManagement, TicketStore } from "/vendor/rollcall/entry/browser.js";
      import { memoryStores } from "/vendor/rollcall/entry/memory-browser.js";
      ${sender.replace("issuer:", "allowInsecure: true, issuer:")}
      const backChannelLogoutUri = "http://127.0.0.1:${shop.address().port}/";
      const host = {
        ...memoryStores(),
        clients: (clientId) => ({ clientId, backChannelLogoutUri, idTokenSignedResponseAlg: "ES256" }),
        sendLogout,
      };
      const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
      await new TicketStore(host, { keys }).store({ subjectId: "bob", clients: ["shop"] });
      const report = await new SessionManagement(host).removeSessions({ subjectId: "bob" });
      globalThis.result = report.notifications;
    `;
    const files = { "/index.html": page("", module) };
    const expectedErrors = /CORS policy|net::ERR_FAILED/;
    const policy = `${WITH_INLINE}; connect-src *`;
    await open(
      files,
      policy,
      async (opened) => {
        const counts = { delivered: 0, pending: 1, failed: 0, skipped: 0 };
        assert.deepEqual(await resultOf(opened), counts);
      },
      { expectedErrors },
    );
    assert.match(received.join(), /^logout_token=[\w.-]+$/);
  });
});
