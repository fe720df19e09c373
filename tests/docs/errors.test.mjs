/** The program and the tables of docs/reference/errors.md. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { STATUS_OF } from "../../pkg/http/problem.js";
import { examplesOf, run } from "./examples.mjs";

const PAGE = "docs/reference/errors.md";
const page = await readFile(new URL(`../../${PAGE}`, import.meta.url), "utf8");

/** The codes of a section's table, with their HTTP statuses. */
function statusesIn(heading) {
  const section = page.split(`\n## ${heading}\n`)[1].split("\n## ")[0];
  const rows = [...section.matchAll(/^\| `(\w+)` \| (\d+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  return Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]));
}

test("the program runs as written", async () => {
  const [program, ...others] = await examplesOf(PAGE, import.meta.url);
  assert.deepEqual(others, []);
  const output = await run(program.replace("console.error", "console.log"));
  const [, printed] = /\/\/ (.+)$/m.exec(program);
  assert.equal(output, `${printed}\n`);
});

test("the tables have every code with its status", () => {
  assert.deepEqual(
    { ...statusesIn("Errors of Rollcall"), ...statusesIn("Errors of the admin API") },
    STATUS_OF,
  );
});

test("the codes of Rollcall are those of the core and of its type", async () => {
  const core = await readFile(new URL("../../src/error.rs", import.meta.url), "utf8");
  const [, variants] = /^pub enum Code \{\n([^}]+)\}/m.exec(core);
  const codes = [...variants.matchAll(/(\w+),/g)].map(([, name]) =>
    name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase(),
  );
  const source = await readFile(new URL("../../pkg/errors.d.ts", import.meta.url), "utf8");
  const [, union] = /^export type RollcallErrorCode =([^;]+);/m.exec(
    source.replace(/\/\*[\s\S]*?\*\//g, ""),
  );
  const typed = [...union.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(Object.keys(statusesIn("Errors of Rollcall")).sort(), codes.sort());
  assert.deepEqual(typed.sort(), codes);
});
