/** The code of docs/guides/sign-out.md, its output, and its table of what survives. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, outputsOf, run } from "./examples.mjs";
import { host } from "./removable.mjs";

const PAGE = "docs/guides/sign-out.md";
const [everywhere, elsewhere, keepingConsents, ...others] = await examplesOf(PAGE, import.meta.url);
const [printed] = await outputsOf(PAGE, import.meta.url);

const management = everywhere.slice(0, everywhere.indexOf("const report"));

/** The output that the comment of an example gives. */
const commentOf = (example) => /\/\/ ([\d ]+)\n$/.exec(example)[1];

const left = 'console.log(await sessionsLeft(), "|", await grantsLeft());';

test("there are three examples to run", () => {
  assert.ok(keepingConsents !== undefined);
  assert.equal(others.length, 0);
});

test("one person is signed out as written", async () => {
  assert.equal(await run(host + everywhere + left), `${printed} | \n`);
});

test("everywhere else is signed out as written", async () => {
  assert.equal(
    await run(host + management + elsewhere + left),
    `${commentOf(elsewhere)}\nlaptop | consent,of the laptop,own of the laptop,without a session\n`,
  );
});

test("consents are kept as written", async () => {
  assert.equal(
    await run(host + management + keepingConsents + left),
    `${commentOf(keepingConsents)}\n | consent,own of the laptop\n`,
  );
});

const GRANTS = "consent,of the laptop,of the phone,own of the laptop,without a session";

/** Calls, with the sessions and grants that they leave and how many notifications they make. */
const CALLS = [
  [{ sessionId: "laptop" }, "phone | consent,of the phone,without a session", 2],
  [{ subjectId: "alice", sessionId: "laptop" }, `laptop,phone | ${GRANTS}`, 0],
  [{ subjectId: "bob", removeServerSideSession: false }, "laptop,phone |", 3],
  [{ subjectId: "bob", sendBackchannelLogoutNotification: false }, "|", 0],
  [{ subjectId: "bob", clientIds: ["wiki"] }, `| ${GRANTS}`, 1],
  [{ subjectId: "bob", dryRun: true }, `laptop,phone | ${GRANTS}`, 3],
  [
    { sessions: [{ subjectId: "bob", sessionId: "phone" }] },
    "laptop | consent,of the laptop,own of the laptop,without a session",
    1,
  ],
];

for (const [call, kept, notified] of CALLS) {
  test(`${JSON.stringify(call)} keeps what the tables say`, async () => {
    const removal = `
      const { notifications } = await management.removeSessions(${JSON.stringify(call)});
      console.log(notifications.delivered + notifications.pending);
    `;
    const [sent, state] = (await run(host + management + removal + left)).split("\n");
    assert.deepEqual([Number(sent), state.trim()], [notified, kept]);
  });
}
