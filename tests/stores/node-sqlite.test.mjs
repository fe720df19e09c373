// `node:sqlite` needs a newer Node than the package does. If this one is too old, the newer ones
// that the host tests install run the same tests.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { testEngine } from "./engine-tests.mjs";
import { engine } from "./engines.mjs";

const NEWER_NODES = ["node-22", "node-24"]
  .map((name) => ({
    name,
    program: fileURLToPath(new URL(`../hosts/node_modules/${name}/bin/node`, import.meta.url)),
  }))
  .filter(({ program }) => existsSync(program));

const THIS_FILE = fileURLToPath(import.meta.url);

/** The report of the tests goes to one stream and the counts to the other. */
const REPORTERS = [
  "--test-reporter=spec",
  "--test-reporter-destination=stderr",
  `--test-reporter=${fileURLToPath(new URL("../summary-reporter.mjs", import.meta.url))}`,
  "--test-reporter-destination=stdout",
];
/** The minimum number of tests: the conformance kit and the cases of all SQL engines. */
const FEWEST = 100;

const { unavailable } = await engine("node:sqlite");
if (unavailable === undefined || NEWER_NODES.length === 0) {
  await testEngine("node:sqlite");
} else {
  for (const { name, program } of NEWER_NODES) {
    test(`the SQL stores on node:sqlite of ${name}`, () => {
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const { status, stdout, stderr } = spawnSync(program, [...REPORTERS, THIS_FILE], {
        env,
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
      const { passed, skipped } = JSON.parse(stdout);
      assert.deepEqual(skipped, []);
      assert.ok(passed >= FEWEST, `only ${passed} tests passed: ${stderr}`);
    });
  }
}
