// Mount points. The framework decides whether the handler sees the whole path.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { provider, refusal } from "./support.mjs";

const listenerOf = (api) => getRequestListener((r) => api(r), { overrideGlobalObjects: false });

/** Each function returns a listener of `node:http` that has the API at `path`. */
const WHOLE_PATH = {
  "node:http": (api) => listenerOf(api),
  "Express with `all`": (api, path) => express().all(`${path}/{*rest}`, listenerOf(api)),
  "Fastify with a prefix": async (api, path) => {
    const admin = listenerOf(api);
    const fastify = Fastify();
    fastify.register(
      async (scope) => {
        scope.all("/*", async (request, reply) => {
          reply.hijack();
          await admin(request.raw, reply.raw);
        });
      },
      { prefix: path },
    );
    await fastify.ready();
    return fastify.routing;
  },
  Koa: (api) => {
    const admin = listenerOf(api);
    return new Koa()
      .use((ctx) => {
        ctx.respond = false;
        return admin(ctx.req, ctx.res);
      })
      .callback();
  },
  "Hono with `all`": (api, path) =>
    listenerOf(new Hono().all(`${path}/*`, (c) => api(c.req.raw)).fetch),
  "Hono with `route`": (api, path) => {
    const admin = new Hono().all("/*", (c) => api(c.req.raw));
    return listenerOf(new Hono().route(path, admin).fetch);
  },
};

const STRIPPED_PATH = {
  "Express with `use`": (api, path) => express().use(path, listenerOf(api)),
  "a router of Express": (api, path) => {
    const router = express.Router().use(`/${path.split("/").at(-1)}`, listenerOf(api));
    return express().use(path.split("/").slice(0, -1).join("/") || "/", router);
  },
  "Hono with `mount`": (api, path) =>
    listenerOf(new Hono().mount(path, (request) => api(request)).fetch),
};

/** A server for one test; returns its port. */
async function serve(t, listener) {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return server.address().port;
}

const HEADERS = { authorization: "Bearer token", connection: "close" };

/** The answer to `GET /v1/me` below the path. */
async function me(t, mount, path, basePath) {
  const { api } = provider({ basePath });
  const port = await serve(t, await mount(api, path));
  const response = await fetch(`http://127.0.0.1:${port}${path}/v1/me`, { headers: HEADERS });
  if (response.status !== 200) return (await refusal(response)).code;
  return (await response.json()).actor;
}

for (const [name, mount] of Object.entries({ ...WHOLE_PATH, ...STRIPPED_PATH })) {
  test(`${name}: a mount point needs no option`, async (t) => {
    assert.equal(await me(t, mount, "/admin"), "carol");
    assert.equal(await me(t, mount, "/deeply/nested"), "carol");
  });
}

for (const [name, mount] of Object.entries(WHOLE_PATH)) {
  test(`${name}: a mount point with \`/v1/\` in it needs \`basePath\``, async (t) => {
    const path = "/api/v1/rollcall";
    assert.equal(await me(t, mount, path, path), "carol");
    assert.equal(await me(t, mount, path), "no_such_route");
  });
}

for (const [name, mount] of Object.entries(STRIPPED_PATH)) {
  test(`${name}: a mount point that it strips must not be \`basePath\``, async (t) => {
    const path = "/api/v1/rollcall";
    assert.equal(await me(t, mount, path), "carol");
    assert.equal(await me(t, mount, path, "/"), "carol");
    assert.equal(await me(t, mount, path, path), "no_such_route");
  });
}

test("behind a parser without `rawBody`, the error names a solution", async (t) => {
  const { api, errors } = provider();
  const port = await serve(t, express().use(express.json(), listenerOf(api)));
  const response = await fetch(`http://127.0.0.1:${port}/v1/sessions/remove`, {
    method: "POST",
    headers: { ...HEADERS, "content-type": "application/json" },
    body: JSON.stringify({ subjectId: "bob" }),
  });
  assert.equal((await refusal(response)).code, "internal");
  assert.match(errors[0].message, /mount the handler before any body parser/);
});

test("a malformed `Host` is refused, and the next request is answered", async (t) => {
  const { api } = provider();
  const port = await serve(t, listenerOf(api));
  const statusFor = async (host) => {
    const sent = request({ port, path: "/v1/me", headers: { ...HEADERS, host } });
    sent.end();
    const [response] = await once(sent, "response");
    response.resume();
    return response.statusCode;
  };
  for (const host of ["evil@id.example.com", "a/../b", "a b", "[::1", "x:99999", "a?b", "a#b"]) {
    assert.equal(await statusFor(host), 400, host);
  }
  assert.equal(await statusFor("id.example.com"), 200);
});

test("a removal is passed to the execution context of Hono", async () => {
  const { api, signIn, left } = provider();
  await signIn("bob", "bob-1");
  // Like that of Workers, it works only as a method.
  class Context {
    #promises = [];
    waitUntil(promise) {
      this.#promises.push(promise);
    }
    passThroughOnException() {}
    async settled() {
      await Promise.all(this.#promises);
      return this.#promises.length;
    }
  }
  const context = new Context();
  const app = new Hono().all("/admin/*", (c) => api(c.req.raw, c.executionCtx));
  const call = new Request("https://id.example.com/admin/v1/sessions/remove", {
    method: "POST",
    headers: { authorization: "Bearer token", "content-type": "application/json" },
    body: JSON.stringify({ subjectId: "bob" }),
  });
  assert.equal((await app.fetch(call, {}, context)).status, 200);
  assert.ok((await context.settled()) > 0);
  assert.deepEqual(await left(), []);
});

test("the bridge of Node doesn't change `Request` and `Response`", () => {
  const before = [globalThis.Request, globalThis.Response];
  listenerOf(provider().api);
  assert.deepEqual([globalThis.Request, globalThis.Response], before);
});
