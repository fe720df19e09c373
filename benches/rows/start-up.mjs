// @ts-check
/**
 * The start-up of the core in Node, over that of a module of wasm-bindgen that does nothing
 * (`benches/empty-module/`, built in the same way by `cargo xtask bench`).
 *
 * Each start is the first one of a process: within one, V8 would remember the module.
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
 * Starts a module once, in a process of its own.
 *
 * @param {URL} module the address of its files up to their endings
 * @returns {Times}
 */
function start(module) {
  return JSON.parse(execFileSync(process.execPath, [PROGRAM, module.href], { encoding: "utf8" }));
}
