// The conformance kit on a PostgreSQL server of its own.
import { after, test } from "node:test";
import { testStores } from "../../pkg/testing.js";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { emptyStores } from "./postgres-drivers.mjs";

/**
 * Declares the tests for one driver; on a machine without PostgreSQL one that is skipped, with the reason.
 *
 * @param {string} driver its name
 * @param {(url: string) => Promise<import("kysely").Kysely<unknown>>} connect opens the database, with the tables of this version
 */
export async function testOnPostgres(driver, connect) {
  const server = await startPostgres().catch((error) => {
    if (!(error instanceof Unavailable)) throw error;
    test(`the SQL stores on PostgreSQL by ${driver}`, { skip: error.message }, () => {});
  });
  if (server === undefined) return;
  const kysely = await connect(server.url);
  after(async () => {
    await kysely.destroy();
    await server.stop();
  });
  await testStores(
    (promise, run) => test(`${promise}, on PostgreSQL by ${driver}`, run),
    () => emptyStores(kysely),
  );
}
