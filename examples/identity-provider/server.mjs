// @ts-check
/**
 * `cargo xtask start`: an identity provider with two applications and the session console, on this
 * machine only.
 *
 * @module
 */

import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./application.mjs";
import { readOptions, USAGE } from "./options.mjs";
import { openStorage } from "./storage.mjs";
import { complaint, UsageError } from "./user-error.mjs";
import { hasUser, openBrowser } from "./web/open-browser.mjs";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** How often progress is printed where lines can't be replaced, in milliseconds. */
const PROGRESS = 5_000;

await main(process.argv.slice(2)).catch((error) => {
  console.error(complaint(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
});

/** @param {string[]} args */
async function main(args) {
  const { help, data, fill, port, opens } = readOptions(args);
  if (help) {
    console.log(USAGE);
    return;
  }
  const place = shown(data);
  const tokenFile = `${data}.token`;
  const storage = await step(`opening ${place}`, () =>
    openStorage(data, (folder) => console.log(`made the folder ${folder}`)),
  );
  const running = await startOver(storage).catch(async (error) => {
    await storage.close();
    throw error;
  });
  // A second signal has no listener, so it ends the process at once.
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      await running.stop();
      await storage.close();
    });
  }
  console.log(await greeting(place, shown(tokenFile), storage, running));
  if (opens && hasUser()) openBrowser(consoleOf(running), console.log);

  /** @param {Awaited<ReturnType<typeof openStorage>>} storage */
  async function startOver(storage) {
    if (fill > 0) await step("adding made-up sessions", () => addMadeUpSessions(storage, fill));
    return step("starting the servers", () =>
      start({
        stores: storage.stores,
        audit: storage.audit,
        secretsFile: `${data}.secrets.json`,
        tokenFile,
        port,
        // Made-up sessions are for the console, including the expired ones.
        endsExpired: fill === 0,
        log: (line) => console.log(line),
      }),
    );
  }
}

/**
 * Runs a step, and prints a line when it begins and when it ends, like `cargo xtask`.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
async function step(what, run) {
  console.log(what);
  const begun = performance.now();
  const result = await run();
  console.log(`  done in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}

/**
 * @param {string} file
 * @returns {string} the relative path inside the project, otherwise the absolute path
 */
function shown(file) {
  const inside = relative(PROJECT, resolve(file));
  return inside.startsWith("..") ? resolve(file) : inside;
}

/**
 * @param {Awaited<ReturnType<typeof openStorage>>} storage
 * @param {number} count
 */
async function addMadeUpSessions(storage, count) {
  const whole = count.toLocaleString("en");
  let printed = Date.now();
  await storage.fill(count, (done) => {
    const line = `  ${done.toLocaleString("en")} of ${whole}`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}${done === count ? "\n" : ""}`);
    else if (done === count || Date.now() - printed >= PROGRESS) {
      console.log(line);
      printed = Date.now();
    }
  });
}

/** @param {{ issuer: string }} running */
function consoleOf({ issuer }) {
  return `${issuer}/admin/`;
}

/**
 * @param {string} place
 * @param {string} tokenFile
 * @param {Awaited<ReturnType<typeof openStorage>>} storage
 * @param {Awaited<ReturnType<typeof start>>} running
 * @returns {Promise<string>}
 */
async function greeting(place, tokenFile, storage, { issuer, relyingParties }) {
  const count = await storage.count();
  const places = [
    ["Identity provider", `${issuer}/`],
    ...relyingParties.map(({ name, origin }) => [name, `${origin}/`]),
    ["Session console", consoleOf({ issuer })],
  ];
  return `
Rollcall is running over ${place} (${count.toLocaleString("en")} ${count === 1 ? "session" : "sessions"}).

${places.map(([name = "", url]) => `  ${name.padEnd(20)}${url}`).join("\n")}

Sign in as alice at both applications. Then sign in to the console as carol, in another browser or
a private window, and end alice's session: the applications sign her out. The passwords are on the
sign-in page. Ctrl-C stops.

On the command line:

  npx rollcall sessions list --url ${issuer}/admin/api --token-file ${tokenFile}
`;
}
