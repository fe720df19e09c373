// The index for a part of a name finds the same sessions as a scan. `postgres-plans` asserts when
// it's used, this file what it finds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { testCases } from "./cases.mjs";
import { storeCases } from "./kit.mjs";
import { createNamePartIndex, NAME_PART_INDEX } from "./name-part-index.mjs";
import { connect, emptyStores } from "./postgres-drivers.mjs";

/** The cases that search for names. */
const MEANT = new Set([
  "sessions: finds and counts by filter: displayName",
  "sessions: finds and counts by filter: search",
  "sessions: finds and counts by filter: several at once",
  "sessions: finds a few matches and thousands among thousands",
  "sessions: behaves like an array, for random calls",
]);

/**
 * With the few rows of a case the planner would scan the table. These settings make that too
 * expensive, and prevent the JIT compilation that such costs would cause.
 */
const settings = { enable_seqscan: "off", jit: "off" };
/** The indexes that it would walk instead. */
const OTHERS = ["rollcall_sessions_listing", "rollcall_sessions_expiry", "rollcall_sessions_name"];

const server = await startPostgres({ settings }).catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("names by their index on PostgreSQL", { skip: error.message }, () => {});
});

if (server !== undefined) {
  const kysely = await connect(server.url);
  const run = (statement) => sql.raw(statement).execute(kysely);
  await createNamePartIndex(run);
  for (const index of OTHERS) await run(`drop index ${index}`);
  const cases = (await storeCases(() => emptyStores(kysely))).filter(({ name }) => MEANT.has(name));
  assert.equal(cases.length, MEANT.size);
  testCases("names by their index on PostgreSQL", [
    ...cases,
    {
      name: "the cases used the index",
      run: async () => {
        // A connection publishes its statistics when it's closed.
        await kysely.destroy();
        const other = await connect(server.url);
        const { rows } = await sql`select idx_scan::int as uses from pg_stat_user_indexes
          where indexrelname = ${NAME_PART_INDEX}`.execute(other);
        await other.destroy();
        await server.stop();
        assert.ok(rows[0].uses > 500, `${rows[0].uses} times`);
      },
    },
  ]);
}
