// The MariaDB server of the tests.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import mysql from "mysql2/promise";
import {
  freePort,
  giveToAccount,
  programPath,
  programVersion,
  startProgram,
  temporaryFolder,
} from "./server.mjs";

const USER = "mysql";

const serverPath = () => programPath("mariadbd", ["/usr/sbin"]);

/** The version of the server that `startMariadb` starts. */
export function mariadbVersion() {
  return programVersion(serverPath());
}

/**
 * Starts a server with one empty database, `test`. `root` has no password.
 *
 * @param {object} [options]
 * @param {Record<string, string>} [options.settings] by the names of the server's options
 * @param {string} [options.folder] the folder of its files, reused if it exists; by default a fresh
 *   one
 * @returns {Promise<{ url: string, kill: () => Promise<void>, start: () => Promise<void>, stop: ()
 * => Promise<void> }>} after a `kill`, `start` starts it again on the same files
 */
export async function startMariadb({ settings = {}, folder = temporaryFolder("mariadb") } = {}) {
  mkdirSync(folder, { recursive: true });
  const data = join(folder, "data");
  // The server doesn't run as root unless an option allows it, so it runs as the account of its
  // package.
  const user = giveToAccount(folder, USER) === undefined ? [] : [`--user=${USER}`];
  if (!existsSync(data)) {
    const wanted = [
      `--datadir=${data}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      ...user,
    ];
    execFileSync(programPath("mariadb-install-db"), ["--no-defaults", ...wanted], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}/test`;
  const args = [
    "--no-defaults",
    `--datadir=${data}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--socket=${join(folder, "socket")}`,
    // A server that starts deletes the temporary tables in this folder, even those of another
    // running server.
    `--tmpdir=${folder}`,
    "--innodb-flush-log-at-trx-commit=0",
    ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ...user,
  ];
  const start = () =>
    startProgram(serverPath(), args, {
      cwd: folder,
      isReady: () => hasDatabase(url.replace(/test$/, "")),
    });
  let server = await start();
  return {
    url,
    kill: () => server.kill(),
    stop: () => server.stop(),
    start: async () => {
      server = await start();
    },
  };
}

/** @param {string} url */
async function hasDatabase(url) {
  const connection = await mysql.createConnection(url);
  try {
    await connection.query("create database if not exists test");
    return true;
  } finally {
    await connection.end();
  }
}
