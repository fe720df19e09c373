// All tests of the SQL stores, for one engine.
import { test } from "node:test";
import { testCases } from "./cases.mjs";
import { testConcurrency } from "./concurrency.mjs";
import { testCopy } from "./copies.mjs";
import { damageCases } from "./damage-cases.mjs";
import { engine } from "./engines.mjs";
import { failureCases } from "./failure-cases.mjs";
import { forbidOnSqlite } from "./forbid.mjs";
import { testStores } from "./kit.mjs";
import { testMigrations } from "./migrations.mjs";
import { testQueryPlans } from "./query-plans.mjs";
import { refusalCases } from "./refusal-cases.mjs";
import { openForKit } from "./support.mjs";
import { testTransactions } from "./transactions.mjs";

/** Declares the tests. Without the engine, declares a skipped test with the reason. */
export async function testEngine(name) {
  const { unavailable, ...database } = await engine(name);
  if (unavailable !== undefined) {
    test(`the SQL stores on ${name}`, { skip: unavailable }, () => {});
    return;
  }
  const open = () => openForKit(database);
  await testStores((title, run) => test(`${title}, on ${name}`, run), open, name);
  testCases(`refusals by the stores on ${database.name}`, refusalCases(open));
  testCases(`damaged rows on ${database.name}`, damageCases(open));
  testCases(`failures on ${database.name}`, failureCases({ open, forbid: forbidOnSqlite }));
  testTransactions(database);
  testQueryPlans(database);
  testMigrations(database);
  testConcurrency(database);
  testCopy(database);
}
