/**
 * The programs of `docs/start` for hosts other than Node: a user signs in, and an administrator
 * lists the session.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { migrate } from "rollcall/sql";
import { browserForSuite, withoutChromium } from "../console/support/chromium.mjs";
import { startConfigured } from "../examples/workers.mjs";
import { bunPath, denoPath, Unavailable } from "../hosts/tools.mjs";
import { project } from "../packaging/project.mjs";
import { freePort } from "../servers/server.mjs";
import { blocksOf, examplesOf, folderOf } from "./examples.mjs";

/** Below the root, where esbuild finds the packages of the links. */
const PARENT = fileURLToPath(new URL("../../target/start", import.meta.url));
const VARIABLES = {
  TICKET_KEY: Buffer.alloc(32, 7).toString("base64url"),
  ADMIN_SECRET: "0123456789abcdef0123456789abcdef",
};

/** Signs Bob in as on the page, and lists the sessions. */
async function signInAndList(origin, api) {
  const post = { method: "POST", body: new URLSearchParams({ name: "Bob" }), redirect: "manual" };
  const refused = await fetch(`${origin}/sign-in`, post);
  assert.equal(refused.status, 403);
  const signedIn = await fetch(`${origin}/sign-in`, { ...post, headers: { origin } });
  assert.equal(signedIn.status, 303);
  const [cookie] = signedIn.headers.getSetCookie()[0].split(";");
  const home = await fetch(origin, { headers: { cookie } });
  assert.match(await home.text(), /Signed in: Bob/);

  assert.equal((await fetch(`${origin}${api}/v1/sessions`)).status, 401);
  const headers = { authorization: `Bearer ${VARIABLES.ADMIN_SECRET}` };
  const { results } = await (await fetch(`${origin}${api}/v1/sessions`, { headers })).json();
  assert.deepEqual(
    results.map(({ subjectId, displayName }) => [subjectId, displayName]),
    [["bob", "Bob"]],
  );
}

/** Runs the program of a page on a host that serves it, on a free port. */
async function runServer(page, path, args, printedPort, use) {
  const [program, ...others] = await examplesOf(page, import.meta.url);
  assert.equal(others.length, 0);
  const port = await freePort();
  assert.ok(program.includes(`port: ${printedPort}`));
  const folder = await folderOf(
    {
      "package.json": '{"private":true,"type":"module"}',
      "main.js": program.replace(`port: ${printedPort}`, `port: ${port}`),
    },
    PARENT,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(path, args, {
    cwd: folder,
    env: { ...env, ...VARIABLES, DENO_NO_UPDATE_CHECK: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const printed = [];
  const ready = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        printed.push(data);
        if (printed.join("").includes(`:${port}`)) resolve("ready");
      });
    }
  });
  try {
    assert.equal(await Promise.race([ready, ended]), "ready", printed.join(""));
    await use(`http://localhost:${port}`);
  } finally {
    child.kill();
    await ended;
    await rm(folder, { recursive: true });
  }
}

/** Declares a test that is skipped if this machine doesn't have the host. */
function hostTest(title, pathOf, run) {
  let path;
  try {
    path = pathOf();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return test(title, { skip: error.message }, () => {});
  }
  return test(title, async () => run(await path));
}

/** With the console. */
async function checkServer(origin) {
  await signInAndList(origin, "/admin/api");
  const console = await fetch(`${origin}/admin/`);
  assert.equal(console.status, 200);
  assert.match(await console.text(), /<title>/);
}

hostTest("the server on Deno runs as printed", denoPath, async (deno) => {
  const permissions = ["env", "net", "read", "write"].map((name) => `--allow-${name}`);
  const args = ["run", ...permissions, "--unstable-no-legacy-abort", "main.js"];
  await runServer("docs/start/deno.md", deno, args, 8000, checkServer);
});

hostTest("the server on Bun runs as printed", bunPath, async (bun) => {
  await runServer("docs/start/bun.md", bun, ["main.js"], 3000, checkServer);
});

describe("the page of Workers", () => {
  test("the Worker runs as printed, with its configuration", async () => {
    const page = "docs/start/workers.md";
    const [program] = await examplesOf(page, import.meta.url);
    const [jsonc] = await blocksOf(page, import.meta.url, "run by", "jsonc");
    const config = JSON.parse(jsonc);
    const folder = await folderOf({ [config.main]: program }, PARENT);
    const worker = await startConfigured(folder, config, VARIABLES);
    try {
      await migrate(await worker.database(), { dialect: "sqlite" });
      await signInAndList(worker.origin, "/admin");
    } finally {
      await worker.stop();
      await rm(folder, { recursive: true });
    }
  });
});

suite("the page of Vite", { skip: withoutChromium }, () => {
  const withPage = browserForSuite();

  test("the page runs as printed, on Vite's server", async () => {
    const page = "docs/start/vite.md";
    const [program] = await examplesOf(page, import.meta.url);
    const [html] = await blocksOf(page, import.meta.url, "run by", "html");
    const folder = await mkdtemp(join(await project("start"), "vite-"));
    await writeFile(join(folder, "index.html"), html);
    await writeFile(join(folder, "main.js"), program);
    const hostPackages = createRequire(new URL("../hosts/package.json", import.meta.url));
    const { createServer } = await import(hostPackages.resolve("vite"));
    const server = await createServer({
      root: folder,
      cacheDir: join(folder, ".vite"),
      configFile: false,
      logLevel: "error",
      server: { host: "127.0.0.1", port: await freePort() },
    });
    await server.listen();
    try {
      await withPage({}, async (opened) => {
        await opened.goto(server.resolvedUrls.local[0]);
        const sessions = opened.locator("#sessions li");
        await sessions.filter({ hasText: /^Alice, since / }).waitFor();
        await opened.getByRole("button", { name: "Sign in" }).click();
        await sessions.filter({ hasText: /^Bob, since / }).waitFor();
        await opened.getByRole("button", { name: "Sign everyone out" }).click();
        await sessions.first().waitFor({ state: "detached" });
      });
    } finally {
      await server.close();
      await rm(folder, { recursive: true });
    }
  });
});
