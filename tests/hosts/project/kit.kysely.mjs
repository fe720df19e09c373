// The conformance kit on the SQL stores, with the Kysely of this project: on node:sqlite, and on
// PGlite with the dialect that Kysely includes from 0.29 on.
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, sql } from "kysely";
import { migrate, nodeSqliteDialect, sqlStores } from "rollcall/sql";
import { storeCases, testStores } from "rollcall/testing";

await testStores(
  (promise, run) => test(`${promise}, on node:sqlite`, run),
  async () => {
    const kysely = new Kysely({ dialect: nodeSqliteDialect(new DatabaseSync(":memory:")) });
    await migrate(kysely, { dialect: "sqlite" });
    return { ...sqlStores(kysely, { dialect: "sqlite" }), close: () => kysely.destroy() };
  },
);

const kysely = new Kysely({ dialect: new PGliteDialect({ pglite: await PGlite.create() }) });
after(() => kysely.destroy());
await migrate(kysely, { dialect: "postgres" });
const cases = await storeCases(async () => {
  await sql`truncate rollcall_sessions, rollcall_session_clients, rollcall_ended_sessions,
    rollcall_grants, rollcall_outbox`.execute(kysely);
  return sqlStores(kysely, { dialect: "postgres" });
});
// Only transactions, and calls during an open one, depend on the dialect. All cases would take
// minutes there.
for (const { name, run } of cases.filter(({ name }) => /^atomic|at once|concurrent/.test(name)))
  test(`${name}, on PGlite`, run);
