/** `examples/admin-api`: each program in its own process, over HTTP. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { bunPath, denoPath, Unavailable } from "../hosts/tools.mjs";
import { install, SECRET, spawnIn, start } from "./admin-api/program.mjs";

const node = (program, packages = [], more = {}) => ({
  program,
  packages,
  command: [process.execPath, program],
  ...more,
});

/** The path of a runtime, or `undefined` if it isn't installed. */
async function found(path) {
  try {
    return await path();
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}

const deno = await found(denoPath);
const bun = await found(bunPath);
/** The options of `deno run` in README.md. */
const readme = await readFile(
  new URL("../../examples/admin-api/README.md", import.meta.url),
  "utf8",
);
const [, denoOptions] = /^deno run (.+) deno\.mjs$/m.exec(readme);

/**
 * `parses`: whether `POST /echo` is behind a body parser. `waits`: whether the framework reads a
 * whole body before it refuses it.
 */
const PROGRAMS = [
  node("node-http.mjs"),
  node("express.mjs", ["express"], { parses: true }),
  node("express-behind-parsers.mjs", ["express"], { waits: true }),
  node("fastify.mjs", ["fastify"], { parses: true }),
  node("koa.mjs", ["koa", "@koa/bodyparser"], { parses: true }),
  node("koa-behind-parsers.mjs", ["koa", "@koa/bodyparser"]),
  node("hono.mjs", ["hono"]),
  {
    program: "deno.mjs",
    packages: [],
    command: [deno, "run", "--no-prompt", "--no-remote", ...denoOptions.split(" "), "deno.mjs"],
    skip: deno === undefined && "Deno isn't installed",
  },
  {
    program: "bun.mjs",
    packages: [],
    command: [bun, "bun.mjs"],
    skip: bun === undefined && "Bun isn't installed",
  },
];

for (const { program, parses, waits, skip = false, ...how } of PROGRAMS) {
  describe(`examples/admin-api/${program}`, { skip }, () => {
    let server;
    before(async () => {
      server = await start(how);
    });
    after(() => server?.stop());

    const refusal = async (...call) => {
      const { status, json } = await server.call(...call);
      return [status, json?.code];
    };
    const remove = (body) => server.call("POST", "/admin/v1/sessions/remove", { body });

    test("doesn't start without the secret", async () => {
      const folder = await install(how.packages);
      const closed = spawnIn(folder, how.command, { ADMIN_SECRET: "" });
      assert.notEqual(await closed.closed, 0);
      assert.match(closed.output.join("\n"), /ADMIN_SECRET is not set: see README\.md/);
      await rm(folder, { recursive: true });
    });

    test("refuses a missing and a wrong secret", async () => {
      const path = "/admin/v1/sessions";
      assert.deepEqual(await refusal("GET", path, { secret: "" }), [401, "not_signed_in"]);
      const wrong = { secret: SECRET.replace("the", "The") };
      assert.deepEqual(await refusal("GET", path, wrong), [401, "not_signed_in"]);
      const body = { subjectId: "nobody" };
      assert.deepEqual(await refusal("POST", `${path}/remove`, { secret: "", body }), [
        401,
        "not_signed_in",
      ]);
    });

    test("lists a session that was stored before", async () => {
      await server.database.signIn("alice", "alice-1");
      const { status, json, headers } = await server.call("GET", "/admin/v1/sessions");
      assert.equal(status, 200);
      assert.deepEqual(
        json.results.map(({ sessionId }) => sessionId),
        ["alice-1"],
      );
      assert.equal(headers["cache-control"], "no-store");
      assert.equal(headers.link, '<?>; rel="first"');
    });

    test("ends sessions with a JSON body", async () => {
      await server.database.signIn("bob", "bob-1");
      await server.database.signIn("bob", "böb-2");
      const body = { subjectId: "bob", exceptSessionIds: ["böb-2"], reason: "lost laptop" };
      const { status, json } = await remove(body);
      assert.deepEqual([status, json.sessionsRemoved], [200, 1]);
      assert.equal(await server.database.count("bob"), 1);
      const ended = await server.call("DELETE", "/admin/v1/sessions/b%C3%B6b-2");
      assert.deepEqual([ended.status, ended.json.sessionsRemoved], [200, 1]);
    });

    test("refuses a body that isn't a JSON object", async () => {
      const path = "/admin/v1/sessions/remove";
      const text = { body: "subjectId=bob", headers: { "content-type": "text/plain" } };
      assert.deepEqual(await refusal("POST", path, text), [415, "not_json"]);
      assert.equal((await remove("{")).status, 400);
      assert.equal((await remove("")).status, 400);
      assert.deepEqual(await refusal("POST", path, { body: {} }), [400, "empty_target"]);
    });

    test("refuses a body over 256 KiB, and answers the next request", async () => {
      assert.equal((await remove({ subjectId: "x".repeat(262_144) })).status, 413);
      assert.equal((await server.call("GET", "/admin/v1/me")).status, 200);
    });

    if (!waits) {
      test("answers before the end of a body that is too long", async () => {
        const headers = { "content-type": "application/json", "content-length": "100000000" };
        const endless = server.request("POST", "/admin/v1/sessions/remove", { headers });
        endless.write("x".repeat(300_000));
        const [response] = await once(endless, "response");
        assert.equal(response.statusCode, 413);
        await leave(endless);
        assert.equal((await server.call("GET", "/admin/v1/me")).status, 200);
      });
    }

    test("keeps running after a client disconnects while it sends its body", async () => {
      const headers = { "content-type": "application/json", "content-length": "100" };
      const broken = server.request("POST", "/admin/v1/sessions/remove", { headers });
      broken.write('{"subjectId":');
      assert.equal((await server.call("GET", "/admin/v1/me")).status, 200);
      await leave(broken);
      assert.equal((await server.call("GET", "/admin/v1/me")).status, 200);
    });

    test("refuses unknown routes and methods", async () => {
      const missing = await refusal("GET", "/admin/v1/nothing");
      assert.deepEqual(missing, [404, "no_such_route"]);
      assert.equal((await server.call("GET", "/elsewhere")).status, 404);
      for (const method of ["PUT", "OPTIONS"]) {
        const { status, headers, json } = await server.call(method, "/admin/v1/sessions");
        assert.deepEqual(
          [status, headers.allow, json.code],
          [405, "GET", "method_not_allowed"],
          method,
        );
      }
      const head = await server.call("HEAD", "/admin/v1/sessions");
      assert.deepEqual([head.status, head.headers.allow, head.text], [405, "GET", ""]);
    });

    test("sends events while the connection is open, and notices that the reader has disconnected", async () => {
      await server.database.signIn("carol", "carol-1");
      const reader = server.request("GET", "/admin/v1/events");
      const events = await follow(reader);
      assert.equal((await events.next()).type, "hello");
      await remove({ subjectId: "carol", reason: "lost phone" });
      const { type, subjectId, reason } = await events.next("session_removed");
      assert.deepEqual([type, subjectId, reason], ["session_removed", "carol", "lost phone"]);
      await leave(reader);
      await server.line(/^a reader disconnected$/);
    });

    test("completes a removal whose client has disconnected", async () => {
      await server.database.signIn("dave", "dave-1");
      const reader = server.request("GET", "/admin/v1/events?types=session_removed");
      const events = await follow(reader);
      const release = await server.database.lock();
      const headers = { "content-type": "application/json" };
      const removal = server.request("POST", "/admin/v1/sessions/remove", { headers });
      removal.end(JSON.stringify({ subjectId: "dave" }));
      await server.line(/^a removal started$/);
      await leave(removal);
      await server.line(/^a caller disconnected$/);
      await release();
      assert.equal((await events.next("session_removed")).subjectId, "dave");
      assert.equal(await server.database.count("dave"), 0);
      await leave(reader);
    });

    if (parses) {
      test("doesn't read the bodies of other routes", async () => {
        const { json } = await server.call("POST", "/echo", { body: { a: 1 } });
        assert.deepEqual(json, { a: 1 });
      });
    }
  });
}

/** Closes the connection of a request. */
async function leave(request) {
  request.on("error", () => {});
  request.destroy();
  await new Promise((resolve) => {
    request.once("close", resolve);
  });
}

/** Reads the events of a response one by one. */
async function follow(request) {
  request.end();
  const [response] = await once(request, "response");
  assert.equal(response.headers["content-type"], "text/event-stream");
  const entries = read(response);
  return {
    /** The next event, or the next one of a type. */
    next: async (type) => {
      for (;;) {
        const { value } = await entries.next();
        if (type === undefined || value.type === type) return value;
      }
    },
  };
}

async function* read(response) {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const entry = text.slice(0, end);
      text = text.slice(end + 2);
      const [, type] = /^event: (.*)$/m.exec(entry) ?? [];
      const [, data] = /^data: (.*)$/m.exec(entry) ?? [];
      if (type !== undefined) yield { ...JSON.parse(data), type };
    }
  }
}
