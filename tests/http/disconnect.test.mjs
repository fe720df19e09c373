// A caller that closes its connection in the middle of a removal. The removal is completed.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { memoryStores } from "../../pkg/entry/memory-node.js";
import { CAROL, provider } from "./support.mjs";

const SUBJECT = "bob";
const SESSIONS = 30;

test("a removal whose caller disconnects is completed", async (t) => {
  const started = deferred();
  const disconnected = deferred();
  const sent = [];
  const stores = memoryStores();
  const { api, signIn, left } = provider({
    host: {
      ...stores,
      // Without `atomic`: the first session has been read, and none is removed yet.
      atomic: undefined,
      grants: {
        ...bound(stores.grants),
        remove: async (filter) => {
          started.resolve();
          await disconnected.promise;
          return stores.grants.remove(filter);
        },
      },
      sendLogout: ({ sessionId, clientId }) => {
        sent.push(`${clientId} ${sessionId}`);
        return { delivered: true, status: 200 };
      },
    },
  });
  const ids = Array.from({ length: SESSIONS }, (_, number) => `bob-${number}`);
  for (const id of ids) await signIn(SUBJECT, id);
  await signIn("eve", "eve-1");

  const before = await left();
  const answered = deferred();
  const hasLeft = deferred();
  const server = createServer(
    getRequestListener(async (request) => {
      request.signal.addEventListener("abort", hasLeft.resolve);
      const response = await api(request);
      answered.resolve({ response: response.clone(), isAborted: request.signal.aborted });
      return response;
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());

  const body = JSON.stringify({ subjectId: SUBJECT });
  const socket = connect(server.address().port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    `POST /admin/v1/sessions/remove HTTP/1.1\r\nhost: id.example.com\r\nauthorization: Bearer token\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await started.promise;
  socket.destroy();
  await hasLeft.promise;
  assert.deepEqual(await left(), before);
  disconnected.resolve();

  const { response, isAborted } = await answered.promise;
  assert.ok(isAborted, "the request is not aborted");
  assert.equal(response.status, 200);
  assert.equal((await response.json()).sessionsRemoved, SESSIONS);
  assert.deepEqual(await left(), ["eve/eve-1"]);
  assert.deepEqual(sent.sort(), ids.flatMap((id) => [`shop ${id}`, `web ${id}`]).sort());
});

test("a caller that leaves before its body is read is not reported as a failure of the host", async (t) => {
  const asked = deferred();
  const hasLeft = deferred();
  const answered = deferred();
  const { api, errors, signIn, left } = provider({
    authorize: async () => {
      asked.resolve();
      await hasLeft.promise;
      return CAROL;
    },
  });
  await signIn(SUBJECT, "bob-1");
  const server = createServer(
    getRequestListener(async (request) => {
      request.signal.addEventListener("abort", hasLeft.resolve);
      const response = await api(request);
      answered.resolve(response.clone());
      return response;
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());

  const socket = connect(server.address().port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    "POST /admin/v1/sessions/remove HTTP/1.1\r\nhost: id.example.com\r\nauthorization: Bearer token\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n",
  );
  await asked.promise;
  socket.destroy();

  const response = await answered.promise;
  assert.equal(response.status, 400);
  assert.equal((await response.json()).detail, "the body ended early");
  assert.deepEqual(errors, []);
  assert.deepEqual(await left(), [`${SUBJECT}/bob-1`]);
});

function bound(store) {
  const names = ["store", "get", "list", "count", "removeExpired"];
  return Object.fromEntries(names.map((name) => [name, (...args) => store[name](...args)]));
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve) => {
    parts.resolve = resolve;
  });
  return parts;
}
