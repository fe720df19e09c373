/** The tests on docs/guides/testing.md, run by Node's test runner, and its statements. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const [tests, api, sqlite, ...others] = await examplesOf("docs/guides/testing.md", import.meta.url);

test("there are three examples to run", () => {
  assert.ok(sqlite !== undefined);
  assert.equal(others.length, 0);
});

test("the tests pass", async () => {
  const report = await run(tests + api + sqlite);
  assert.match(report, /^# pass 6$/m);
  assert.match(report, /^# fail 0$/m);
});

test("the outcomes mean what the table says", async () => {
  const program = `
    ${tests.slice(0, tests.indexOf('test("an administrator'))}
    const stateAfter = async (send) => {
      const { host } = provider();
      host.sendLogout = send;
      const management = new SessionManagement(host);
      await new TicketStore(host, { keys: { current: "k", keys: { k: new Uint8Array(32) } } })
        .store({ subjectId: "bob", clients: ["shop"] });
      const { deliveries } = await management.removeSessions({ subjectId: "bob" });
      const pause = (deliveries[0].nextAttempt - host.now()) / 1_000;
      console.log(deliveries[0].state, deliveries[0].nextAttempt && (pause <= 10 ? "soon" : pause));
    };
    await stateAfter(() => ({ delivered: true }));
    await stateAfter(() => ({ delivered: false, retry: true, error: "busy" }));
    await stateAfter(() => ({ delivered: false, retry: true, retryAfter: 60, error: "busy" }));
    await stateAfter(() => ({ delivered: false, retry: false, status: 400, error: "invalid" }));
    await stateAfter(() => { throw new Error("broken"); });
  `;
  const [report] = (await run(program)).split("TAP version");
  assert.equal(
    report,
    "delivered undefined\npending soon\npending 60\nfailed undefined\npending soon\n",
  );
});
