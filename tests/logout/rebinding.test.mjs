// A name that is public when it is looked up and private when it is connected to (DNS rebinding).
// `fetch` hides the second look-up; on Node the sender makes the connection itself, and sees where
// it goes.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import dns from "node:dns";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Agent, fetch } from "undici";
import { nodePath, Unavailable } from "../hosts/tools.mjs";
import { localSender, messageTo, relyingParty } from "./support.mjs";

/** A look-up by a name server that has these addresses. */
const finding =
  (...addresses) =>
  (_hostname, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: 4 }));
    return all ? done(null, found) : done(null, addresses[0], 4);
  };

/** Sends to a party on this machine by a name that was public at first. */
function sendTo(party, options) {
  // Plain http alone is allowed, for want of a certificate that is good for the name.
  const send = localSender({
    allowInsecure: { http: true },
    resolve: () => ["93.184.216.34"],
    ...options,
  });
  return send(messageTo(party.uri.replace("127.0.0.1", "rp.example.com")));
}

const refused = {
  delivered: false,
  retry: false,
  error: "`rp.example.com` is at `127.0.0.1`, which is not a public address",
};

test("a name that turns private after it was looked up gets through to `fetch`", async (t) => {
  const party = await relyingParty(t);
  const dispatcher = new Agent({ connect: { lookup: finding("127.0.0.1") } });
  t.after(() => dispatcher.destroy());
  const outcome = await sendTo(party, {
    fetch: (url, init) => fetch(url, { ...init, dispatcher }),
  });
  assert.deepEqual(outcome, { delivered: true, status: 200 });
  assert.equal(party.requests.length, 1);
});

test("a name that turns private after it was looked up is not connected to on Node", async (t) => {
  const party = await relyingParty(t);
  t.mock.method(dns, "lookup", finding("127.0.0.1"));
  assert.deepEqual(await sendTo(party, {}), refused);
  assert.equal(party.requests.length, 0);
});

test("a name with a public and a private address is not connected to on Node", async (t) => {
  const party = await relyingParty(t);
  t.mock.method(dns, "lookup", finding("93.184.216.34", "127.0.0.1"));
  assert.deepEqual(await sendTo(party, {}), refused);
  assert.equal(party.requests.length, 0);
});

test("a name with a private address is connected to where the host allows it", async (t) => {
  const party = await relyingParty(t);
  t.mock.method(dns, "lookup", finding("127.0.0.1"));
  assert.deepEqual(await sendTo(party, { allowInsecure: true }), { delivered: true, status: 200 });
  assert.equal(party.requests.length, 1);
});

test("a proxy that the environment names gets the requests", async (t) => {
  const sent = [];
  const proxy = await relyingParty(t);
  proxy.server.on("connect", (request, socket) => {
    sent.push(request.url);
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  });
  let node;
  try {
    node = nodePath(24);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return t.skip(error.message);
  }
  const program = fileURLToPath(new URL("fixtures/send.mjs", import.meta.url));
  for (const [flags, variables] of [
    [[], { NODE_USE_ENV_PROXY: "1" }],
    [["--use-env-proxy"], {}],
    [[], { NODE_OPTIONS: "--use-env-proxy" }],
  ]) {
    // Older versions of Node know of no such proxy.
    const { stdout } = await promisify(execFile)(
      node,
      [...flags, program, "https://rp.example.com/logout"],
      {
        env: { ...process.env, HTTPS_PROXY: proxy.origin, ...variables },
      },
    );
    const [outcome] = JSON.parse(stdout);
    assert.equal(outcome.delivered, false);
    assert.equal(outcome.retry, true);
    assert.match(outcome.error, /^cannot reach `rp\.example\.com`: /);
    assert.equal(sent.pop(), "rp.example.com:443", JSON.stringify([flags, variables]));
  }
});
