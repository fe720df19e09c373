/** The code of docs/reference/purging.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const examples = await examplesOf("docs/reference/purging.md", import.meta.url);

test("there are two examples to run", () => {
  assert.equal(examples.length, 2);
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

test("sessions of an upstream provider are ended as written", async () => {
  const program = `
    import { SessionManagement, TicketStore } from "rollcall";
    import { memoryStores } from "rollcall/memory";
    const host = { ...memoryStores(), issuers: ["https://id.example.com"] };
    const management = new SessionManagement(host);
    const tickets = new TicketStore(host, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
    for (let n = 0; n < 1_203; n++) {
      const upstream = n % 2 === 0 ? "https://social.example" : "https://other.example";
      await tickets.store({ subjectId: String(n), ...(n > 2 && { attributes: { upstream } }) });
    }
    ${examples[1]}
    const { results: left } = await management.querySessions({ countRequested: 1_000 });
    console.log(left.length, left.some(({ attributes }) => attributes?.upstream === "https://social.example"));
  `;
  assert.equal(await run(program), "603 false\n");
});
