/**
 * The example of the README in an empty folder, with the packed package in place of its name. Every
 * other line runs as printed.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { pack } from "../packaging/project.mjs";
import { examplesOf, outputsOf } from "./examples.mjs";

const execute = promisify(execFile);
const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");

test("the example of the README runs in an empty folder", async (t) => {
  const [program, ...others] = await examplesOf("README.md", import.meta.url);
  const [printed] = await outputsOf("README.md", import.meta.url);
  assert.equal(others.length, 0);
  const [, install] = /```sh\n(npm install rollcall)\n```/.exec(readme);
  const [, name, node] = /Save this as `([\w.]+)` and run `(node [\w.]+)`/.exec(readme);
  const { tarball } = await pack("readme");
  const folder = await mkdtemp(join(tmpdir(), "rollcall-readme-"));
  t.after(() => rm(folder, { recursive: true }));

  await shell(install.replace(/rollcall$/, `"${tarball}"`), folder);
  await writeFile(join(folder, name), program);
  assert.equal((await shell(node, folder)).stdout, printed);
});

test("the package's page has the same example", async () => {
  const page = await readFile(new URL("../../pkg-template/README.md", import.meta.url), "utf8");
  const [example] = /Save this as[^]*?```text[^]*?```/.exec(readme);
  assert.ok(page.includes(example));
});

/** Runs a line as a user types it, without the environment of npm and of the test runner. */
function shell(line, cwd) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^npm_|^NODE_TEST/i.test(key)),
  );
  return execute(line, { cwd, shell: true, env });
}
