/** `examples/admin-api/worker` in workerd, with the D1 and the settings of its wrangler.jsonc. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Kysely, sql } from "kysely";
import { Miniflare } from "miniflare";
import { TicketStore } from "rollcall";
import { d1Dialect, migrationSql, sqlStores } from "rollcall/sql";
import { SECRET } from "./admin-api/program.mjs";
import { bundle } from "./workers.mjs";

const OPTIONS = { dialect: "sqlite" };
const folder = fileURLToPath(new URL("../../examples/admin-api/worker", import.meta.url));

/** JSON with comments is an expression of JavaScript. */
const jsonc = async (file) => {
  const text = await readFile(join(folder, file), "utf8");
  const module = await import(
    `data:text/javascript,${encodeURIComponent(`export default ${text}`)}`
  );
  return module.default;
};

const config = await jsonc("wrangler.jsonc");
const [{ binding, migrations_dir: migrations }] = config.d1_databases;

describe("examples/admin-api/worker", () => {
  let miniflare;
  let tickets;
  let stores;
  let gate;
  let url;

  before(async () => {
    gate = await openGate();
    miniflare = new Miniflare({
      modules: await bundle(fileURLToPath(new URL("admin-api/worker.mjs", import.meta.url))),
      compatibilityDate: config.compatibility_date,
      compatibilityFlags: config.compatibility_flags,
      d1Databases: [binding],
      bindings: { ADMIN_SECRET: SECRET, GATE: gate.url },
    });
    url = await miniflare.ready;
    const kysely = new Kysely({ dialect: d1Dialect(await miniflare.getD1Database(binding)) });
    for (const statement of (await migration()).split(/;\n/)) {
      if (statement.trim() !== "") await sql.raw(statement).execute(kysely);
    }
    stores = sqlStores(kysely, OPTIONS);
    tickets = new TicketStore(stores, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
  });
  after(async () => {
    await miniflare?.dispose();
    await gate?.close();
  });

  const migration = () => readFile(join(folder, migrations, "0001_rollcall.sql"), "utf8");
  const send = (method, path, { secret = SECRET, headers = {} } = {}) =>
    request(new URL(path, url), {
      method,
      agent: false,
      headers: {
        ...(secret && { authorization: `Bearer ${secret}` }),
        "content-type": "application/json",
        ...headers,
      },
    });

  async function call(method, path, { body, ...options } = {}) {
    const sent = send(method, path, options);
    sent.end(body && JSON.stringify(body));
    const [response] = await once(sent, "response");
    const text = Buffer.concat(await response.toArray()).toString();
    return {
      status: response.statusCode,
      headers: response.headers,
      ...(text !== "" && { json: JSON.parse(text) }),
    };
  }
  const refusal = async (...args) => {
    const { status, json } = await call(...args);
    return [status, json.code];
  };

  test("has the migration of this version", async () => {
    assert.equal((await migration()).trim(), migrationSql(OPTIONS).trim());
  });

  test("refuses a missing and a wrong secret", async () => {
    const path = "/v1/sessions";
    assert.deepEqual(await refusal("GET", path, { secret: "" }), [401, "not_signed_in"]);
    const wrong = { secret: `${SECRET}x` };
    assert.deepEqual(await refusal("GET", path, wrong), [401, "not_signed_in"]);
  });

  test("lists sessions and ends them", async () => {
    await tickets.store({ subjectId: "alice", sessionId: "alice-1" });
    await tickets.store({ subjectId: "bob", sessionId: "bob-1" });
    const { status, json } = await call("GET", "/v1/sessions?subjectId=bob");
    assert.deepEqual([status, json.results.map(({ sessionId }) => sessionId)], [200, ["bob-1"]]);
    const removed = await call("POST", "/v1/sessions/remove", { body: { subjectId: "bob" } });
    assert.deepEqual([removed.status, removed.json.sessionsRemoved], [200, 1]);
    assert.equal(await stores.sessions.count({}), 1);
  });

  test("serves the routes under any path", async () => {
    assert.equal((await call("GET", "/admin/v1/me")).status, 200);
    assert.deepEqual(await refusal("GET", "/v1/nothing"), [404, "no_such_route"]);
    for (const method of ["PUT", "OPTIONS"]) {
      assert.deepEqual(await refusal(method, "/v1/sessions"), [405, "method_not_allowed"]);
    }
    const head = await call("HEAD", "/v1/sessions");
    assert.deepEqual([head.status, head.headers.allow, head.json], [405, "GET", undefined]);
    assert.deepEqual(await refusal("GET", "/v1/events"), [501, "not_configured"]);
  });

  test("refuses a body over 256 KiB, and answers the next request", async () => {
    const body = { subjectId: "x".repeat(262_144) };
    const path = "/v1/sessions/remove";
    assert.deepEqual(await refusal("POST", path, { body }), [413, "body_too_large"]);
    assert.equal((await call("GET", "/v1/me")).status, 200);
  });

  test("completes a removal whose client has disconnected", async () => {
    await tickets.store({ subjectId: "carol", sessionId: "carol-1" });
    const headers = { "x-test-gate": "1" };
    const removal = send("POST", "/v1/sessions/remove", { headers });
    removal.on("error", () => {});
    removal.end(JSON.stringify({ subjectId: "carol" }));
    const open = await gate.reached("/removal");
    removal.socket.resetAndDestroy();
    (await gate.reached("/left"))();
    assert.equal(await stores.sessions.count({ subjectId: { equals: "carol" } }), 1);
    open();
    (await gate.reached("/done"))();
    assert.equal(await stores.sessions.count({ subjectId: { equals: "carol" } }), 0);
  });
});

test("a Worker without its secret refuses every request", async () => {
  const miniflare = new Miniflare({
    modules: await bundle(join(folder, config.main)),
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    d1Databases: [binding],
  });
  try {
    const response = await miniflare.dispatchFetch("http://worker/v1/me");
    assert.equal(response.status, 500);
    assert.match(await response.text(), /`secret` is undefined: is the environment variable set\?/);
  } finally {
    await miniflare.dispose();
  }
});

/** A server whose requests wait until the test answers them. */
async function openGate() {
  const waiting = [];
  let arrived = () => {};
  const server = createServer((request, response) => {
    waiting.push({ path: request.url, open: () => response.end() });
    arrived();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Waits for a request to the path, and returns a function that answers it. */
    reached: async (path) => {
      for (;;) {
        const index = waiting.findIndex((one) => one.path === path);
        if (index >= 0) return waiting.splice(index, 1)[0].open;
        await new Promise((resolve) => {
          arrived = resolve;
        });
      }
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
