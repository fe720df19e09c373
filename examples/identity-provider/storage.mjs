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
 * @returns {Promise<Storage>}
 */
export async function openStorage(file) {
  await mkdir(dirname(resolve(file)), { recursive: true });
  // Readable by its owner only, before anything is in it: it has the addresses of people.
  await (await open(file, "a", 0o600)).close();
  const client = createClient({ url: pathToFileURL(file).href });
  const kysely = new Kysely({ dialect: libsqlDialect(client) });
  await migrate(kysely, { dialect: "sqlite" });
  const stores = sqlStores(kysely, { dialect: "sqlite" });
  await createAuditTable(kysely);
  const audit = new AuditLog({ write: auditTable(kysely) });
  const count = async () => stores.sessions.count({});

  return {
    stores,
    audit,
    count,
    fill: async (wanted, onProgress) => {
      // The sessions that are there decide which ones come next, so that a second call does not
      // make the same again.
      const sessions = madeUpSessions(wanted, { seed: await count(), now: Date.now() });
      await bulkInsert(kysely, sessions, wanted, onProgress);
    },
    close: async () => {
      await audit.stop();
      await kysely.destroy();
      client.close();
    },
  };
}
