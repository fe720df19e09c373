/** The code of the README, run as it's written, as a user's program. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, run } from "./examples.mjs";

const examples = await examplesOf("README.md", import.meta.url);

test("there are three examples to run", () => {
  assert.equal(examples.length, 3);
});

test("the Node back end runs as written", async () => {
  const before = `
    import { generateKeyPairSync } from "node:crypto";
    const registry = new Map();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const signingKeys = [{ ...privateKey.export({ format: "jwk" }), kid: "k", alg: "RS256" }];
  `;
  assert.equal(await run(before + examples[0]), "0 0 0\n");
});

test("the sign-in path runs as written", async () => {
  const before = `
    import { memoryStores } from "rollcall/memory";
    const host = memoryStores();
    const key = crypto.getRandomValues(new Uint8Array(32));
  `;
  const after =
    "console.log(session.displayName, session.ticket.claims.role, session.clients[0].clientId);";
  assert.equal(await run(`${before}${examples[1]}${after}`), "Bob editor web\n");
});

test("the background path runs as written", async () => {
  const before = `
    import { memoryStores } from "rollcall/memory";
    const host = { ...memoryStores(), clients: (clientId) => ({ clientId }), sendLogout: () => ({ delivered: true }) };
  `;
  const after =
    "console.log(isValid, (await Promise.all(runners.map((runner) => runner.stop()))).length);";
  assert.equal(await run(`${before}${examples[2]}${after}`), "false 2\n");
});
