// What happens on PostgreSQL within a transaction of the host's, to its tables, and to a copy.
import { after, test } from "node:test";
import { Unavailable } from "../servers/server.mjs";
import { testCopy } from "./copies.mjs";
import { testMigrations } from "./migrations.mjs";
import { startPostgresEngine } from "./postgres-engine.mjs";
import { testTransactions } from "./transactions.mjs";

const engine = await startPostgresEngine().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("transactions and migrations on PostgreSQL", { skip: error.message }, () => {});
});

if (engine !== undefined) {
  after(() => engine.stop());
  testTransactions(engine);
  testMigrations(engine);
  testCopy(engine);
}
