// Every route of the document refuses a call without an actor, for a forbidden one, from another
// site, and without its permission, and changes nothing.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { BASE, provider } from "./support.mjs";

const document = JSON.parse(
  await readFile(new URL("../../pkg/openapi.json", import.meta.url), "utf8"),
);

const PERMISSIONS = ["read", "remove", "purge"];

/** A call of each operation that would change something if it were allowed. */
const BODIES = {
  querySessions: {},
  removeSessions: { subjectId: "bob" },
  purgeSessions: { filter: { subjectId: "bob" } },
};

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: operation.operationId,
    permission: operation["x-permission"],
    statuses: Object.keys(operation.responses),
    method: method.toUpperCase(),
    path: path.replace("{sessionId}", "bob-1").replace("{id}", "n1"),
    body: BODIES[operation.operationId],
  })),
);

/** A browser's request from the page of the API, with a cookie. */
function requestOf({ method, path, body }, headers = {}) {
  return new Request(BASE + path, {
    method,
    headers: {
      cookie: "session=1",
      "sec-fetch-site": "same-origin",
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function refused(operation, options, headers) {
  const { api, log, signIn, left, sent } = provider(options);
  await signIn("bob", "bob-1");
  log.length = 0;
  const response = await api(requestOf(operation, headers));
  const { code } = await response.json();
  assert.deepEqual(await left(), ["bob/bob-1"], operation.id);
  assert.deepEqual(sent, []);
  assert.deepEqual(
    log.map(({ type, permission }) => ({ type, permission })),
    [{ type: "admin_denied", permission: operation.permission }],
    operation.id,
  );
  assert.ok(
    operation.statuses.includes(String(response.status)),
    `${response.status} isn't documented`,
  );
  return [response.status, code];
}

test("the document has all 13 routes", () => {
  assert.equal(operations.length, 13);
});

for (const operation of operations) {
  test(`${operation.id}: is refused without an actor, and for a forbidden one`, async () => {
    assert.deepEqual(await refused(operation, { actor: false }), [401, "not_signed_in"]);
    assert.deepEqual(await refused(operation, { actor: "forbidden" }), [403, "forbidden"]);
  });

  test(`${operation.id}: is refused from another site`, async () => {
    assert.deepEqual(await refused(operation, {}, { "sec-fetch-site": "cross-site" }), [
      403,
      "cross_site_request",
    ]);
    assert.deepEqual(await refused(operation, {}, { "sec-fetch-site": "same-site" }), [
      403,
      "cross_site_request",
    ]);
  });

  test(`${operation.id}: needs its own permission, and no other`, async () => {
    const { permission } = operation;
    if (permission === undefined) {
      for (const only of PERMISSIONS) {
        const { api } = provider({ actor: { actor: "dave", permissions: [only] } });
        assert.equal((await api(requestOf(operation))).status, 200);
      }
      return;
    }
    const others = PERMISSIONS.filter((other) => other !== permission);
    for (const permissions of [[], ...others.map((other) => [other]), others]) {
      const actor = { actor: "dave", permissions };
      assert.deepEqual(await refused(operation, { actor }), [403, "forbidden"]);
    }
    const { api } = provider({ actor: { actor: "dave", permissions: [permission] } });
    const response = await api(requestOf(operation));
    assert.ok([200, 404].includes(response.status), `${response.status}`);
    await response.body?.cancel();
  });
}
