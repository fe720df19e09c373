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
import { bulkInsert } from "./made-up/bulk-insert.mjs";
import { madeUpSessions } from "./made-up/sessions.mjs";
import { ABSOLUTE_LIFETIME } from "./provider/coordination.mjs";

/**
 * @typedef {object} Storage
 * @property {HostStores} stores
 * @property {() => Promise<number>} count how many sessions there are
 * @property {(count: number, onProgress: (done: number) => void) => Promise<void>} fill adds
 * made-up sessions
 * @property {() => Promise<void>} close
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
  const count = async () => stores.sessions.count({});

  return {
    stores,
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
      await kysely.destroy();
      client.close();
    },
  };
}
