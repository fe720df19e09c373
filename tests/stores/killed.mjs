// A database server dies in the middle of a removal. The call fails, and once the server is running
// again the same calls complete the removal.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { sql } from "kysely";
import { Unavailable } from "../servers/server.mjs";
import { endSubject, notices, notified, RECORDED } from "./steps.mjs";

/** The number of sessions of the removed subject, and of another one. */
export const SESSIONS = 1_000;
/** The clients of each session. */
export const CLIENTS = ["shop", "forum", "mail"];
const LIMIT = 200;
/** The number of steps of the removal. Each step is committed. */
export const STEPS = SESSIONS / LIMIT;
/** The time of the first delivery, in epoch milliseconds. */
const NOW = RECORDED + 1;
const LEASE = 60_000;

/**
 * Declares the tests for one server. Without it, declares a skipped test with the reason.
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
 *   when the server is killed: after the n-th statement that matches, counted from 1. If
 *   `isDelivering`, notifications are being sent at that moment.
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
        let seen = 0;
        let killed;
        onStatement = (query) => {
          if (statement.test(query.sql) && ++seen === count) killed = server.kill();
        };
        const failed = await remove(stores, NOW, sent).then(
          () => assert.fail("the removal succeeded although the server was killed"),
          (error) => error,
        );
        assert.ok(failed instanceof Error);
        if (killed === undefined) throw failed;
        await killed;
        await server.start();

        await remove(stores, NOW + LEASE, sent);
        assert.deepEqual(await left(kysely), {
          sessions: 0,
          others: SESSIONS,
          grants: 0,
          clients: SESSIONS * CLIENTS.length,
        });
        const entries = await stores.outbox.list({});
        assert.ok(entries.every(({ state }) => state === "delivered"));
        assert.deepEqual(
          entries.map(({ clientId }) => clientId).sort(),
          CLIENTS.flatMap((clientId) => Array(STEPS).fill(clientId)).sort(),
          "each step notifies each client once",
        );
        // Only a notification that was being sent when the server died can be sent again, because
        // its delivery could not be recorded.
        const delivered = isDelivering ? [...new Set(sent)] : sent;
        assert.deepEqual(delivered.sort(), entries.map(({ id }) => id).sort());
      });
    }
  });
}

/** Ends the sessions of the subject, and delivers the due notifications. */
async function remove({ atomic, outbox }, now, sent) {
  const clients = CLIENTS.map((clientId) => notified(clientId, "subject"));
  const step = endSubject("subject 1", { limit: LIMIT, notify: notices({ clients }) });
  for (let more = true; more; ) ({ more } = await atomic.endSessions(step));
  for (;;) {
    const due = await outbox.claim({ now, limit: 10, leaseFor: LEASE });
    if (due.length === 0) return;
    for (const { id } of due) {
      sent.push(id);
      await outbox.settle(id, { state: "delivered" }, now);
    }
  }
}

/** Counts the remaining rows. */
async function left(kysely) {
  const { rows } = await sql`select
    (select count(*) from rollcall_sessions where subject_id = 'subject 1') as sessions,
    (select count(*) from rollcall_sessions where subject_id = 'subject 0') as others,
    (select count(*) from rollcall_grants where subject_id = 'subject 1') as ${sql.ref("grants")},
    (select count(*) from rollcall_session_clients) as clients`.execute(kysely);
  return Object.fromEntries(Object.entries(rows[0]).map(([name, count]) => [name, Number(count)]));
}
