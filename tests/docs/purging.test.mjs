/** The code of docs/purging.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const examples = await examplesOf("docs/purging.md", import.meta.url);

test("there is one example to run", () => {
  assert.equal(examples.length, 1);
});

test("a purge runs as written, in three calls", async () => {
  const program = `
    import { SessionManagement } from "rollcall";
    import { memoryStores } from "rollcall/memory";
    const host = memoryStores();
    const management = new SessionManagement(host);
    for (let n = 0; n < 2_501; n++) {
      await host.sessions.create({
        key: n.toString(16).padStart(64, "0"),
        scheme: "default",
        subjectId: \`subject \${n}\`,
        sessionId: \`session \${n}\`,
        displayName: \`Bob \${n}\`,
        displayNameFolded: \`bob \${n}\`,
        created: n,
        renewed: n,
        clients: [{ clientId: n === 0 ? "forum" : "shop" }],
      });
    }
    ${examples[0]}
    console.log("ended", report.sessionsRemoved, "left", await host.sessions.count({}));
  `;
  assert.equal(await run(program), "2500 Bob 2500\nended 1000\nended 1000\nended 500 left 1\n");
});
