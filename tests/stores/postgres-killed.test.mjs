// PostgreSQL dies in the middle of a removal. The call says so, and once the server is back the same call completes it.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { sql } from "kysely";
import { SessionManagement } from "../../pkg/entry/node.js";
import { startPostgres } from "../servers/postgres.mjs";
import { Unavailable } from "../servers/server.mjs";
import { connect, emptyStores } from "./postgres-drivers.mjs";

const SESSIONS = 1_000;
const CLIENTS = ["shop", "forum", "mail"];

const FILLS = [
  sql`insert into rollcall_sessions (key, scheme, subject_id, session_id, created, renewed)
    select 'key ' || n, 'default', 'subject ' || (n % 2), 'sid ' || n, n, n from generate_series(1, ${sql.lit(2 * SESSIONS)}) as n`,
  sql`insert into rollcall_session_clients (session_id, client_id, created)
    select id, client, created from rollcall_sessions, unnest(${sql.lit(`{${CLIENTS}}`)}::text[]) as client`,
  sql`insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, data)
    select 'grant of ' || key, 'refresh_token', subject_id, session_id, 'shop', created, '' from rollcall_sessions`,
];

/** Moments at which the server is killed: after the statement of that kind, counted from 1. In the last one clients are told. */
const MOMENTS = [
  ["the first page is read", /^select "s"/, 1],
  ["sessions of the first page are deleted, before the commit", /^delete from "rollcall_sessions"/, 1],
  ["the third page is committed", /^commit/, 3],
  ["tokens are revoked on the fourth page, before the commit", /^with "gone"/, 4],
  ["the notifications are recorded on the last page, before the commit", /^insert into "rollcall_outbox"/, 1],
  ["the last page is committed, and clients are being told", /^commit/, SESSIONS / 200, true],
];

const server = await startPostgres().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("a removal while PostgreSQL is killed", { skip: error.message }, () => {});
});

if (server !== undefined) {
  describe("a removal while PostgreSQL is killed", () => {
    after(() => server.stop());

    for (const [name, statement, count, isDelivering = false] of MOMENTS) {
      test(`when ${name}`, async (t) => {
        let onStatement = () => {};
        const kysely = await connect(server.url, "pg", { log: ({ query }) => onStatement(query) });
        t.after(() => kysely.destroy());
        const stores = await emptyStores(kysely);
        for (const fill of FILLS) await fill.execute(kysely);

        const sent = [];
        const host = {
          ...stores,
          clients: (clientId) => ({ clientId, backChannelLogoutUri: `https://${clientId}.example.com/logout` }),
          sendLogout: ({ clientId }) => {
            sent.push(clientId);
            return { delivered: true };
          },
        };
        const management = new SessionManagement(host);
        let seen = 0;
        let killed;
        onStatement = (query) => {
          if (statement.test(query.sql) && ++seen === count) killed = server.kill();
        };
        const failed = await management.removeSessions({ subjectId: "subject 1" }).then(
          () => assert.fail("the server was killed"),
          (error) => error,
        );
        assert.equal(failed.code, "store_failed");
        assert.ok(failed.cause instanceof Error, "the driver's error is the cause");
        await killed;
        await server.start();

        await management.removeSessions({ subjectId: "subject 1" });
        const left = await sql`select
            (select count(*)::int from rollcall_sessions where subject_id = 'subject 1') as sessions,
            (select count(*)::int from rollcall_sessions where subject_id = 'subject 0') as others,
            (select count(*)::int from rollcall_grants where subject_id = 'subject 1') as grants,
            (select count(*)::int from rollcall_session_clients) as clients`.execute(kysely);
        assert.deepEqual(left.rows, [{ sessions: 0, others: SESSIONS, grants: 0, clients: SESSIONS * CLIENTS.length }]);
        const entries = await stores.outbox.list({});
        assert.deepEqual(entries.map(({ clientId }) => clientId).sort(), [...CLIENTS].sort(), "each client is told once");
        const waiting = entries.filter(({ state }) => state === "pending").map(({ clientId }) => clientId);
        // Only what was being sent when the server died may be told again: that it was taken could not be recorded.
        const told = isDelivering ? [...new Set([...sent, ...waiting])] : [...sent, ...waiting];
        assert.deepEqual(told.sort(), [...CLIENTS].sort());
      });
    }
  });
}
