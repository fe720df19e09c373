// The Redis servers of the tests: a single one, or a cluster of three.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort, programPath, programVersion, startProgram, temporaryFolder } from "./server.mjs";

/** The number of slots of a cluster. Each slot must be assigned to a node. */
const SLOTS = 16_384;

/** The version of the server that `startRedis` starts. */
export function redisVersion() {
  return programVersion(programPath("redis-server"));
}

/**
 * Starts an empty server.
 *
 * @param {{ settings?: Record<string, string> }} [options] settings of `redis.conf`. By default
 *   nothing is written to the disk.
 * @returns {Promise<{ url: string, kill: () => Promise<void>, start: () => Promise<void>, stop: ()
 * => Promise<void> }>} after a `kill`, `start` starts it again on the same files
 */
export async function startRedis({ settings = {} } = {}) {
  return startIn(temporaryFolder("redis"), await freePort(), settings);
}

/**
 * Starts a cluster of three masters.
 *
 * @returns {Promise<{ urls: string[], stop: () => Promise<void> }>}
 */
export async function startRedisCluster() {
  const folder = temporaryFolder("redis-cluster");
  /** @type {{ port: number, url: string, stop: () => Promise<void> }[]} */
  const nodes = [];
  for (const name of ["a", "b", "c"]) {
    const port = await freePort();
    // By default a node's cluster port is 10,000 above its port, which may be out of range.
    const settings = {
      "cluster-enabled": "yes",
      "cluster-port": `${await freePort()}`,
      "cluster-node-timeout": "5000",
    };
    nodes.push({ port, ...(await startIn(join(folder, name), port, settings)) });
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const create = ["--cluster", "create", ...addresses, "--cluster-replicas", "0", "--cluster-yes"];
  execFileSync(programPath("redis-cli"), create, { stdio: ["ignore", "ignore", "pipe"] });
  await untilAllAgree(nodes.map(({ port }) => port));
  return {
    urls: nodes.map(({ url }) => url),
    stop: async () => {
      for (const { stop } of nodes) await stop();
    },
  };
}

/**
 * @param {string} folder
 * @param {number} port
 * @param {Record<string, string>} settings
 */
async function startIn(folder, port, settings) {
  mkdirSync(folder, { recursive: true });
  const all = {
    port: `${port}`,
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "no",
    ...settings,
  };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const program = programPath("redis-server");
  const isReady = async () => (await ask(port, "PING")).startsWith("+PONG");
  const start = () => startProgram(program, args, { cwd: folder, isReady });
  let server = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => server.kill(),
    stop: () => server.stop(),
    start: async () => {
      server = await start();
    },
  };
}

/**
 * Waits until every node knows the whole cluster. `redis-cli` returns once one node knows it, but a
 * client may ask any node.
 *
 * @param {number[]} ports
 */
async function untilAllAgree(ports) {
  for (const port of ports) {
    const agrees = async () => {
      const info = await ask(port, "CLUSTER INFO");
      return info.includes("cluster_state:ok") && info.includes(`cluster_slots_ok:${SLOTS}`);
    };
    while (!(await agrees())) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Sends one inline command on a new connection, and returns the beginning of the answer.
 *
 * @param {number} port
 * @param {string} command
 * @returns {Promise<string>}
 */
function ask(port, command) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${command}\r\n`));
    socket.setEncoding("utf8").once("data", (text) => {
      socket.destroy();
      resolve(String(text));
    });
    socket.once("error", reject);
  });
}
