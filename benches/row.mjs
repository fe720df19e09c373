// @ts-check
/**
 * Measures one row, in a process of its own: no row finds what another has left in memory, or what
 * the engine has learnt from it. `run.mjs` starts it, with the name of the row and the scale as
 * JSON, and gets the findings as a message.
 *
 * @module
 */

const [name, scale = "{}"] = process.argv.slice(2);
const { measure } = await import(`./rows/${name}.mjs`);
process.send?.(await measure(JSON.parse(scale)));
process.disconnect();
