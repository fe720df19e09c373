// The console's files, over `node:http` and by direct calls.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { getRequestListener } from "@hono/node-server";
import { consoleFiles } from "../../pkg/console.js";
import { consoleFiles as withoutFiles } from "../../pkg/entry/console-without-files.js";
import { RollcallError } from "../../pkg/errors.js";

const FOLDER = fileURLToPath(new URL("../../pkg/console/", import.meta.url));
const ORIGIN = "https://id.example.com";

const published = (await readdir(FOLDER, { recursive: true })).filter(
  (name) => name.includes(".") || name === "_headers",
);
const served = published.filter((name) => name !== "_headers");
const headerFile = await readFile(`${FOLDER}_headers`, "utf8");

const get = (files, path, headers = {}, method = "GET") =>
  files(new Request(ORIGIN + path, { method, headers }));

test("every file is served with its type and its contents", async () => {
  const types = { css: "text/css", html: "text/html", js: "text/javascript" };
  const others = { svg: "image/svg+xml", wasm: "application/wasm" };
  const files = consoleFiles();
  assert.ok(served.length > 5);
  for (const name of served) {
    const response = await get(files, `/admin/${name}`);
    assert.equal(response.status, 200, name);
    const ending = name.slice(name.lastIndexOf(".") + 1);
    const type = others[ending] ?? `${types[ending]}; charset=utf-8`;
    assert.equal(response.headers.get("content-type"), type, name);
    const contents = Buffer.from(await response.arrayBuffer());
    assert.deepEqual(contents, await readFile(FOLDER + name), name);
  }
});

test("the console has the same headers here and on servers that read `_headers`", async () => {
  const files = consoleFiles();
  const written = Object.fromEntries(
    [...headerFile.matchAll(/^ +([\w-]+): (.*)$/gm)]
      .slice(0, 5)
      .map(([, name, value]) => [name.toLowerCase(), value]),
  );
  assert.match(written["content-security-policy"], /^default-src 'none';.*frame-ancestors 'none'$/);
  for (const path of ["/admin/", `/admin/${served[0]}`, "/admin", "/admin/lost.js"]) {
    const { headers } = await get(files, path);
    for (const [name, value] of Object.entries(written)) {
      assert.equal(headers.get(name), value, `${path} ${name}`);
    }
  }
  const page = await (await get(files, "/admin/")).text();
  const [, inPage] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page);
  assert.equal(
    `${inPage.replaceAll("&#39;", "'")}; frame-ancestors 'none'`,
    written["content-security-policy"],
  );
});

test("hashed files are cached for good, and the page is checked each time", async () => {
  const files = consoleFiles();
  for (const name of served) {
    const cache = (await get(files, `/${name}`)).headers.get("cache-control");
    const isHashed = name.startsWith("assets/");
    assert.equal(cache, isHashed ? "public, max-age=31536000, immutable" : "no-cache", name);
  }
  assert.equal((await get(files, "/")).headers.get("cache-control"), "no-cache");
});

test("a file that the browser has isn't sent again", async () => {
  const files = consoleFiles();
  for (const encoding of ["gzip", "identity"]) {
    const ask = (tag) =>
      get(files, "/", { "accept-encoding": encoding, ...(tag && { "if-none-match": tag }) });
    const { headers } = await ask();
    const etag = headers.get("etag");
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await ask(tag);
      assert.equal(response.status, 304, tag);
      assert.equal(await response.text(), "");
      assert.equal(response.headers.get("etag"), etag);
      assert.equal(response.headers.get("vary"), "Accept-Encoding");
      assert.equal(response.headers.get("content-encoding"), null);
    }
    assert.equal((await ask('"other"')).status, 200);
  }
  const [plain, compressed] = await Promise.all(
    ["identity", "gzip"].map((encoding) => get(files, "/", { "accept-encoding": encoding })),
  );
  assert.notEqual(plain.headers.get("etag"), compressed.headers.get("etag"));
});

test("files are compressed for browsers that accept gzip", async () => {
  const files = consoleFiles();
  const name = served.find((name) => name.endsWith(".js"));
  for (const [accepted, isCompressed] of [
    ["gzip, deflate, br", true],
    ["GZIP;q=0.5", true],
    ["*", true],
    ["br, gzip;q=0", false],
    ["gzip;q=0, *", false],
    ["gzip;q=many", false],
    ["gzipped", false],
    ["", false],
  ]) {
    const response = await get(files, `/${name}`, { "accept-encoding": accepted });
    const { headers } = response;
    assert.equal(headers.get("content-encoding"), isCompressed ? "gzip" : null, accepted);
    assert.equal(headers.get("vary"), "Accept-Encoding");
    const body = Buffer.from(await response.arrayBuffer());
    const contents = await readFile(FOLDER + name);
    assert.deepEqual(isCompressed ? gunzipSync(body) : body, contents, accepted);
  }
});

test("HEAD has the headers without the contents, and other methods are refused", async () => {
  const files = consoleFiles();
  for (const encoding of ["gzip", "identity"]) {
    const headers = { "accept-encoding": encoding };
    const head = await get(files, "/admin/", headers, "HEAD");
    const page = await get(files, "/admin/", headers);
    assert.deepEqual([...head.headers], [...page.headers]);
    assert.equal(await head.text(), "");
  }
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"]) {
    const response = await get(files, "/admin/", {}, method);
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"], method);
  }
});

test("anywhere, the address without a slash is redirected, and unknown files are 404", async () => {
  const files = consoleFiles();
  for (const [path, location] of [
    ["/admin", "./admin/"],
    ["/deep/admin?demo&size=1", "./admin/?demo&size=1"],
    ["//evil", "./evil/"],
    ["/javascript:alert(1)", "./javascript:alert(1)/"],
  ]) {
    const response = await get(files, path);
    assert.deepEqual([response.status, response.headers.get("location")], [308, location]);
    assert.equal(new URL(location, ORIGIN + path).origin, ORIGIN);
  }
  for (const path of ["/", "/admin/", "/deep/admin/", "/admin/index.html"]) {
    assert.match(await (await get(files, path)).text(), /^<!doctype html>/, path);
  }
  await assertUnknown(files);
});

test("with `basePath`, every other path is 404", async () => {
  for (const basePath of ["/admin", "/admin/"]) {
    const files = consoleFiles({ basePath });
    assert.equal((await get(files, "/admin")).headers.get("location"), "./admin/");
    assert.equal((await get(files, "/admin/")).status, 200);
    assert.equal((await get(files, `/admin/${served[0]}`)).status, 200);
    for (const path of ["/", "/other/", "/admin/more", "/admin/more/", "/administrator"]) {
      assert.equal((await get(files, path)).status, 404, path);
    }
    assert.match(await (await get(files, "/other/")).text(), /isn't under `basePath`/);
    await assertUnknown(files);
  }
  const atRoot = consoleFiles({ basePath: "/" });
  assert.equal((await get(atRoot, "/")).status, 200);
  assert.equal((await get(atRoot, "/admin/")).status, 404);
});

async function assertUnknown(files) {
  for (const path of [
    ...["/admin/lost.js", "/admin/assets/", "/admin/assets/lost.js", "/admin/assets/lost"],
    ...["/admin/_headers", "/admin/package.json", "/admin/assets/package.json"],
    ...["/admin/%2e%2e%2fpackage.json", "/admin/assets/..%2f..%2fpackage.json"],
    ...["/admin/assets/..%5c..%5cpackage.json", "/admin/index.html%00.js", "/admin/.vite"],
  ]) {
    const response = await get(files, path);
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(response.headers.get("cache-control"), "no-store");
  }
}

test("the page knows the mount point of the API, which can't add markup", async () => {
  const page = async (options) => {
    const text = await (await get(consoleFiles(options), "/")).text();
    assert.equal(text.match(/rollcall-api/g).length, 1);
    return /<meta name="rollcall-api" content="([^"]*)">/.exec(text)[1];
  };
  assert.equal(await page(), "api/");
  assert.equal(await page({ api: "/internal/sessions" }), "/internal/sessions");
  assert.equal(await page({ api: "../api/" }), "../api/");
  assert.equal(await page({ api: '/"><script>&' }), "/&quot;&gt;&lt;script&gt;&amp;");
  assert.equal(await page({ api: "/a$&$'b/" }), "/a$&amp;$'b/");
});

test("an unknown or malformed option is an error", () => {
  for (const [options, message] of [
    [{ path: "/admin" }, /unknown option `path`; the options are `api`, `basePath`/],
    ["api/", /must be a plain object/],
    ...["", " api/", 5, "api/?a", "api#a"].map((api) => [{ api }, /`api` must be a path/]),
    ...["https://elsewhere.example/api/", "//elsewhere.example/", "javascript:alert(1)"].map(
      (api) => [{ api }, /`api` must be a path/],
    ),
    ...["admin", "/admin?", 5].map((basePath) => [{ basePath }, /`basePath` must be a path/]),
  ]) {
    assert.throws(
      () => consoleFiles(options),
      (error) =>
        error instanceof RollcallError &&
        error.code === "invalid_argument" &&
        message.test(error.message),
      JSON.stringify(options),
    );
  }
  assert.throws(() => withoutFiles(), { code: "not_configured", message: /assets\.directory/ });
});

test("Node's own request is refused with the way to wrap it", async () => {
  await assert.rejects(consoleFiles()({ url: "/", headers: {} }), {
    code: "invalid_argument",
    message: /getRequestListener/,
  });
});

describe("over `node:http`", () => {
  let server;
  let base;
  before(async () => {
    const files = consoleFiles({ basePath: "/admin" });
    server = createServer(getRequestListener(files, { overrideGlobalObjects: false }));
    await once(server.listen(0, "127.0.0.1"), "listening");
    base = `http://127.0.0.1:${server.address().port}`;
  });
  after(() => server.close());

  test("a browser gets the page, and the slash", async () => {
    const response = await fetch(`${base}/admin`);
    assert.equal(response.url, `${base}/admin/`);
    assert.match(await response.text(), /^<!doctype html>/);
  });

  test("a path that no URL would have leads nowhere", async () => {
    for (const path of ["/admin/../package.json", "/admin/assets/../../package.json"]) {
      const sent = request(`${base}/`, { path, agent: false }).end();
      const [response] = await once(sent, "response");
      assert.equal(response.statusCode, 404, path);
      response.resume();
    }
  });

  test("a HEAD is answered without contents", async () => {
    const sent = request(`${base}/admin/`, { method: "HEAD", agent: false }).end();
    const [response] = await once(sent, "response");
    assert.equal(response.statusCode, 200);
    assert.equal((await response.toArray()).length, 0);
  });
});
