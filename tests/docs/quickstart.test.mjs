/** The program of docs/start/quickstart.md, and its output. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, outputsOf, run } from "./examples.mjs";

const PAGE = "docs/start/quickstart.md";
const [program, background, ...others] = await examplesOf(PAGE, import.meta.url);
const [printed] = await outputsOf(PAGE, import.meta.url);

test("there are two examples to run", () => {
  assert.ok(background !== undefined);
  assert.equal(others.length, 0);
});

test("the program runs as printed", async () => {
  assert.equal(await run(program), printed);
});

test("the background path runs as written", async () => {
  const start = program.replace(/shop\.close\(\);\ndatabase\.close\(\);\n$/, "");
  const after = "shop.close();\ndatabase.close();\nconsole.log(runners.length);";
  assert.equal(await run(`${start}${background}${after}`), `${printed}2\n`);
});
