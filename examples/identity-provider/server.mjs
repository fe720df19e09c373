// @ts-check
/**
 * `cargo xtask start`: an identity provider with two applications and the session console, on this
 * machine only.
 *
 * @module
 */

import { start } from "./application.mjs";
import { readOptions, USAGE, UsageError } from "./options.mjs";
import { openStorage } from "./storage.mjs";

await main(process.argv.slice(2)).catch((error) => {
  console.error(complaint(error));
  process.exitCode = 1;
});

/**
 * @param {unknown} error
 * @returns {unknown} a sentence for what the user can mend, such as a port that is taken; anything
 * else with its stack
 */
function complaint(error) {
  if (error instanceof UsageError) return `error: ${error.message}\n\n${USAGE}`;
  return error instanceof Error && "syscall" in error ? `error: ${error.message}` : error;
}

/** @param {string[]} args */
async function main(args) {
  const { help, data, fill, port } = readOptions(args);
  if (help) {
    console.log(USAGE);
    return;
  }
  const storage = await openStorage(data);
  if (fill > 0) await addMadeUpSessions(storage, fill);
  // Made-up sessions are there to be looked at, also those that have expired.
  const endsExpired = fill === 0;
  const running = await start({
    stores: storage.stores,
    audit: storage.audit,
    secretsFile: `${data}.secrets.json`,
    port,
    endsExpired,
  });
  // A second signal finds nobody listening any more, and ends the process the hard way.
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      await running.stop();
      await storage.close();
    });
  }
  console.log(await greeting(data, storage, running));
}

/**
 * @param {Awaited<ReturnType<typeof openStorage>>} storage
 * @param {number} count
 */
async function addMadeUpSessions(storage, count) {
  const whole = count.toLocaleString("en");
  await storage.fill(count, (done) => {
    const line = `adding made-up sessions: ${done.toLocaleString("en")} of ${whole}`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}${done === count ? "\n" : ""}`);
    else if (done === count) console.log(line);
  });
}

/**
 * @param {string} data
 * @param {Awaited<ReturnType<typeof openStorage>>} storage
 * @param {Awaited<ReturnType<typeof start>>} running
 * @returns {Promise<string>}
 */
async function greeting(data, storage, { issuer, relyingParties }) {
  const count = await storage.count();
  const places = [
    ["Identity provider", `${issuer}/`],
    ...relyingParties.map(({ name, origin }) => [name, `${origin}/`]),
    ["Session console", `${issuer}/admin/`],
  ];
  return `
Rollcall is running over ${data} (${count.toLocaleString("en")} ${count === 1 ? "session" : "sessions"}).

${places.map(([name = "", url]) => `  ${name.padEnd(20)}${url}`).join("\n")}

Sign in as alice at both applications, and in another browser or a private window as carol in the console. End
alice's session there, and see the applications sign her out. The sign-in page has the passwords. Ctrl-C stops.
`;
}
