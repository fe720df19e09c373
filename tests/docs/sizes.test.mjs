/** The sizes that the pages state are those of the built package. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { measure as measureModules } from "../../benches/rows/wasm-size.mjs";
import { measure as measureWorkers } from "../../benches/rows/worker-size.mjs";

const [[core, memory], [worker]] = await Promise.all([measureModules(), measureWorkers()]);

/** The sentences, with a group for each size. */
const STATED = [
  ["docs/stores/memory.md", /a separate module, (\d+) KB after gzip/, [memory]],
  ["docs/stores/d1.md", /has about (\d+) KB after gzip -9/, [worker]],
  ["docs/guides/browser.md", /about (\d+) KB and (\d+) KB after gzip/, [core, memory]],
];

for (const [page, sentence, findings] of STATED) {
  test(`the sizes in ${page} are right within 5 %`, async () => {
    const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
    const [, ...stated] = sentence.exec(text) ?? [];
    assert.equal(stated.length, findings.length);
    for (const [index, { what, amount }] of findings.entries()) {
      const difference = Math.abs(Number(stated[index]) / amount - 1);
      assert.ok(difference < 0.05, `${what} has ${amount.toFixed(0)} KB, not ${stated[index]} KB`);
    }
  });
}
