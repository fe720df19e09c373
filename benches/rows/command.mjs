// @ts-check
/**
 * The start of the command line: `rollcall --help` over a bare `node -e 0`.
 *
 * @module
 */

/** @import { Finding } from "../findings.mjs" */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { summarize } from "../paired.mjs";

const BUDGET = 2;
const ROUNDS = 100;

const COMMAND = fileURLToPath(new URL("../../pkg/bin/rollcall.js", import.meta.url));

/** @returns {Promise<Finding[]>} */
export async function measure() {
  /** @type {[command: number, bare: number][]} */
  const rounds = [];
  while (rounds.length < ROUNDS) {
    if (Math.random() < 0.5) {
      const command = timeOf([COMMAND, "--help"]);
      rounds.push([command, timeOf(["-e", "0"])]);
    } else {
      const bare = timeOf(["-e", "0"]);
      rounds.push([timeOf([COMMAND, "--help"]), bare]);
    }
  }
  return [
    {
      what: "`rollcall --help`: over `node -e 0`",
      ratio: summarize(rounds),
      budget: BUDGET,
    },
  ];
}

/**
 * The wall time from the start of Node to its end, in milliseconds.
 *
 * @param {string[]} args
 */
function timeOf(args) {
  const start = performance.now();
  execFileSync(process.execPath, args);
  return performance.now() - start;
}
