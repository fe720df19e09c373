// Clients that are unreachable or slow, and callers that give up.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  deadline,
  deferred,
  localSender,
  messageTo,
  refusingUri,
  relyingParty,
  SELF_SIGNED,
  TRANSPORTS,
} from "./support.mjs";

const unreachable = (uri, reason) => ({
  retry: true,
  error: new RegExp(`^cannot reach \`${new URL(uri).host}\`: .*${reason}`),
});

function assertFailed(outcome, { retry, error }) {
  assert.deepEqual(Object.keys(outcome), ["delivered", "retry", "error"]);
  assert.equal(outcome.delivered, false);
  assert.equal(outcome.retry, retry);
  assert.match(outcome.error, error);
}

for (const [means, transport] of Object.entries(TRANSPORTS)) {
  describe(means, () => {
    describe("a client", () => {
      test("that refuses the connection is retried", async (t) => {
        const uri = await refusingUri();
        assertFailed(
          await localSender(transport(t))(messageTo(uri)),
          unreachable(uri, "ECONNREFUSED"),
        );
      });

      test("whose name does not resolve is retried", async (t) => {
        const uri = "https://relying-party.invalid/logout";
        assertFailed(
          await localSender(transport(t))(messageTo(uri)),
          unreachable(uri, "relying-party.invalid"),
        );
      });

      test("that resets the connection is retried", async (t) => {
        const party = await relyingParty(t, (request) => request.socket.resetAndDestroy());
        assertFailed(
          await localSender(transport(t))(messageTo(party.uri)),
          unreachable(party.uri, "."),
        );
        assert.equal(party.requests.length, 1);
      });

      test("that doesn't speak HTTP is retried", async (t) => {
        const party = await relyingParty(t, (request) =>
          request.socket.end("220 mail.example.com ESMTP\r\n"),
        );
        assertFailed(
          await localSender(transport(t))(messageTo(party.uri)),
          unreachable(party.uri, "."),
        );
      });

      test("that changes the protocol is retried, and its connection is closed", async (t) => {
        const ended = deferred();
        const party = await relyingParty(t, ({ socket }) => {
          socket.once("close", ended.resolve);
          socket.write(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n",
          );
        });
        assertFailed(
          await localSender(transport(t))(messageTo(party.uri)),
          unreachable(party.uri, "."),
        );
        await ended.promise;
      });

      test("that sends early hints first is awaited", async (t) => {
        const party = await relyingParty(t, (_, response) => {
          response.writeEarlyHints({ link: "</style.css>; rel=preload" });
          response.writeHead(204).end();
        });
        const outcome = await localSender(transport(t))(messageTo(party.uri));
        assert.deepEqual(outcome, { delivered: true, status: 204 });
      });

      test("is notified over one connection, one notification after the other", async (t) => {
        const party = await relyingParty(t);
        let connections = 0;
        party.server.on("connection", () => {
          connections += 1;
        });
        const send = localSender(transport(t));
        for (let sent = 0; sent < 5; sent += 1)
          assert.equal((await send(messageTo(party.uri))).delivered, true);
        assert.deepEqual([party.requests.length, connections], [5, 1]);
      });

      test("that sends a body with its success is still notified over one connection", async (t) => {
        const ended = [];
        const party = await relyingParty(t, (_, response) => {
          ended.push(once(response, "finish"));
          response.end("signed out");
        });
        let connections = 0;
        party.server.on("connection", () => {
          connections += 1;
        });
        const send = localSender(transport(t));
        for (let sent = 0; sent < 5; sent += 1) {
          assert.deepEqual(await send(messageTo(party.uri)), { delivered: true, status: 200 });
          // The sender doesn't wait for the body.
          await ended.at(-1);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        assert.equal(connections, 1);
      });

      test("with an untrusted certificate is sent nothing, and is retried", async (t) => {
        const party = await relyingParty(t, undefined, { tls: true });
        assertFailed(
          await localSender(transport(t))(messageTo(party.uri)),
          unreachable(party.uri, "self-signed certificate"),
        );
        assert.equal(party.requests.length, 0);
      });

      test("that never answers is given up in time and retried", async (t) => {
        const { timeout, expire } = deadline(t);
        const party = await relyingParty(t, expire);
        const outcome = await localSender({ timeout, ...transport(t) })(messageTo(party.uri));
        assert.deepEqual(outcome, {
          delivered: false,
          retry: true,
          error: "no answer within 98765 ms",
        });
        assert.equal(party.requests.length, 1);
      });
    });

    describe("the caller", () => {
      test("that gives up gets its reason back, and the connection is closed", async (t) => {
        const controller = new AbortController();
        const reason = new Error("shutting down");
        let closed;
        const party = await relyingParty(t, (request) => {
          closed = once(request.socket, "close");
          controller.abort(reason);
        });
        const sent = localSender(transport(t))(messageTo(party.uri), { signal: controller.signal });
        await assert.rejects(sent, (thrown) => thrown === reason);
        await closed;
      });

      test("that gave up before causes no signature and no request", async (t) => {
        const party = await relyingParty(t);
        const signingKeys = t.mock.fn();
        const sent = localSender({ signingKeys, ...transport(t) })(messageTo(party.uri), {
          signal: AbortSignal.abort(),
        });
        await assert.rejects(sent, { name: "AbortError" });
        assert.equal(signingKeys.mock.callCount(), 0);
        assert.equal(party.requests.length, 0);
      });

      test("that gives up while the token is signed causes no request", async (t) => {
        const party = await relyingParty(t);
        const controller = new AbortController();
        const reason = new Error("shutting down");
        const signals = [];
        const signingKeys = (_, { signal }) => {
          signals.push(signal);
          controller.abort(reason);
          return new Promise(() => {});
        };
        const sent = localSender({ signingKeys, ...transport(t) })(messageTo(party.uri), {
          signal: controller.signal,
        });
        await assert.rejects(sent, (thrown) => thrown === reason);
        assert.deepEqual(
          signals.map(({ aborted }) => aborted),
          [true],
        );
        assert.equal(party.requests.length, 0);
      });

      test("that gives up after the client has answered gets the outcome", async (t) => {
        const controller = new AbortController();
        const party = await relyingParty(t, (_, response) => {
          response.writeHead(200).write("signing out");
        });
        const options = transport(t, () => controller.abort());
        const outcome = await localSender(options)(messageTo(party.uri), {
          signal: controller.signal,
        });
        assert.deepEqual(outcome, { delivered: true, status: 200 });
      });

      test("can use one signal for any number of concurrent notifications, during the whole process", async (t) => {
        const warnings = [];
        const listener = (warning) => warnings.push(warning);
        process.on("warning", listener);
        t.after(() => process.off("warning", listener));
        const { signal } = new AbortController();
        const listeners = () => getEventListeners(signal, "abort").length;
        const during = new Set();
        const party = await relyingParty(t, (_, response) => {
          during.add(listeners());
          response.end();
        });
        const send = localSender(transport(t));
        await Promise.all(Array.from({ length: 20 }, () => send(messageTo(party.uri), { signal })));
        assert.equal(party.requests.length, 20);
        // One listener forwards to all attempts. `AbortSignal.any` adds none, but leaks on Node 22.
        assert.deepEqual([...during], [1]);
        assert.equal(listeners(), 0);
        assert.deepEqual(
          warnings.filter(({ name }) => name === "MaxListenersExceededWarning"),
          [],
        );
      });
    });
  });
}

describe("on Node, an idle connection", () => {
  /**
   * A relying party that answers the first request of each connection, and the requests that it
   * got.
   */
  const answeringOnce = async (t, late) => {
    const used = new Set();
    const party = await relyingParty(t, ({ socket }, response) => {
      if (used.has(socket)) return late(socket);
      used.add(socket);
      response.end();
    });
    return { ...party, connections: () => used.size };
  };

  for (const [how, late, attempts] of [
    ["is reset", (socket) => socket.resetAndDestroy(), 2],
    ["is closed", (socket) => socket.end(), 2],
    // From here on the client has answered, so it may have ended the session.
    ["breaks within the head of an answer", (socket) => socket.end("HTTP/1.1 200 OK\r\nx:"), 1],
    ["answers with nonsense", (socket) => socket.end("220 mail.example.com ESMTP\r\n"), 1],
  ]) {
    const repeats = attempts > 1;
    test(`that ${how} has its request ${repeats ? "repeated on a new one" : "not repeated"}`, async (t) => {
      const party = await answeringOnce(t, late);
      const send = localSender();
      assert.equal((await send(messageTo(party.uri))).delivered, true);
      const { delivered, retry } = await send(messageTo(party.uri));
      assert.deepEqual([delivered, retry], repeats ? [true, undefined] : [false, true]);
      assert.deepEqual([party.requests.length, party.connections()], [attempts + 1, attempts]);
      // The same request, because one attempt has one token.
      assert.equal(party.requests[attempts].body, party.requests[1].body);
    });
  }

  test("that breaks has its request repeated only once", async (t) => {
    let answered = false;
    const party = await relyingParty(t, (request, response) => {
      if (answered) return request.socket.resetAndDestroy();
      answered = true;
      response.end();
    });
    const send = localSender();
    assert.equal((await send(messageTo(party.uri))).delivered, true);
    assertFailed(await send(messageTo(party.uri)), unreachable(party.uri, "."));
    assert.equal(party.requests.length, 3);
  });

  test("that breaks after the caller gave up does not have its request repeated", async (t) => {
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const party = await answeringOnce(t, (socket) => {
      controller.abort(reason);
      socket.destroy();
    });
    const send = localSender();
    await send(messageTo(party.uri));
    const sent = send(messageTo(party.uri), { signal: controller.signal });
    await assert.rejects(sent, (thrown) => thrown === reason);
    assert.equal(party.requests.length, 2);
  });

  test("that the client closes after each answer loses no notification", async (t) => {
    const party = await relyingParty(t, (request, response) => {
      response.once("finish", () => request.socket.end());
      response.end();
    });
    const send = localSender();
    for (let sent = 0; sent < 40; sent += 1) {
      assert.deepEqual(await send(messageTo(party.uri)), { delivered: true, status: 200 });
    }
  });
});

test("a client with a trusted certificate is notified over https, with http still refused, and no connection keeps the process running", async (t) => {
  const party = await relyingParty(t, undefined, { tls: true });
  const program = fileURLToPath(new URL("fixtures/send.mjs", import.meta.url));
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: fileURLToPath(SELF_SIGNED) };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, party.uri, party.uri.replace("https", "http")],
    {
      env,
    },
  );
  assert.deepEqual(JSON.parse(stdout), [
    { delivered: true, status: 200 },
    { delivered: false, retry: false, error: "`backChannelLogoutUri` must be an https URL" },
  ]);
  assert.equal(party.requests.length, 1);
});

test("a client is given up in time even if `fetch` ignores its signal", async () => {
  const send = localSender({ timeout: 50, fetch: () => new Promise(() => {}) });
  const outcome = await send(messageTo("https://rp.example.com/logout"));
  assert.deepEqual(outcome, { delivered: false, retry: true, error: "no answer within 50 ms" });
});

test("a completed attempt leaves no timer", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  for (const fetch of [async () => new Response(), () => Promise.reject(new Error("offline"))]) {
    await localSender({ fetch })(messageTo("https://rp.example.com/logout"));
  }
  assert.equal(timers(), before);
});
