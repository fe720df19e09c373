/**
 * The Workers of docs/integrations/cloudflare-d1.md and cloudflare-durable-objects.md in workerd,
 * with the configurations of the pages.
 */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { migrate } from "rollcall/sql";
import { ISSUER, providerKey, relyingParty } from "../examples/relying-party.mjs";
import { startConfigured } from "../examples/workers.mjs";
import { examplesOf } from "./examples.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const SECRET = "0123456789abcdef0123456789abcdef";

/** The reader's own module. The session of `brief` expires at once. */
const PROVIDER = `
  export const checkPassword = (env, username, password) =>
    password === "secret"
      ? { id: username, name: username, ...(username === "brief" && { lifetime: 500 }) }
      : undefined;
`;

/** Starts the Worker of a page, with a client that accepts every notification. */
async function startPage(page) {
  const text = await readFile(join(root, page), "utf8");
  const [program, provider = PROVIDER, ...others] = await examplesOf(page, import.meta.url);
  assert.equal(others.length, 0);
  const [, jsonc] = /<!-- run by .* -->\n```jsonc\n(.*?)```/s.exec(text);
  const config = JSON.parse(jsonc.replace(/^\s*\/\/.*$/gm, ""));
  // Below the root, where the packages are found.
  await mkdir(join(root, "target"), { recursive: true });
  const folder = await mkdtemp(join(root, "target/worker-"));
  await writeFile(join(folder, config.main), program);
  await writeFile(join(folder, "provider.mjs"), provider);
  const { signingKeys, keys } = await providerKey();
  const shop = await relyingParty({ keys });
  const worker = await startConfigured(folder, config, {
    SIGNING_KEYS: JSON.stringify(signingKeys),
    TICKET_KEY: Buffer.alloc(32).toString("base64url"),
    ADMIN_SECRET: SECRET,
    CLIENTS: [{ ...shop.client, coordinateLifetimeWithUserSession: true }],
  });
  assert.equal(config.vars.ISSUER, ISSUER);
  return {
    worker,
    shop,
    stop: async () => {
      await worker.stop();
      await shop.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A browser that keeps the cookie. */
function browserOf(worker) {
  let cookie;
  return async (method, path, form) => {
    const response = await worker.fetch(path, {
      method,
      redirect: "manual",
      headers: { origin: worker.origin, ...(cookie && { cookie }) },
      ...(form && { body: new URLSearchParams(form) }),
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) {
      assert.match(set, /^__Host-session=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      cookie = set.split(";")[0];
    }
    return [response.status, await response.text()];
  };
}

const asOperator = (worker, method, path) =>
  worker.fetch(path, { method, headers: { authorization: `Bearer ${SECRET}` } });

/** Signs a user in at the client `shop`. */
async function signIn(ask, username) {
  assert.deepEqual(await ask("POST", "/sign-in", { username, password: "secret" }), [303, ""]);
  assert.deepEqual(await ask("POST", "/clients/shop"), [204, ""]);
}

describe("the Worker with D1", () => {
  let started;
  let worker;
  let shop;
  before(async () => {
    started = await startPage("docs/integrations/cloudflare-d1.md");
    ({ worker, shop } = started);
    await migrate(await worker.database(), { dialect: "sqlite" });
  });
  after(() => started?.stop());

  test("signs users in and out, and notifies the client", async () => {
    const ask = browserOf(worker);
    const wrong = { username: "alice", password: "wrong" };
    assert.deepEqual(await ask("POST", "/sign-in", wrong), [401, ""]);
    assert.deepEqual(await ask("POST", "/clients/shop"), [401, ""]);
    await signIn(ask, "alice");
    assert.deepEqual(await ask("GET", "/"), [200, '{"user":"alice"}']);
    assert.deepEqual(await ask("POST", "/sign-out"), [303, ""]);
    assert.deepEqual(await ask("GET", "/"), [200, "{}"]);
    const [claims] = await shop.received(1);
    assert.deepEqual([claims.sub, claims.logout_reason], ["alice", "user_logout"]);
  });

  test("lists and ends sessions for an operator", async () => {
    const ask = browserOf(worker);
    await signIn(ask, "bob");
    assert.equal((await worker.fetch("/admin/v1/sessions")).status, 401);
    const { results } = await (await asOperator(worker, "GET", "/admin/v1/sessions")).json();
    assert.deepEqual(
      results.map(({ subjectId, clientIds }) => [subjectId, clientIds]),
      [["bob", ["shop"]]],
    );
    const path = `/admin/v1/sessions/${results[0].sessionId}`;
    assert.equal((await (await asOperator(worker, "DELETE", path)).json()).sessionsRemoved, 1);
    assert.deepEqual(await ask("GET", "/"), [200, "{}"]);
    assert.equal((await shop.received(2))[1].sub, "bob");
  });

  test("ends expired sessions when the trigger fires", async () => {
    const ask = browserOf(worker);
    await signIn(ask, "carol");
    const database = await worker.database();
    await database.updateTable("rollcall_sessions").set({ expires: 1 }).execute();
    assert.deepEqual(await ask("GET", "/"), [200, "{}"]);
    assert.deepEqual(worker.crons, ["* * * * *"]);
    await worker.cron();
    const claims = (await shop.received(3))[2];
    assert.deepEqual([claims.sub, claims.logout_reason], ["carol", "session_expiration"]);
  });
});

describe("the Worker with Durable Objects", () => {
  let started;
  let worker;
  let shop;
  before(async () => {
    started = await startPage("docs/integrations/cloudflare-durable-objects.md");
    ({ worker, shop } = started);
  });
  after(() => started?.stop());

  test("signs users in and out, and the alarm notifies the client", async () => {
    const ask = browserOf(worker);
    const wrong = { username: "alice", password: "wrong" };
    assert.deepEqual(await ask("POST", "/sign-in", wrong), [401, ""]);
    assert.deepEqual(await ask("POST", "/clients/shop"), [401, ""]);
    await signIn(ask, "alice");
    assert.deepEqual(await ask("GET", "/"), [200, '{"user":"alice"}']);
    // Another user in the same browser: the first one's session ends.
    await signIn(ask, "bob");
    assert.deepEqual(await ask("GET", "/"), [200, '{"user":"bob"}']);
    assert.equal((await shop.received(1))[0].sub, "alice");
    assert.deepEqual(await ask("POST", "/sign-out"), [303, ""]);
    assert.deepEqual(await ask("GET", "/"), [200, "{}"]);
    assert.equal((await shop.received(2))[1].sub, "bob");
  });

  test("ends all sessions of a subject for an operator", async () => {
    const [laptop, phone, other] = [browserOf(worker), browserOf(worker), browserOf(worker)];
    await signIn(laptop, "carol");
    await signIn(phone, "carol");
    await signIn(other, "dave");
    const path = "/admin/subjects/carol/sessions";
    assert.equal((await worker.fetch(path)).status, 401);
    const { totalCount } = await (await asOperator(worker, "GET", path)).json();
    assert.equal(totalCount, 2);
    const report = await (await asOperator(worker, "DELETE", path)).json();
    assert.deepEqual([report.sessionsRemoved, report.notifications.pending], [2, 2]);
    assert.deepEqual(await laptop("GET", "/"), [200, "{}"]);
    assert.deepEqual(await phone("GET", "/"), [200, "{}"]);
    assert.deepEqual(await other("GET", "/"), [200, '{"user":"dave"}']);
    const claims = (await shop.received(4)).slice(2);
    assert.deepEqual(
      claims.map(({ sub }) => sub),
      ["carol", "carol"],
    );
  });

  test("ends a session when it expires, without a request", async () => {
    await signIn(browserOf(worker), "brief");
    const claims = (await shop.received(5))[4];
    assert.deepEqual([claims.sub, claims.logout_reason], ["brief", "session_expiration"]);
  });
});
