// Shared by the servers of the tests. Each server runs on loopback, in a fresh folder, and ends
// with the process that started it.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Thrown if a server isn't installed on this machine. The message names what to install. */
export class Unavailable extends Error {}

// In memory if there is such a file system: the tests write a lot and keep nothing.
const TEMPORARY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

// The longest time, in milliseconds, that a server may take to start or to stop.
const PATIENCE = 60_000;

/**
 * Makes a fresh folder, which is removed when this process ends.
 *
 * @param {string} name a word in its name
 */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(TEMPORARY, `rollcall-${name}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Finds a program in one of the folders or on the PATH.
 *
 * @param {string} name
 * @param {string[]} folders
 */
export function programPath(name, folders = []) {
  for (const folder of [...folders, ...(process.env.PATH ?? "").split(delimiter)]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // It isn't in this folder.
    }
  }
  throw new Unavailable(`no \`${name}\` found: install it`);
}

/**
 * Returns the version that a program prints, such as `7.2.4`.
 *
 * @param {string} program its path
 */
export function programVersion(program) {
  const [version = "unknown"] =
    execFileSync(program, ["--version"], { encoding: "utf8" }).match(/\d+(\.\d+)+/) ?? [];
  return version;
}

/**
 * Gives a folder to the account that a server runs as, if this process is root.
 *
 * @param {string} folder
 * @param {string} account its name
 * @returns {{ uid: number, gid: number } | undefined} the account's ids, for `spawn`
 */
export function giveToAccount(folder, account) {
  if (process.getuid?.() !== 0) return undefined;
  const id = (/** @type {string} */ option) => {
    try {
      return Number(
        execFileSync("id", [option, account], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        }),
      );
    } catch {
      throw new Unavailable(
        `no account \`${account}\`: install the server's package; the server doesn't run as root`,
      );
    }
  };
  const ids = { uid: id("-u"), gid: id("-g") };
  chownSync(folder, ids.uid, ids.gid);
  return ids;
}

/** Below the ephemeral ports of the system. Each process starts at a different port. */
let nextPort = 10_000 + (process.pid % 500) * 40;

/**
 * Finds a port of the loopback interface that no program listens on and no other test gets. It's
 * still free when a killed server starts again.
 */
export async function freePort() {
  for (;;) {
    const port = nextPort++;
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      if (Object(error).code === "EADDRINUSE") continue;
      throw error;
    }
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/**
 * Starts a program in the background.
 *
 * @param {string} program its path
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions & { isReady: () => Promise<boolean> }} options
 *   `isReady` resolves to true once it answers
 * @returns {Promise<{ kill: () => Promise<void>, stop: (signal?: NodeJS.Signals) => Promise<void>
 *   }>} `kill` ends it at once, like a crash; `stop` asks it to end
 */
export async function startProgram(program, args, { isReady, ...options }) {
  const server = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-20_000);
    });
  }
  const ended = once(server, "exit");
  const endWithUs = () => server.kill("SIGKILL");
  process.once("exit", endWithUs);
  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    process.off("exit", endWithUs);
    if (server.exitCode === null && server.signalCode === null) {
      server.ref();
      server.kill(signal);
      await ended;
    }
  };
  // A server that a test didn't stop doesn't keep the test process running.
  server.unref();
  for (const stream of [server.stdout, server.stderr]) {
    if (stream instanceof Socket) stream.unref();
  }
  await untilReady(isReady, () => {
    if (server.exitCode !== null) throw new Error(`${program} ended: ${log}`);
    return log;
  });
  const kill = () => {
    // Its child processes would otherwise run for a moment and complete their work.
    const children = childrenOf(server.pid);
    const killed = end("SIGKILL");
    for (const child of children) process.kill(child, "SIGKILL");
    return killed;
  };
  return { kill, stop: (/** @type {NodeJS.Signals} */ signal = "SIGTERM") => end(signal) };
}

/**
 * Returns the child processes of a process; empty if the system doesn't list them.
 *
 * @param {number | undefined} pid
 */
function childrenOf(pid) {
  const list = `/proc/${pid}/task/${pid}/children`;
  return existsSync(list) ? readFileSync(list, "utf8").split(" ").filter(Boolean).map(Number) : [];
}

/**
 * @param {() => Promise<boolean>} isReady
 * @param {() => string} log
 */
async function untilReady(isReady, log) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const reason = await isReady().then(
      (ready) => (ready ? undefined : "it isn't ready"),
      (error) => error,
    );
    if (reason === undefined) return;
    const text = log();
    if (Date.now() > deadline)
      throw new Error(`the server doesn't answer: ${text}`, { cause: reason });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
