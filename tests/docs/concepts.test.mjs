/** The program of docs/start/concepts.md, and its output. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examplesOf, outputsOf, run } from "./examples.mjs";

const PAGE = "docs/start/concepts.md";

test("the program prints what the page shows", async () => {
  const [program, ...others] = await examplesOf(PAGE, import.meta.url);
  assert.deepEqual(others, []);
  assert.equal(await run(program), (await outputsOf(PAGE, import.meta.url)).join());
});
