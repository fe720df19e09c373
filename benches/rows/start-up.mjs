// @ts-check
/**
 * The start-up of the core in Node, over that of a wasm-bindgen module that does nothing
 * (`benches/empty-module/`, which `cargo xtask bench` builds in the same way).
 *
 * Each start has its own process, because V8 caches a module within a process.
 *
 * @module
 */

/** @import { Finding } from "../findings.mjs" */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { summarize } from "../paired.mjs";

const BUDGET = 3;
const ROUNDS = 100;

const PROGRAM = fileURLToPath(new URL("start-up/start.mjs", import.meta.url));
const CORE = new URL("../../pkg/core", import.meta.url);
const EMPTY_MODULE = new URL("../../target/bench/empty-module/empty", import.meta.url);

/** @returns {Promise<Finding[]>} */
export async function measure() {
  if (!existsSync(new URL(`${EMPTY_MODULE.href}.js`))) {
    throw new Error("the empty module is not built: run `cargo xtask bench`");
  }
  /** @type {[core: Times, empty: Times][]} */
  const rounds = [];
  while (rounds.length < ROUNDS) {
    if (Math.random() < 0.5) {
      const core = start(CORE);
      rounds.push([core, start(EMPTY_MODULE)]);
    } else {
      const empty = start(EMPTY_MODULE);
      rounds.push([start(CORE), empty]);
    }
  }
  const ratio = (/** @type {(times: Times) => number} */ time) =>
    summarize(rounds.map(([core, empty]) => [time(core), time(empty)]));
  return [
    {
      what: "instantiating the core in Node: over an empty module",
      ratio: ratio(({ instantiate }) => instantiate),
      budget: BUDGET,
    },
    {
      what: "compiling and instantiating the core in Node: over an empty module",
      ratio: ratio(({ compile, instantiate }) => compile + instantiate),
    },
  ];
}

/**
 * Milliseconds.
 *
 * @typedef {{ compile: number, instantiate: number }} Times
 */

/**
 * Starts a module once, in its own process.
 *
 * @param {URL} module the URL of its files without their endings
 * @returns {Times}
 */
function start(module) {
  return JSON.parse(execFileSync(process.execPath, [PROGRAM, module.href], { encoding: "utf8" }));
}
