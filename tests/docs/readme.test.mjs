/** The code of the README, run as it is written there, in the place of a user's program. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
const readme = await readFile(join(root, "README.md"), "utf8");
const examples = [...readme.matchAll(/<!-- run by tests\/docs\/readme\.test\.mjs -->\n```js\n(.*?)```/gs)].map(
  ([, code]) => code,
);

/** Runs a program in a folder where `rollcall` and what the README installs beside it are installed; what it prints. */
async function run(program) {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-readme-"));
  try {
    await mkdir(join(folder, "node_modules/@libsql"), { recursive: true });
    await symlink(join(root, "pkg"), join(folder, "node_modules/rollcall"));
    for (const name of ["kysely", "@libsql/client"]) {
      await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
    }
    await writeFile(join(folder, "program.mjs"), program);
    return await output(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function output(cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["program.mjs"], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const printed = { out: "", err: "" };
    child.stdout.on("data", (data) => {
      printed.out += data;
    });
    child.stderr.on("data", (data) => {
      printed.err += data;
    });
    child.on("close", (code) => (code === 0 ? resolve(printed.out) : reject(new Error(printed.err))));
  });
}

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
    import { memoryStores } from "rollcall";
    const host = memoryStores();
    const key = crypto.getRandomValues(new Uint8Array(32));
  `;
  const after = "console.log(session.displayName, session.ticket.claims.role, session.clients[0].clientId);";
  assert.equal(await run(`${before}${examples[1]}${after}`), "Bob editor web\n");
});

test("the store in a list pages both ways, refuses other filters, and removes", async () => {
  const after = `
    import { SessionManagement, TicketStore } from "rollcall";
    const host = { sessions, now: () => 1_750_000_000_000 };
    const tickets = new TicketStore(host, { keys: { current: "k", keys: { k: new Uint8Array(32) } } });
    const keys = [];
    for (let number = 1; number <= 5; number += 1) keys.push(await tickets.store({ subjectId: "alice", sessionId: \`s\${number}\` }));
    await tickets.addClient(keys[0], "web");
    await tickets.addClient(keys[0], "web");
    const management = new SessionManagement(host);
    const ids = ({ results }) => results.map(({ sessionId }) => sessionId).join(",");
    const query = { countRequested: 2, subjectId: "alice" };
    const first = await management.querySessions(query);
    const second = await management.querySessions({ ...query, resultsToken: first.resultsToken });
    const back = await management.querySessions({ ...query, resultsToken: second.resultsToken, requestPriorResults: true });
    console.log(ids(first), ids(second), ids(back), (await tickets.retrieve(keys[0])).clients.length);
    console.log(await management.querySessions({ clientId: "web" }).catch(({ code }) => code));
    console.log((await management.removeSessions({ subjectId: "alice" })).sessionsRemoved, await tickets.renew(keys[0], {}), rows.length);
  `;
  assert.equal(await run(examples[2] + after), "s5,s4 s3,s2 s5,s4 1\nunsupported_filter\n5 false 0\n");
});
