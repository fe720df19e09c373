/**
 * `cargo xtask start --browser`: the console alone, with made-up sessions.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(
  new URL("../../examples/identity-provider/console-only.mjs", import.meta.url),
);

/** Starts the program, and collects what it writes. */
function begin(...options) {
  const program = spawn(process.execPath, [PROGRAM, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { out: "", err: "" };
  program.stdout.on("data", (chunk) => {
    written.out += chunk;
  });
  program.stderr.on("data", (chunk) => {
    written.err += chunk;
  });
  return { program, written, ended: once(program, "close") };
}

test("serves the console, prints its address, and ends at a signal", async () => {
  const { program, written, ended } = begin("--port", "0");
  while (!written.out.includes("Ctrl-C stops.")) await once(program.stdout, "data");
  const [url] = /http:\S+/.exec(written.out);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/\?demo$/);
  const page = await fetch(url);
  assert.match(await page.text(), /<title>.*Rollcall<\/title>/);
  assert.match(page.headers.get("content-security-policy"), /frame-ancestors 'none'/);
  // The console finds no admin API.
  assert.equal((await fetch(new URL("api/v1/me", url))).status, 404);

  program.kill("SIGINT");
  const [code] = await ended;
  assert.deepEqual([code, written.err], [0, ""]);
});

test("says how it is used, and what is wrong", async () => {
  const help = begin("--help");
  assert.deepEqual([(await help.ended)[0], help.written.err], [0, ""]);
  assert.match(help.written.out, /--port N .*--no-open/s);
  for (const [wrong, message] of [
    [["--port", "70000"], "--port takes a whole number up to 65532, not `70000`"],
    [["--fill", "3"], "unknown option `--fill`: `--help` lists the options"],
    [["--no-open=yes"], "option `--no-open` does not take an argument: `--help` lists the options"],
    [["extra"], "unexpected argument `extra`: `--help` lists the options"],
  ]) {
    const { written, ended } = begin(...wrong);
    assert.deepEqual([(await ended)[0], written.err], [2, `error: ${message}\n`]);
  }
});
