/** The code of docs/stores/memory.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const examples = await examplesOf("docs/stores/memory.md", import.meta.url);

test("there is one example to run", () => {
  assert.equal(examples.length, 1);
});

test("the contents of stores are exported and imported as written", async () => {
  const signIns = `
    await stores.sessions.create({
      key: "a".repeat(64),
      scheme: "default",
      subjectId: "alice",
      sessionId: "s1",
      created: 1,
      renewed: 1,
      clients: [],
    });
  `;
  const program = `
    const [clients, sendLogout] = [() => undefined, () => ({ delivered: true })];
    ${examples[0].replace("// … sign-ins, removals …", signIns)}
    console.log(await later.sessions.count({}), "clients" in host);
  `;
  assert.equal(await run(program), "1 true\n");
});
