// @ts-check
/**
 * The origins that notifications go to.
 *
 * @module
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("receivers.mjs", import.meta.url));

/**
 * Origins by how they treat a request.
 *
 * @typedef {object} Origins
 * @property {string[]} answering
 * @property {string[]} silent they take the connection and never say anything
 * @property {string[]} refusing they take no connection
 */

/**
 * Starts so many of each kind, in a process of their own.
 *
 * @param {{ [Kind in keyof Origins]: number }} wanted
 */
export async function startOrigins(wanted) {
  const receivers = fork(PROGRAM, [JSON.stringify(wanted)], { execArgv: [] });
  const [origins] = /** @type {[Origins]} */ (await once(receivers, "message"));
  return {
    ...origins,
    /**
     * How many requests were answered so far.
     *
     * @returns {Promise<number>}
     */
    answered: async () => {
      receivers.send("how many");
      const [count] = await once(receivers, "message");
      return count;
    },
    stop: async () => {
      receivers.disconnect();
      await once(receivers, "exit");
    },
  };
}
