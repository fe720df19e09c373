// The conformance kit and the cases of all SQL engines, with a driver of PostgreSQL.
import { after, test } from "node:test";
import { CompiledQuery } from "kysely";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { testCases } from "./cases.mjs";
import { damageCases } from "./damage-cases.mjs";
import { failureCases } from "./failure-cases.mjs";
import { forbidOnPostgres } from "./forbid.mjs";
import { testStores } from "./kit.mjs";
import { emptyStores } from "./postgres-drivers.mjs";
import { refusalCases } from "./refusal-cases.mjs";

/**
 * Declares the tests for one driver with its own server. Without PostgreSQL, declares a skipped
 * test with the reason.
 *
 * @param {string} driver its name
 * @param {(url: string) => Promise<import("kysely").Kysely<unknown>>} connect opens the database,
 *   with the tables of this version
 */
export async function testOnPostgres(driver, connect) {
  const server = await startPostgres().catch((error) => {
    if (!(error instanceof Unavailable)) throw error;
    test(`the SQL stores on PostgreSQL with ${driver}`, { skip: error.message }, () => {});
  });
  if (server === undefined) return;
  const kysely = await connect(server.url);
  after(async () => {
    await kysely.destroy();
    await server.stop();
  });
  await testDatabase(`PostgreSQL with ${driver}`, kysely);
}

/** Declares the tests on an existing database. */
export async function testDatabase(name, kysely) {
  const query = async (statement) => (await kysely.executeQuery(CompiledQuery.raw(statement))).rows;
  const open = async () => ({ ...(await emptyStores(kysely)), query });
  await testStores((promise, run) => test(`${promise}, on ${name}`, run), open, name);
  testCases(`refusals by the stores on ${name}`, refusalCases(open));
  testCases(`damaged rows on ${name}`, damageCases(open, { listsClients: false }));
  const unlisting = "insert on rollcall_ended_sessions";
  testCases(`failures on ${name}`, failureCases({ open, forbid: forbidOnPostgres, unlisting }));
}
