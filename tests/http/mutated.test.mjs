// Requests that are mutated from the document, over TCP, on Node and in workerd. No answer is a
// failure, none reveals internals, and no request leaks memory.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { bundle } from "../examples/workers.mjs";
import { MUTATED_REQUESTS, SEED } from "../long.mjs";
import { SECRET } from "./filled.mjs";
import { campaign, table } from "./mutated/campaign.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const MEBIBYTE = 1_048_576;
/** The allowed growth of the heap. A leak of 3 KiB per request would exceed it. */
const ROOM = Math.max(8, (3 * MUTATED_REQUESTS) / 1_024) * MEBIBYTE;

test("on Node, over SQLite", async (t) => {
  const server = fork(path("mutated/server.mjs"), { execArgv: ["--expose-gc"] });
  t.after(() => server.kill());
  const [{ url }] = await once(server, "message");
  const state = async () => {
    server.send("state");
    const [found] = await once(server, "message");
    return found;
  };
  const heaps = [];
  const { origin, pathname } = new URL(url);
  const statuses = await campaign({
    origin,
    path: pathname,
    token: SECRET,
    count: MUTATED_REQUESTS,
    seed: SEED,
    onRound: async () => heaps.push((await state()).heap),
  });
  t.diagnostic(`seed ${SEED}\n${table(statuses)}`);
  t.diagnostic(`heap in MiB: ${heaps.map((heap) => (heap / MEBIBYTE).toFixed(1)).join(", ")}`);
  assert.deepEqual((await state()).errors, []);
  // After the first round everything has been loaded and compiled.
  const [first = 0, last = 0] = [heaps[1], heaps.at(-1)];
  assert.ok(last - first < ROOM, `the heap grew from ${first} to ${last} bytes`);
});

test("in workerd, over the memory stores", async (t) => {
  const miniflare = new Miniflare({
    modules: await bundle(path("mutated/worker.mjs")),
    compatibilityDate: "2025-11-01",
  });
  t.after(() => miniflare.dispose());
  const { origin } = await miniflare.ready;
  const memory = [];
  const statuses = await campaign({
    origin,
    path: "/admin",
    token: SECRET,
    count: MUTATED_REQUESTS,
    seed: SEED,
    onRound: () => memory.push(memoryOfChild("workerd")),
  });
  t.diagnostic(`seed ${SEED}\n${table(statuses)}`);
  t.diagnostic(
    `memory of workerd in MiB: ${memory.map((kib) => Math.round(kib / 1_024)).join(", ")}`,
  );
  const failures = await (await miniflare.dispatchFetch("http://worker/errors")).json();
  assert.deepEqual(failures, []);
});

/** The memory of a child process, in KiB; `NaN` if the system doesn't report it. */
function memoryOfChild(name) {
  try {
    const children = readdirSync("/proc/self/task").flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean),
    );
    for (const child of children) {
      const status = readFileSync(`/proc/${child}/status`, "utf8");
      if (status.startsWith(`Name:\t${name}`)) return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
    }
  } catch {
    // Only Linux has this file.
  }
  return Number.NaN;
}
