/** The code of docs/guides/mounting.md: that of the examples, and the page's own code. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { examplesOf, run } from "./examples.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = "docs/guides/mounting.md";

const page = await readFile(join(root, PAGE), "utf8");
const [ownPort, shutdown, ...others] = await examplesOf(PAGE, import.meta.url);

test("the programs are exactly those of the examples", async () => {
  const shown = [];
  for (const [, file, code] of page.matchAll(/<!-- is (\S+) -->\n```\w+\n(.*?)```\n/gs)) {
    shown.push(file);
    const text = await readFile(join(root, file), "utf8");
    assert.equal(code, text.replace("// @ts-check\n", ""), file);
  }
  const folder = "examples/admin-api";
  const programs = (await readdir(join(root, folder)))
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => `${folder}/${name}`);
  const worker = ["index.mjs", "wrangler.jsonc"].map((name) => `${folder}/worker/${name}`);
  assert.deepEqual(shown.sort(), [...programs, ...worker].sort());
});

test("there are two examples to run", () => {
  assert.ok(shutdown !== undefined);
  assert.equal(others.length, 0);
});

const host = `
  import { once } from "node:events";
  import { SessionManagement, TicketStore } from "rollcall";
  import { adminApi } from "rollcall/http";
  import { memoryStores } from "rollcall/memory";
  let open = () => {};
  const held = new Promise((resolve) => { open = resolve; });
  const host = {
    ...memoryStores(),
    clients: (clientId) => ({ clientId, backChannelLogoutUri: "https://shop.example.com/logout" }),
    sendLogout: async () => { console.log("notifying"); await held; return { delivered: true }; },
  };
  const tickets = new TicketStore(host, { keys: { current: "1", keys: { 1: new Uint8Array(32) } } });
  await tickets.store({ subjectId: "bob", clients: ["shop"] });
  const api = adminApi({
    management: new SessionManagement(host),
    authorize: () => ({ actor: "carol", permissions: ["read", "remove"] }),
  });
`;

test("a second server on the loopback interface runs as written", async () => {
  const program = `${host} ${ownPort.replace("8081", "0")}
    await once(adminServer, "listening");
    const { address, port } = adminServer.address();
    const response = await fetch("http://127.0.0.1:" + port + "/v1/sessions");
    const { results } = await response.json();
    console.log(address, response.status, results.map(({ subjectId }) => subjectId).join());
    process.exit();
  `;
  assert.equal(await run(program), "127.0.0.1 200 bob\n");
});

test("a shutdown that waits for removals runs as written", async () => {
  const program = `${host} ${ownPort.replace("8081", "0")} ${shutdown}
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const caller = new AbortController();
    const call = fetch("http://127.0.0.1:" + server.address().port + "/v1/sessions/remove", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ subjectId: "bob" }),
      signal: caller.signal,
    }).catch(() => console.log("the caller left"));
    while (removals.size === 0) await new Promise((resolve) => setImmediate(resolve));
    caller.abort();
    await call;
    const stopped = stop(server).then(() => console.log("stopped"));
    console.log("removals:", removals.size);
    open();
    await stopped;
    console.log("removals:", removals.size);
    process.exit();
  `;
  const [waiting, ...rest] = (await run(program)).split("notifying\n").join("").split("removals: ");
  assert.equal(waiting, "the caller left\n");
  assert.match(rest[0], /^[1-9]\n/);
  assert.equal(rest.at(-1), "0\n");
});
