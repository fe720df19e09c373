// A database server dies in the middle of a removal. The call says so, and once the server is back
// the same call completes it.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { sql } from "kysely";
import { SessionManagement } from "../../pkg/entry/node.js";
import { Unavailable } from "../servers/server.mjs";

/** How many sessions the subject has that is removed, and how many another one. */
export const SESSIONS = 1_000;
/** The clients of each session. */
export const CLIENTS = ["shop", "forum", "mail"];
/** How many commits the removal takes: one for each page. */
export const PAGES = SESSIONS / 200;

/**
 * Declares the tests for one server; on a machine without it one that is skipped, with the reason.
 *
 * @param {string} name of the server
 * @param {object} ways
 * @param {() => Promise<{ url: string, kill: () => Promise<void>, start: () => Promise<void>, stop:
 *   () => Promise<void> }>} ways.start
 * @param {(url: string, kyselyOptions: object) => Promise<{ kysely:
 *   import("kysely").Kysely<unknown>, stores: object }>} ways.connect opens the database, with
 *   empty tables
 * @param {import("kysely").RawBuilder<unknown>[]} ways.fills statements that give `subject 0` and
 *   `subject 1` their sessions, with a token for each
 * @param {[name: string, statement: RegExp, count: number, isDelivering?: boolean][]} ways.moments
 *   at which the server is killed: after the statement of that kind, counted from 1. In one that
 *   `isDelivering` clients are being told.
 */
export async function testKilled(name, { start, connect, fills, moments }) {
  const title = `a removal while ${name} is killed`;
  const server = await start().catch((error) => {
    if (!(error instanceof Unavailable)) throw error;
    test(title, { skip: error.message }, () => {});
  });
  if (server === undefined) return;

  describe(title, () => {
    after(() => server.stop());

    for (const [when, statement, count, isDelivering = false] of moments) {
      test(`when ${when}`, async (t) => {
        let onStatement = () => {};
        const { kysely, stores } = await connect(server.url, {
          log: ({ query }) => onStatement(query),
        });
        t.after(() => kysely.destroy());
        for (const fill of fills) await fill.execute(kysely);

        const sent = [];
        const host = {
          ...stores,
          clients: (clientId) => ({
            clientId,
            backChannelLogoutUri: `https://${clientId}.example.com/logout`,
            backChannelLogoutBy: "subject",
          }),
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
        assert.deepEqual(await left(kysely), {
          sessions: 0,
          others: SESSIONS,
          grants: 0,
          clients: SESSIONS * CLIENTS.length,
        });
        const entries = await stores.outbox.list({});
        assert.deepEqual(
          entries.map(({ clientId }) => clientId).sort(),
          [...CLIENTS].sort(),
          "each client is told once",
        );
        const waiting = entries
          .filter(({ state }) => state === "pending")
          .map(({ clientId }) => clientId);
        // Only what was being sent when the server died may be told again: that it was taken could
        // not be recorded.
        const told = isDelivering ? [...new Set([...sent, ...waiting])] : [...sent, ...waiting];
        assert.deepEqual(told.sort(), [...CLIENTS].sort());
      });
    }
  });
}

/** How many rows there are. */
async function left(kysely) {
  const { rows } = await sql`select
    (select count(*) from rollcall_sessions where subject_id = 'subject 1') as sessions,
    (select count(*) from rollcall_sessions where subject_id = 'subject 0') as others,
    (select count(*) from rollcall_grants where subject_id = 'subject 1') as ${sql.ref("grants")},
    (select count(*) from rollcall_session_clients) as clients`.execute(kysely);
  return Object.fromEntries(Object.entries(rows[0]).map(([name, count]) => [name, Number(count)]));
}
