// @ts-check
/**
 * Starts one module, and prints the processor time of all threads in milliseconds.
 *
 * @module
 */

import { readFileSync } from "node:fs";

const [address = ""] = process.argv.slice(2);
const { initSync } = await import(`${address}.js`);
const bytes = readFileSync(new URL(`${address}_bg.wasm`));

const begin = process.cpuUsage();
const module = new WebAssembly.Module(bytes);
const compile = milliseconds(process.cpuUsage(begin));
const compiled = process.cpuUsage();
initSync({ module });
const instantiate = milliseconds(process.cpuUsage(compiled));

console.log(JSON.stringify({ compile, instantiate }));

/** @param {NodeJS.CpuUsage} usage */
function milliseconds({ user, system }) {
  return (user + system) / 1_000;
}
