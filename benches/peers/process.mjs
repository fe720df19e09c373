// @ts-check
/**
 * Starts a peer in its own process and measures it there, so that peers don't share compiled code
 * and an event loop.
 *
 * @module
 */

/** @import { ChildProcess } from "node:child_process" */
/** @import { Operation } from "./operations.mjs" */

import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";

/**
 * A request to the process.
 *
 * @typedef {object} Request
 * @property {Operation} operation
 * @property {"prepare" | "run"} stage
 * @property {number} calls
 * @property {number} atOnce a divisor of the calls
 */

/**
 * The times of a call, in milliseconds.
 *
 * @typedef {object} Times
 * @property {number} wall wall time
 * @property {number} client processor time of the peer's process
 * @property {number} [server] processor time of the backends of its connections, on Linux
 */

/**
 * @typedef {object} PeerProcess
 * @property {(operation: Operation, calls: number, atOnce?: number) => Promise<Times>} run returns
 * the mean times of a call
 * @property {() => Promise<void>} stop
 */

const SERVE = fileURLToPath(new URL("serve.mjs", import.meta.url));
const NANOSECONDS = 1_000_000;

/**
 * @param {string} module of the peer
 * @param {string} url of its database
 * @param {number} total the number of its sessions
 * @returns {Promise<PeerProcess>}
 */
export async function startPeer(module, url, total) {
  const observer = new pg.Client({ connectionString: url });
  await observer.connect();
  const child = fork(SERVE, [module, `${url}?application_name=${module}`, `${total}`], {
    execArgv: ["--expose-gc"],
  });
  await answerOf(child, module);

  const ask = async (/** @type {Request} */ request) => {
    child.send(request);
    return await answerOf(child, module);
  };
  return {
    run: async (operation, calls, atOnce = 1) => {
      await ask({ operation, stage: "prepare", calls, atOnce });
      const before = await backendTimes(observer, module);
      const { wall, client } = await ask({ operation, stage: "run", calls, atOnce });
      const after = await backendTimes(observer, module);
      return {
        wall: wall / calls,
        client: client / calls,
        ...(before && after && { server: growth(before, after) / calls }),
      };
    },
    stop: async () => {
      await observer.end();
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/**
 * @param {ChildProcess} child
 * @param {string} module
 * @returns {Promise<Times>}
 */
function answerOf(child, module) {
  return new Promise((resolve, reject) => {
    const onExit = (/** @type {number | null} */ code, /** @type {string | null} */ signal) =>
      reject(new Error(`the process of ${module} ended with ${signal ?? code}`));
    child.once("exit", onExit);
    child.once("message", (answer) => {
      child.off("exit", onExit);
      resolve(/** @type {Times} */ (answer));
    });
  });
}

/**
 * The processor time of the backend of each connection, by its process id. The workers of parallel
 * queries are not included.
 *
 * @param {pg.Client} observer
 * @param {string} application the name of the connections
 * @returns {Promise<Map<number, number> | undefined>} milliseconds; `undefined` if the system
 *   doesn't report them
 */
async function backendTimes(observer, application) {
  if (process.platform !== "linux") return undefined;
  const { rows } = await observer.query(
    "select pid from pg_stat_activity where application_name = $1",
    [application],
  );
  return new Map(
    rows.map(({ pid }) => {
      const [running] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
      return [pid, Number(running) / NANOSECONDS];
    }),
  );
}

/**
 * @param {Map<number, number>} before
 * @param {Map<number, number>} after
 */
function growth(before, after) {
  let sum = 0;
  for (const [pid, time] of after) sum += time - (before.get(pid) ?? 0);
  return sum;
}
