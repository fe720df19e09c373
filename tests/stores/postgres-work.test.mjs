// Transactions of the host, migrations and copies on PostgreSQL.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Unavailable } from "../servers/server.mjs";
import { testCopy } from "./copies.mjs";
import { testMigrations } from "./migrations.mjs";
import { startPostgresEngine } from "./postgres-engine.mjs";
import { session } from "./samples.mjs";
import { openStores } from "./support.mjs";
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

  test("a column that a trigger of the host misses is not mistaken for the old layout", async (t) => {
    const { sessions, query } = await openStores(t, engine);
    for (const [body, code] of [
      ["select missing from pg_class", "42703"],
      ["perform missing(1)", "42883"],
    ]) {
      await query(`create or replace function of_the_host() returns trigger language plpgsql as
        $$ begin ${body}; return new; end $$`);
      await query(`create or replace trigger of_the_host before insert on rollcall_sessions
        for each row execute function of_the_host()`);
      await assert.rejects(sessions.create(session("a")), { code });
    }
  });
}
