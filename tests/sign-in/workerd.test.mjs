/** The middleware for Hono in workerd, bundled as wrangler does. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { bundle } from "../examples/workers.mjs";

let miniflare;

before(async () => {
  miniflare = new Miniflare({
    modules: await bundle(fileURLToPath(new URL("worker.mjs", import.meta.url))),
    compatibilityDate: "2025-11-01",
  });
  await miniflare.ready;
});
after(() => miniflare?.dispose());

/** Sends a request like a browser, without following redirects. */
const ask = (method, path, { cookie, ...rest } = {}) =>
  miniflare.dispatchFetch(`http://worker${path}`, {
    method,
    redirect: "manual",
    headers: { "cf-connecting-ip": "192.0.2.1", ...(cookie && { cookie }) },
    ...rest,
  });

test("a user signs in, returns and signs out", async () => {
  const signedIn = await ask("POST", "/sign-in", { body: "alice" });
  assert.equal(signedIn.status, 303);
  assert.equal(signedIn.headers.get("cache-control"), "no-store");
  const setCookie = signedIn.headers.get("set-cookie");
  assert.match(setCookie, /^__Host-session=[0-9a-f]{64}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const cookie = setCookie.split(";")[0];

  const { subjectId, ipAddress } = await (await ask("GET", "/", { cookie })).json();
  assert.deepEqual([subjectId, ipAddress], ["alice", "192.0.2.1"]);

  const signedOut = await ask("POST", "/sign-out", { cookie });
  assert.equal((await signedOut.json()).delivered, 1);
  assert.equal(
    signedOut.headers.get("set-cookie"),
    "__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax",
  );
  assert.equal(await (await ask("GET", "/", { cookie })).json(), null);
});
