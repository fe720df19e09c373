// @ts-check
/**
 * The SQLite file that everything is kept in.
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
import { MendableError, UsageError } from "./mendable.mjs";
import { ABSOLUTE_LIFETIME } from "./provider/coordination.mjs";

/**
 * @typedef {object} Storage
 * @property {HostStores} stores
 * @property {AuditLog} audit
 * @property {() => Promise<number>} count how many sessions there are
 * @property {(count: number, onProgress: (done: number) => void) => Promise<void>} fill adds
 * made-up sessions
 * @property {() => Promise<void>} close when nothing happens any more
 */

/**
 * Opens the file, which is made if it is not there, and brings it to the schema of this version.
 *
 * @param {string} file
 * @param {(folder: string) => void} onFolderMade gets the first folder that had to be made for it
 * @returns {Promise<Storage>}
 * @throws {MendableError} if the file is a folder or no SQLite database, or has the tables of a
 * later version or of one before the first release
 */
export async function openStorage(file, onFolderMade) {
  const made = await mkdir(dirname(resolve(file)), { recursive: true });
  if (made !== undefined) onFolderMade(made);
  // Readable by its owner only, before anything is in it: it has the addresses of people.
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
      throw new MendableError(
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
      // The sessions that are there decide which ones come next, so that a second call does not
      // make the same again.
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

/** The version that a new database gets. Rollcall itself leaves a later one as it is. */
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
    return new MendableError(`\`${file}\` is no SQLite database: give another file with --data`);
  if (code === "not_configured") {
    return new MendableError(
      `\`${file}\` is of an earlier version of Rollcall: remove it, or give another file with --data`,
      { cause: error },
    );
  }
  return error;
}
