// The SQL stores on `bun:sqlite`, which exists only in Bun.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bunPath, Unavailable } from "../hosts/tools.mjs";

const folder = fileURLToPath(new URL("bun/", import.meta.url));

function bun() {
  try {
    return bunPath();
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}

const program = bun();

test("the SQL stores on bun:sqlite pass the conformance kit", {
  skip: program === undefined && "Bun is not installed",
}, () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    program,
    ["test", "--timeout", "60000", "./kit.bun.mjs"],
    {
      cwd: folder,
      env: { ...env, NO_COLOR: "1" },
      encoding: "utf8",
    },
  );
  assert.equal(status, 0, stdout + stderr);
  const [, passed] = stderr.match(/^\s*(\d+) pass$/m) ?? [];
  assert.ok(Number(passed) >= 80, `too few cases passed: ${stderr}`);
  assert.doesNotMatch(stderr, /^\s*\d+ (skip|todo)$/m);
});
