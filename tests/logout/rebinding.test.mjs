// A name that is public when it is looked up and private when it is connected to (DNS rebinding).
// `fetch` hides the second look-up; on Node the sender makes the connection itself, and sees where
// it goes.
import assert from "node:assert/strict";
import dns from "node:dns";
import { test } from "node:test";
import { Agent, fetch } from "undici";
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
