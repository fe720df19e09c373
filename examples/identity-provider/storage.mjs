// @ts-check
/**
 * The SQLite file that contains all data.
 *
 * @module
 */

/** @import { HostStores } from "./application.mjs" */

import { mkdir, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";
import { AuditLog } from "../audit-log/audit-log.mjs";
import { auditTable, createAuditTable } from "../audit-log/audit-table.mjs";
import { bulkInsert } from "./made-up/bulk-insert.mjs";
import { madeUpSessions } from "./made-up/sessions.mjs";
import { ABSOLUTE_LIFETIME } from "./provider/coordination.mjs";
import { UsageError, UserError } from "./user-error.mjs";

/**
 * @typedef {object} Storage
 * @property {HostStores} stores
 * @property {AuditLog} audit
 * @property {() => Promise<number>} count the number of sessions
 * @property {(count: number, onProgress: (done: number) => void) => Promise<void>} fill adds
 * made-up sessions
 * @property {() => Promise<void>} close call it when the services have stopped
 */

/**
 * Opens the file, or creates it if it's missing, and migrates it to the schema of this version.
 *
 * @param {string} file
 * @param {(folder: string) => void} onFolderMade receives the first folder that was created for it
 * @returns {Promise<Storage>}
 * @throws {UserError} if the file is a folder, is not a SQLite database, or has the tables of a
 * later version or of one before the first release
 */
export async function openStorage(file, onFolderMade) {
  const made = await mkdir(dirname(resolve(file)), { recursive: true });
  if (made !== undefined) onFolderMade(made);
  // The file will contain the IP addresses of users, so only its owner can read it from the start.
  const opened = await open(file, "a", 0o600).catch((error) => {
    throw unusable(file, error);
  });
  await opened.close();
  const client = createClient({ url: pathToFileURL(file).href });
  const kysely = new Kysely({ dialect: libsqlDialect(client) });
  const close = async () => {
    await kysely.destroy();
    client.close();
  };
  try {
    await migrate(kysely, { dialect: "sqlite" });
    if ((await versionOf(kysely)) > (await versionOfPackage())) {
      throw new UserError(
        `\`${file}\` is of a later version of Rollcall: update this one, or give another file with --data`,
      );
    }
    await createAuditTable(kysely);
  } catch (error) {
    await close();
    throw unusable(file, error);
  }
  const stores = sqlStores(kysely, { dialect: "sqlite" });
  const audit = new AuditLog({ write: auditTable(kysely) });
  const count = async () => stores.sessions.count({});

  return {
    stores,
    audit,
    count,
    fill: async (wanted, onProgress) => {
      // The seed is the number of sessions, so a second call doesn't make the same ones again.
      const sessions = madeUpSessions(wanted, {
        seed: await count(),
        now: Date.now(),
        absoluteLifetime: ABSOLUTE_LIFETIME,
      });
      await bulkInsert(kysely, sessions, wanted, onProgress);
    },
    close: async () => {
      await audit.stop();
      await close();
    },
  };
}

/**
 * @param {Kysely<any>} kysely
 * @returns {Promise<number>} the version of the schema
 */
async function versionOf(kysely) {
  const rows = await kysely.selectFrom("rollcall_migrations").select("version").execute();
  return Math.max(...rows.map(({ version }) => version));
}

/** The version of a new database. `migrate` doesn't refuse a later one, so it's checked here. */
async function versionOfPackage() {
  const client = createClient({ url: ":memory:" });
  const kysely = new Kysely({ dialect: libsqlDialect(client) });
  try {
    await migrate(kysely, { dialect: "sqlite" });
    return await versionOf(kysely);
  } finally {
    await kysely.destroy();
    client.close();
  }
}

/**
 * @param {string} file
 * @param {unknown} error of the migration
 * @returns {unknown}
 */
function unusable(file, error) {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EISDIR") return new UsageError(`\`${file}\` is a folder: give a file with --data`);
  if (code === "SQLITE_NOTADB")
    return new UserError(`\`${file}\` is no SQLite database: give another file with --data`);
  if (code === "not_configured") {
    return new UserError(
      `\`${file}\` is of an earlier version of Rollcall: remove it, or give another file with --data`,
      { cause: error },
    );
  }
  return error;
}
