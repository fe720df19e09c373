// The PgBouncer of the tests, in front of a PostgreSQL server.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers } from "./postgres.mjs";
import {
  freePort,
  giveToAccount,
  programPath,
  programVersion,
  startProgram,
  temporaryFolder,
} from "./server.mjs";

const programFolders = ["/usr/sbin"];

/** The version of the pooler that `startPgbouncer` starts. */
export function pgbouncerVersion() {
  return programVersion(programPath("pgbouncer", programFolders));
}

/**
 * Starts a pooler that gives each transaction any free connection.
 *
 * @param {string} serverUrl of the server behind it
 * @param {{ connections?: number }} [options] the number of connections to the server
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} `url` is the address of the same
 *   database
 */
export async function startPgbouncer(serverUrl, { connections = 4 } = {}) {
  const program = programPath("pgbouncer", programFolders);
  const { hostname, port: serverPort, username, pathname } = new URL(serverUrl);
  const folder = temporaryFolder("pgbouncer");
  const port = await freePort();
  const configuration = join(folder, "pgbouncer.ini");
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "any",
    pool_mode: "transaction",
    default_pool_size: connections,
  };
  const lines = [
    "[databases]",
    `* = host=${hostname} port=${serverPort} user=${username}`,
    "[pgbouncer]",
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
  ];
  writeFileSync(configuration, `${lines.join("\n")}\n`);
  // It refuses to run as root, so it runs as the account of the server.
  const account = giveToAccount(folder, "postgres") ?? {};
  const url = `postgres://${username}@127.0.0.1:${port}${pathname}`;
  const pooler = await startProgram(program, [configuration], {
    ...account,
    cwd: folder,
    isReady: () => answers(url),
  });
  // Stops at once, without waiting for clients to disconnect.
  return { url, stop: () => pooler.stop("SIGTERM") };
}
