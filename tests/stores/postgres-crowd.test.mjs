// Several concurrent processes on one PostgreSQL lose nothing, do nothing twice and cause no
// deadlock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { runCrowd } from "./crowd.mjs";

const server = await startPostgres().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("four processes on one PostgreSQL", { skip: error.message }, () => {});
});

if (server !== undefined) {
  test("four processes remove, renew, expire and page the same sessions concurrently", async (t) => {
    t.after(() => server.stop());
    const reports = await runCrowd(server.url, {
      subjects: 500,
      leaving: 150,
      expired: 150,
      renewals: 2_000,
    });
    const removing = reports.filter(({ removed }) => removed > 0);
    assert.ok(removing.length > 1, "only one process removed sessions");
  });
}
