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

test("there are two examples to run", () => {
  assert.equal(examples.length, 2);
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
