/**
 * The example identity provider, started like `cargo xtask start`.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(
  new URL("../../../examples/identity-provider/server.mjs", import.meta.url),
);

/** A folder for the data of one suite, and a function that removes it. */
export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-e2e-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Starts the program and waits until it prints its addresses. Its ports are free ones, unless the
 * options name one, because test files run concurrently.
 *
 * @param {string} data the SQLite file
 * @param {...string} options
 */
export async function startExample(data, ...options) {
  const program = spawn(process.execPath, [PROGRAM, "--data", data, "--port", "0", ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(program, "exit");
  let output = "";
  const ready = new Promise((resolve, reject) => {
    const collect = (chunk) => {
      output += chunk;
      if (output.includes("Ctrl-C stops.")) resolve();
    };
    program.stdout.on("data", collect);
    program.stderr.on("data", collect);
    program.once("exit", (code) =>
      reject(new Error(`the example ended with ${code} before it was ready:\n${output}`)),
    );
  });
  await ready;

  const place = (name) =>
    new RegExp(`^ *${name} +(http://\\S+)/$`, "m").exec(output)?.[1] ??
    fail(`no address of ${name}:\n${output}`);
  return {
    issuer: place("Identity provider"),
    notes: place("Notes"),
    photos: place("Photos"),
    console: `${place("Session console")}/`,
    /** Its output so far. */
    output: () => output,
    /** Ends it like Ctrl-C, and returns its exit code. */
    stop: async () => {
      program.kill("SIGINT");
      const [code] = await ended;
      return code;
    },
  };
}

/**
 * Runs the program until it exits.
 *
 * @param {...string} options
 */
export async function runExample(...options) {
  const program = spawn(process.execPath, [PROGRAM, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  program.stdout.on("data", (chunk) => {
    output += chunk;
  });
  program.stderr.on("data", (chunk) => {
    output += chunk;
    errors += chunk;
  });
  const [code] = await once(program, "close");
  return { code, output, errors };
}

function fail(message) {
  throw new Error(message);
}
