// A part of a name is found by the index for it as it is found without: `postgres-plans` asserts
// when it is used, this what it finds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { testCases } from "./cases.mjs";
import { storeCases } from "./kit.mjs";
import { createNamePartIndex, NAME_PART_INDEX } from "./name-part-index.mjs";
import { connect, emptyStores } from "./postgres-drivers.mjs";

/** Those that ask for names. */
const MEANT = new Set([
  "sessions: finds and counts by filter: displayName",
  "sessions: finds and counts by filter: search",
  "sessions: finds and counts by filter: several at once",
  "sessions: finds a few matches and thousands among thousands",
  "sessions: behaves like an array, for random calls",
]);

/**
 * Among the few rows of a case the planner would read the table. That costs it so much now that it
 * would compile the plan, if it may.
 */
const settings = { enable_seqscan: "off", jit: "off" };
/** What it would walk along instead. */
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
        // What a connection has counted is known to others once it is closed.
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
