// The PostgreSQL server of the tests.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import {
  freePort,
  giveToAccount,
  programPath,
  programVersion,
  startProgram,
  temporaryFolder,
} from "./server.mjs";

const USER = "postgres";

/** The folders of the server's programs on various systems, the newest version first. */
function programFolders() {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(base, version, "bin"));
}

/** The version of the server that `startPostgres` starts. */
export function postgresVersion() {
  return programVersion(programPath("postgres", programFolders()));
}

/**
 * Starts a server with one empty database.
 *
 * @param {object} [options]
 * @param {Record<string, string>} [options.settings] of `postgresql.conf`. By default nothing is
 *   flushed to the disk: a test doesn't mind losing data in a crash of the machine, and a killed
 *   server loses nothing either way.
 * @param {string} [options.folder] the folder of its files, reused if it exists; by default a fresh
 *   one
 * @returns {Promise<{ url: string, kill: () => Promise<void>, start: () => Promise<void>, stop: ()
 * => Promise<void> }>} after a `kill`, `start` starts it again on the same files
 */
export async function startPostgres({ settings = {}, folder = temporaryFolder("postgres") } = {}) {
  const folders = programFolders();
  const initdb = programPath("initdb", folders);
  const postgres = programPath("postgres", folders);
  mkdirSync(folder, { recursive: true });
  const data = join(folder, "data");
  // The server refuses to run as root, so it runs as the account of its package.
  const account = giveToAccount(folder, USER) ?? {};
  if (!existsSync(data)) {
    // The collation of the database deliberately isn't C: the schema must not depend on it.
    const wanted = [
      "--username",
      USER,
      "--auth",
      "trust",
      "--encoding",
      "UTF8",
      "--locale",
      "C.UTF-8",
      "--no-sync",
    ];
    execFileSync(initdb, ["--pgdata", data, ...wanted], {
      ...account,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
  const port = await freePort();
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  const all = {
    port: `${port}`,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    max_connections: "100",
    ...settings,
  };
  const args = [
    "-D",
    data,
    ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const start = () =>
    startProgram(postgres, args, { ...account, cwd: folder, isReady: () => answers(url) });
  let server = await start();
  return {
    url,
    kill: () => server.kill(),
    // A fast shutdown, which doesn't wait for clients to disconnect.
    stop: () => server.stop("SIGINT"),
    start: async () => {
      server = await start();
    },
  };
}

/**
 * Whether a server, or a pooler in front of one, answers.
 *
 * @param {string} connectionString
 */
export async function answers(connectionString) {
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
