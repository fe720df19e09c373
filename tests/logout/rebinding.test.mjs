// A name that is public when it is looked up and private when it is connected to (DNS rebinding). `fetch` hides the second
// look-up, so on Node the check belongs into its agent: `docs/logout.md` has this very code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent, fetch } from "undici";
import { isPublicAddress } from "../../pkg/logout.js";
import { localSender, messageTo, relyingParty } from "./support.mjs";

/** An agent that connects to public addresses only, whatever `lookup` finds. */
function publicAgent(lookup) {
  return new Agent({
    connect: {
      lookup: (hostname, options, done) =>
        lookup(hostname, options, (error, found, family) => {
          const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
          const isRefused = !error && !addresses.every(isPublicAddress);
          done(isRefused ? new Error(`${hostname} is not at a public address`) : error, found, family);
        }),
    },
  });
}

/** As a hostile name server has it by the time of the connection. */
const rebound = (_hostname, { all }, done) =>
  all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);

function sendTo(party, agent, t) {
  t.after(() => agent.destroy());
  const send = localSender({
    // Plain http alone is allowed, for want of a certificate that is good for the name.
    allowInsecure: { http: true },
    resolve: () => ["93.184.216.34"],
    fetch: (url, init) => fetch(url, { ...init, dispatcher: agent }),
  });
  return send(messageTo(party.uri.replace("127.0.0.1", "rp.example.com")));
}

test("a name that turns private after it was looked up gets through to an agent that does not look", async (t) => {
  const party = await relyingParty(t);
  const agent = new Agent({ connect: { lookup: rebound } });
  assert.deepEqual(await sendTo(party, agent, t), { delivered: true, status: 200 });
  assert.equal(party.requests.length, 1);
});

test("a name that turns private after it was looked up does not get through to an agent that looks", async (t) => {
  const party = await relyingParty(t);
  const outcome = await sendTo(party, publicAgent(rebound), t);
  assert.equal(outcome.delivered, false);
  assert.equal(outcome.retry, true);
  assert.match(outcome.error, /rp\.example\.com is not at a public address$/);
  assert.equal(party.requests.length, 0);
});
