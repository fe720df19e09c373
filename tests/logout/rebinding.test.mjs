// A name that is public when it's looked up and private when it's connected to (DNS rebinding).
// `fetch` hides the second look-up. On Node the sender opens the connection itself, so it sees the
// address.
import assert from "node:assert/strict";
import dns from "node:dns";
import { test } from "node:test";
import { Agent, fetch } from "undici";
import { localSender, messageTo, relyingParty } from "./support.mjs";

/** A look-up that returns these addresses. */
const finding =
  (...addresses) =>
  (_hostname, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: 4 }));
    return all ? done(null, found) : done(null, addresses[0], 4);
  };

/** Sends to a local party with a name that was public at first. */
function sendTo(party, options) {
  // Only http is allowed, because there is no valid certificate for the name.
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

test("with `fetch` a name that becomes private after the look-up is connected to", async (t) => {
  const party = await relyingParty(t);
  const dispatcher = new Agent({ connect: { lookup: finding("127.0.0.1") } });
  t.after(() => dispatcher.destroy());
  const outcome = await sendTo(party, {
    fetch: (url, init) => fetch(url, { ...init, dispatcher }),
  });
  assert.deepEqual(outcome, { delivered: true, status: 200 });
  assert.equal(party.requests.length, 1);
});

test("on Node a name that becomes private after the look-up is not connected to", async (t) => {
  const party = await relyingParty(t);
  t.mock.method(dns, "lookup", finding("127.0.0.1"));
  assert.deepEqual(await sendTo(party, {}), refused);
  assert.equal(party.requests.length, 0);
});

test("on Node a name with a public and a private address is not connected to", async (t) => {
  const party = await relyingParty(t);
  t.mock.method(dns, "lookup", finding("93.184.216.34", "127.0.0.1"));
  assert.deepEqual(await sendTo(party, {}), refused);
  assert.equal(party.requests.length, 0);
});

test("a name with a private address is connected to if the host allows it", async (t) => {
  const party = await relyingParty(t);
  t.mock.method(dns, "lookup", finding("127.0.0.1"));
  assert.deepEqual(await sendTo(party, { allowInsecure: true }), { delivered: true, status: 200 });
  assert.equal(party.requests.length, 1);
});
