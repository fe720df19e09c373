// What happens when the client cannot be reached, is slow, or the caller gives up.
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
      test("that refuses the connection is tried again", async (t) => {
        const uri = await refusingUri();
        assertFailed(
          await localSender(transport(t))(messageTo(uri)),
          unreachable(uri, "ECONNREFUSED"),
        );
      });

      test("whose name does not resolve is tried again", async (t) => {
        const uri = "https://relying-party.invalid/logout";
        assertFailed(
          await localSender(transport(t))(messageTo(uri)),
          unreachable(uri, "relying-party.invalid"),
        );
      });

      test("that resets the connection is tried again", async (t) => {
        const party = await relyingParty(t, (request) => request.socket.resetAndDestroy());
        assertFailed(
          await localSender(transport(t))(messageTo(party.uri)),
          unreachable(party.uri, "."),
        );
        assert.equal(party.requests.length, 1);
      });

      test("that speaks no HTTP is tried again", async (t) => {
        const party = await relyingParty(t, (request) =>
          request.socket.end("220 mail.example.com ESMTP\r\n"),
        );
        assertFailed(
          await localSender(transport(t))(messageTo(party.uri)),
          unreachable(party.uri, "."),
        );
      });

      test("that changes the protocol is tried again, and its connection is closed", async (t) => {
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

      test("that gives hints first is waited for", async (t) => {
        const party = await relyingParty(t, (_, response) => {
          response.writeEarlyHints({ link: "</style.css>; rel=preload" });
          response.writeHead(204).end();
        });
        const outcome = await localSender(transport(t))(messageTo(party.uri));
        assert.deepEqual(outcome, { delivered: true, status: 204 });
      });

      test("is told over one connection, one notification after the other", async (t) => {
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

      test("that has a certificate nobody vouches for is sent nothing, and tried again", async (t) => {
        const party = await relyingParty(t, undefined, { tls: true });
        assertFailed(
          await localSender(transport(t))(messageTo(party.uri)),
          unreachable(party.uri, "self-signed certificate"),
        );
        assert.equal(party.requests.length, 0);
      });

      test("that never answers is given up in time and tried again", async (t) => {
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

      test("that gave up before has nothing signed and nothing sent", async (t) => {
        const party = await relyingParty(t);
        const signingKeys = t.mock.fn();
        const sent = localSender({ signingKeys, ...transport(t) })(messageTo(party.uri), {
          signal: AbortSignal.abort(),
        });
        await assert.rejects(sent, { name: "AbortError" });
        assert.equal(signingKeys.mock.callCount(), 0);
        assert.equal(party.requests.length, 0);
      });

      test("that gives up while the token is signed has nothing sent", async (t) => {
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

      test("that gives up after the client has answered hears how it went", async (t) => {
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

      test("can use one signal for any number of notifications at once, for as long as the process lives", async (t) => {
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
        // One forwards to all attempts. `AbortSignal.any` has none, and leaks on Node 22.
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

test("a client that has a certificate the host trusts is told over https, with http still refused, and no connection keeps the process", async (t) => {
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

test("a client is given up in time even when `fetch` heeds no signal", async () => {
  const send = localSender({ timeout: 50, fetch: () => new Promise(() => {}) });
  const outcome = await send(messageTo("https://rp.example.com/logout"));
  assert.deepEqual(outcome, { delivered: false, retry: true, error: "no answer within 50 ms" });
});

test("an attempt that is over leaves no timer behind", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  for (const fetch of [async () => new Response(), () => Promise.reject(new Error("offline"))]) {
    await localSender({ fetch })(messageTo("https://rp.example.com/logout"));
  }
  assert.equal(timers(), before);
});
