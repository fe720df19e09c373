// All tests of the SQL stores on one engine.
import { describe, test } from "node:test";
import { STORE_CASES } from "./cases/index.mjs";
import { testConcurrency } from "./concurrency.mjs";
import { engine } from "./engines.mjs";
import { testMigrations } from "./migrations.mjs";
import { testQueryPlans } from "./query-plans.mjs";
import { openStores } from "./support.mjs";
import { testTransactions } from "./transactions.mjs";

/** Declares the tests; on a machine without the engine one that is skipped, with the reason. */
export async function testEngine(name) {
  const { unavailable, ...database } = await engine(name);
  if (unavailable !== undefined) {
    test(`the SQL stores on ${name}`, { skip: unavailable }, () => {});
    return;
  }
  for (const [store, cases] of Object.entries(STORE_CASES)) {
    describe(`${store} on ${name}`, () => {
      for (const { name, run } of cases) {
        test(name, async (t) => run(() => openStores(t, database)));
      }
    });
  }
  testTransactions(database);
  testQueryPlans(database);
  testMigrations(database);
  testConcurrency(database);
}
