/** The code of docs/guides/client-down.md, and its output. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, outputsOf, run } from "./examples.mjs";

const PAGE = "docs/guides/client-down.md";
const [down, runner, retried, settings, ...others] = await examplesOf(PAGE, import.meta.url);
const [printed] = await outputsOf(PAGE, import.meta.url);

/** Bob's session at a client that answers with these statuses in turn. */
const before = (...statuses) => `
  import { createServer } from "node:http";
  import { once } from "node:events";
  import { generateKeyPairSync } from "node:crypto";
  import { TicketStore } from "rollcall";
  import { backChannelSender } from "rollcall/logout";
  import { memoryStores } from "rollcall/memory";
  const statuses = ${JSON.stringify(statuses)};
  const shop = createServer((request, response) => {
    request.resume();
    response.writeHead(statuses.shift()).end();
  }).listen(0, "127.0.0.1");
  await once(shop, "listening");
  let now = Date.now();
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signingKeys = [{ ...privateKey.export({ format: "jwk" }), kid: "k", alg: "ES256" }];
  const host = {
    ...memoryStores(),
    now: () => now,
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: "http://127.0.0.1:" + shop.address().port,
      idTokenSignedResponseAlg: "ES256",
    }),
    sendLogout: backChannelSender({ issuer: "http://localhost", signingKeys, allowInsecure: true }),
  };
  const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  await new TicketStore(host, { keys }).store({ subjectId: "bob", clients: ["shop"] });
`;

const services = down.slice(0, down.indexOf("// The client is down."));
const removed = 'await management.removeSessions({ subjectId: "bob" });';
const stop = "shop.close();";

test("there are four examples to run", () => {
  assert.ok(settings !== undefined);
  assert.equal(others.length, 0);
});

test("a client that was down is notified as written", async () => {
  const program = down
    .replace("// A pass, ten seconds later", "now += 10_000;\n$&")
    .replace("// A pass, twenty seconds later", "now += 20_000;\n$&");
  assert.notEqual(program, down);
  assert.equal(await run(before(503, 503, 200) + program + stop), printed);
});

test("the runner stops as written", async () => {
  assert.equal(await run(before() + services + runner + stop), "");
});

test("given-up notifications are listed and retried as written", async () => {
  const shown = [...retried.matchAll(/\/\/ (.+)\n/g)].map(([, comment]) => comment);
  assert.equal(
    await run(before(400, 204) + services + removed + retried + stop),
    `${shown.join("\n")}\n`,
  );
});

test("a notification is given up after 24 hours, or after the time in the settings", async () => {
  const aged = `${removed} now += 25 * 3_600_000;`;
  const giveUp = "console.log(await delivery.deliverDue());";
  const program = before(503, 503) + services + aged;
  assert.match(await run(program + giveUp + stop), /failed: 1,\n {2}rescheduled: 0/);
  assert.match(await run(program + settings + stop), /failed: 0,\n {2}rescheduled: 1/);
});
