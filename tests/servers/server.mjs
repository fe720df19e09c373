// What the tests' own servers have in common. Each runs on loopback, in a fresh folder, and ends
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

/** Says that this machine has no such server, and what to install. */
export class Unavailable extends Error {}

// In memory where there is such a file system: the tests write much and need none of it to last.
const TEMPORARY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

// How long a server may take to answer for the first time, or to end when it is asked to.
// Milliseconds.
const PATIENCE = 60_000;

/**
 * A fresh folder, removed when this process ends.
 *
 * @param {string} name a word for it
 */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(TEMPORARY, `rollcall-${name}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * The path of a program: in one of the folders, or on the PATH.
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
      // Not in this folder.
    }
  }
  throw new Unavailable(`no \`${name}\` found: install it`);
}

/**
 * What a program says of its version.
 *
 * @param {string} program its path
 */
export function programVersion(program) {
  const [version = "unknown"] =
    execFileSync(program, ["--version"], { encoding: "utf8" }).match(/\d+(\.\d+)+/) ?? [];
  return version;
}

/**
 * If we are root: gives a folder to the account that a server runs as.
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
        `no account \`${account}\`, which the server's package makes: it does not run as root`,
      );
    }
  };
  const ids = { uid: id("-u"), gid: id("-g") };
  chownSync(folder, ids.uid, ids.gid);
  return ids;
}

/** Below the ports that the system gives to connections. Each process begins at another one. */
let nextPort = 10_000 + (process.pid % 500) * 40;

/**
 * A port of the loopback interface that no program listens on, and that no other test gets: a
 * server that is killed finds it free when it starts again.
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
 * A program that runs in the background.
 *
 * @param {string} program its path
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions & { isReady: () => Promise<boolean> }} options
 *   `isReady` resolves to true once it answers
 * @returns {Promise<{ kill: () => Promise<void>, stop: (signal?: NodeJS.Signals) => Promise<void>
 * }>} `kill` ends it at once, as a crash would; `stop` asks it to end
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
  // A server that a test forgot does not keep the test from ending.
  server.unref();
  for (const stream of [server.stdout, server.stderr]) {
    if (stream instanceof Socket) stream.unref();
  }
  await untilReady(isReady, () => {
    if (server.exitCode !== null) throw new Error(`${program} ended: ${log}`);
    return log;
  });
  const kill = () => {
    // Those that it has started would live on for a moment, and do what they were told.
    const children = childrenOf(server.pid);
    const killed = end("SIGKILL");
    for (const child of children) process.kill(child, "SIGKILL");
    return killed;
  };
  return { kill, stop: (/** @type {NodeJS.Signals} */ signal = "SIGTERM") => end(signal) };
}

/**
 * The processes that a process has started; none where the system does not tell.
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
      (ready) => (ready ? undefined : "it is not ready"),
      (error) => error,
    );
    if (reason === undefined) return;
    const text = log();
    if (Date.now() > deadline)
      throw new Error(`the server does not answer: ${text}`, { cause: reason });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
