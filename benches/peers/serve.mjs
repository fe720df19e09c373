// @ts-check
/**
 * Runs a peer in its own process: `node serve.mjs MODULE URL TOTAL`. `process.mjs` starts it and
 * sends the operations to run.
 *
 * @module
 */

/** @import { Operations } from "./operations.mjs" */
/** @import { Request, Times } from "./process.mjs" */

const [module, url, total] = process.argv.slice(2);
const { start } = await import(`./${module}.mjs`);
/** @type {Operations} */
const operations = await start(url, Number(total));

process.on("message", async (/** @type {Request} */ { operation, stage, calls, atOnce }) => {
  const side = operations[operation];
  if (side === undefined) throw new Error(`${module} has no \`${operation}\``);
  const { prepare, call } = typeof side === "function" ? { prepare: undefined, call: side } : side;
  if (stage === "prepare") {
    await prepare?.(calls);
    // Collects the garbage of the preparation outside the measured time.
    globalThis.gc?.({ type: "minor" });
    process.send?.({});
  } else {
    process.send?.(await timesOf(call, calls, atOnce));
  }
});
process.once("disconnect", () => process.exit());
process.send?.({});

/**
 * @param {() => Promise<unknown>} call
 * @param {number} calls
 * @param {number} atOnce
 * @returns {Promise<Times>}
 */
async function timesOf(call, calls, atOnce) {
  const usage = process.cpuUsage();
  const start = performance.now();
  for (let made = 0; made < calls; made += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, call));
  }
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(usage);
  return { wall, client: (user + system) / 1_000 };
}
