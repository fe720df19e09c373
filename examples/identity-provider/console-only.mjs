// @ts-check
/**
 * `cargo xtask start --browser`: the console alone, over made-up sessions in the browser. There is
 * no provider and no database.
 *
 * @module
 */

import { getRequestListener } from "@hono/node-server";
import { consoleFiles } from "rollcall/console";
import { CONSOLE_USAGE, readConsoleOptions } from "./options.mjs";
import { complaint, UsageError } from "./user-error.mjs";
import { hasUser, openBrowser } from "./web/open-browser.mjs";
import { Servers } from "./web/ports.mjs";

await main(process.argv.slice(2)).catch((error) => {
  console.error(complaint(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
});

/** @param {string[]} args */
async function main(args) {
  const { help, port, opens } = readConsoleOptions(args);
  if (help) {
    console.log(CONSOLE_USAGE);
    return;
  }
  const servers = await Servers.open(1, port, console.log);
  const server = servers.next();
  const listener = getRequestListener(consoleFiles({ basePath: "/" }), {
    overrideGlobalObjects: false,
  });
  server.serve(listener);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => servers.close());

  const url = `http://127.0.0.1:${server.port}/?demo`;
  console.log(`
The console is running with made-up sessions, which stay in your browser.

  Session console     ${url}

Ctrl-C stops.
`);
  if (opens && hasUser()) openBrowser(url, console.log);
}
