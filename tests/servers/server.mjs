// What the tests' own servers have in common. Each runs on loopback, in a fresh folder, and ends with the process that started it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Says that this machine has no such server, and what to install. */
export class Unavailable extends Error {}

// In memory where there is such a file system: the tests write much and need none of it to last.
const TEMPORARY = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

// How long a server may take to answer for the first time, or to end when it is asked to. Milliseconds.
const PATIENCE = 60_000;

/** A fresh folder, removed when this process ends. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(TEMPORARY, `rollcall-${name}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a program: in one of `folders`, or on the PATH. */
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

/** A port of the loopback interface that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A program that runs in the background.
 *
 * @param {string} program its path
 * @param {string[]} args
 * @param {object} options those of `spawn`, and `isReady`: resolves to true once it answers
 * @returns {Promise<{ kill: () => Promise<void>, stop: (signal?: string) => Promise<void> }>} `kill` ends it at once, as a crash
 * would; `stop` asks it to end
 */
export async function startProgram(program, args, { isReady, ...options }) {
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let log = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-20_000);
    });
  }
  const ended = once(server, "exit");
  const endWithUs = () => server.kill("SIGKILL");
  process.once("exit", endWithUs);
  const end = async (signal) => {
    process.off("exit", endWithUs);
    if (server.exitCode === null && server.signalCode === null) {
      server.ref();
      server.kill(signal);
      await ended;
    }
  };
  // A server that a test forgot does not keep the test from ending.
  server.unref();
  server.stdout.unref();
  server.stderr.unref();
  await untilReady(isReady, () => {
    if (server.exitCode !== null) throw new Error(`${program} ended: ${log}`);
    return log;
  });
  return { kill: () => end("SIGKILL"), stop: (signal = "SIGTERM") => end(signal) };
}

async function untilReady(isReady, log) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const reason = await isReady().then(
      (ready) => (ready ? undefined : "it is not ready"),
      (error) => error,
    );
    if (reason === undefined) return;
    const text = log();
    if (Date.now() > deadline) throw new Error(`the server does not answer: ${text}`, { cause: reason });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
