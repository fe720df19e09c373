// `rollcall events`: one line for each event, and a broken connection.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { provider, rows } from "./support.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

let api;
beforeEach(async () => {
  api = await provider();
});
afterEach(() => api.close());

/** Follows events until this many lines were printed. */
async function follow(args, lines, { onConnected } = {}) {
  const connected = [];
  api.intercept((request) => {
    if (new URL(request.url).pathname.endsWith("/events")) {
      connected.push(request.headers.get("last-event-id"));
      setTimeout(() => onConnected?.(connected.length), 200);
    }
    return undefined;
  });
  const followed = await api.rollcall(["events", ...args], {
    onData: (out, child) => {
      if (out.split("\n").length > lines) child.kill("SIGINT");
    },
  });
  return { ...followed, connected };
}

test("in a pipe events are lines with tabs, and Ctrl-C prints how to continue", async () => {
  const { out, err, status } = await follow([], 2, {
    onConnected: () => api.signIn("a\tb", "a-1").then(() => api.signIn("b", "b-1")),
  });
  assert.equal(status, 130);
  assert.deepEqual(
    rows(out).map(([, ...line]) => line),
    [
      ["session_created", "subjectId=a\\tb", "sessionId=a-1"],
      ["session_created", "subjectId=b", "sessionId=b-1"],
    ],
  );
  assert.match(err, /^continue with: --since [0-9a-f]+-2\n$/);
});

test("`--json` prints NDJSON, and `--type` filters", async () => {
  const { out } = await follow(["--json", "--type", "session_removed"], 1, {
    onConnected: async () => {
      await api.signIn("a", "a-1");
      await api.management.removeSessions({ subjectId: "a", reason: "why" });
    },
  });
  const { type, subjectId, reason } = JSON.parse(out);
  assert.deepEqual([type, subjectId, reason], ["session_removed", "a", "why"]);
});

test("`--since` starts after an event", async () => {
  await api.signIn("a", "a-1");
  const { err } = await follow([], 1, { onConnected: () => api.signIn("b", "b-1") });
  const [, id] = /--since (\S+)/.exec(err);
  await api.signIn("c", "c-1");
  const { out, connected } = await follow(["--since", id], 1);
  assert.match(out, /subjectId=c\t/);
  assert.deepEqual(connected, [id]);
});

test("a broken connection is reopened with the last id", async () => {
  const seen = [];
  api.intercept((request) => {
    seen.push(request.headers.get("last-event-id"));
    const id = seen.length;
    const event = `id: x-${id}\nevent: session_created\ndata: {"at":"t","type":"n${id}"}\n\n`;
    return new Response(`retry: 10\n\nevent: hello\ndata: {}\n\n${event}`, {
      headers: { "content-type": "text/event-stream" },
    });
  });
  const { out, status } = await api.rollcall(["events"], {
    onData: (text, child) => {
      if (text.includes("n3")) child.kill("SIGINT");
    },
  });
  assert.equal(status, 130);
  assert.deepEqual(rows(out).slice(0, 3), [
    ["t", "n1"],
    ["t", "n2"],
    ["t", "n3"],
  ]);
  assert.deepEqual(seen.slice(0, 3), [null, "x-1", "x-2"]);
});

test("events that are no longer kept are reported as missed", async () => {
  const { err } = await follow(["--since", "unknown-1"], 1, {
    onConnected: () => api.signIn("a", "a-1"),
  });
  assert.match(err, /^some events are no longer kept: list the sessions again$/m);
});

test("a refusal ends the command", async () => {
  const wrong = await api.rollcall(["events"], { env: { ROLLCALL_TOKEN: "wrong" } });
  assert.equal(wrong.status, 3);
  const without = await provider({ events: undefined });
  try {
    const { err, status } = await without.rollcall(["events"]);
    assert.equal(status, 1);
    assert.match(err, /error: events can't be followed/);
  } finally {
    await without.close();
  }
  assert.equal((await api.rollcall(["events", "--since", "ä"])).status, 2);
  const database = await api.rollcall(["events", "--database", `file:${api.file}`], { cwd: root });
  assert.deepEqual(
    [database.err, database.status],
    ["error: events are those of a running admin API: give its mount point by `--url`\n", 2],
  );
});

test("an unknown type is refused, with the known types", async () => {
  const { err, status } = await api.rollcall(["events", "--type", "session_create"]);
  assert.equal(status, 2);
  const types = await readFile(join(root, "pkg-template/src/types/event.ts"), "utf8");
  const all = [...types.matchAll(/^ {2}type: "(\w+)";$/gm)].map(([, type]) => type);
  assert.ok(all.length > 10);
  for (const type of all) assert.ok(err.includes(`\`${type}\``), type);
  assert.match(err, /, not `session_create`: did you mean `session_created`\?\n$/);
  assert.deepEqual(api.requests, []);
});
