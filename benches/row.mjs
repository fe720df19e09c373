// @ts-check
/**
 * Measures one row in its own process, so that the memory and the compiled code of other rows don't
 * affect it. `run.mjs` starts it with the name of the row and the scale as JSON, and receives the
 * findings as a message.
 *
 * @module
 */

const [name, scale = "{}"] = process.argv.slice(2);
const { measure } = await import(`./rows/${name}.mjs`);
process.send?.(await measure(JSON.parse(scale)));
process.disconnect();
