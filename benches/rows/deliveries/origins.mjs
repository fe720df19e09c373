// @ts-check
/**
 * The origins that receive the notifications.
 *
 * @module
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("receivers.mjs", import.meta.url));

/**
 * Origins by their behaviour.
 *
 * @typedef {object} Origins
 * @property {string[]} answering
 * @property {string[]} silent accept connections and never answer
 * @property {string[]} refusing refuse connections
 */

/**
 * Starts this many of each kind, in a separate process.
 *
 * @param {{ [Kind in keyof Origins]: number }} wanted
 */
export async function startOrigins(wanted) {
  const receivers = fork(PROGRAM, [JSON.stringify(wanted)], { execArgv: [] });
  const [origins] = /** @type {[Origins]} */ (await once(receivers, "message"));
  return {
    ...origins,
    /**
     * Asks for the number of answered requests.
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
