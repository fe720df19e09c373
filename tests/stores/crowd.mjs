// Four processes remove, renew, join, expire and page the same sessions on one PostgreSQL
// concurrently. Afterwards the state of the database is checked. The test uses a few thousand
// sessions, the benchmarks a million.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { KEY_OF_NAME, namedStores, rowIdAt } from "./names.mjs";
import { connect, emptyStores, OPTIONS } from "./postgres-drivers.mjs";
import { endExpired } from "./steps.mjs";

const WORKER = fileURLToPath(new URL("crowd-worker.mjs", import.meta.url));
const WORKERS = 4;

/**
 * The number of sessions of each subject. The sessions of the first subjects are removed, those of
 * the next ones have expired, and the others remain.
 */
export const SESSIONS_A_SUBJECT = 20;
export const CLIENTS = ["shop", "forum"];
/** The current time, and the expiry of the expired sessions, in epoch milliseconds. */
export const NOW = 1_000_000_000;

/**
 * @typedef {object} Crowd
 * @property {number} subjects
 * @property {number} leaving the number of subjects whose sessions are removed
 * @property {number} expired the number of subjects with only expired sessions
 * @property {number} renewals by each process
 */

/**
 * The number of subjects that have a session to which clients are added, the first one of each: the
 * subjects whose sessions end, and at most as many others.
 */
export const joined = (/** @type {Crowd} */ { subjects, leaving, expired }) =>
  Math.min(subjects, 2 * (leaving + expired));

/** Runs the processes, checks their results, and returns their reports. */
export async function runCrowd(url, /** @type {Crowd} */ crowd) {
  const kysely = await connect(url);
  try {
    await emptyStores(kysely);
    await fill(kysely, crowd);
    const before = await deadlocks(kysely);
    const reports = await Promise.all(Array.from({ length: WORKERS }, () => runWorker(url, crowd)));
    // Each process skipped the sessions that another one had locked, so some may remain.
    const last = await endAll(namedStores(kysely, OPTIONS), endExpired(NOW));
    await checkRemovals(kysely, crowd, [...reports, last]);
    await checkOutbox(kysely, crowd, reports);
    await checkRemaining(kysely, crowd, reports);
    for (const { missed, repeated } of reports) {
      assert.deepEqual(
        [missed, repeated],
        [0, 0],
        "each walk over all pages lists every remaining session exactly once",
      );
    }
    assert.equal(await deadlocks(kysely), before, "there was a deadlock");
    return reports.map(({ removed, renewed, added, ...counts }) => ({
      removed: removed.length,
      renewed: renewed.length,
      added: added.length,
      ...counts,
    }));
  } finally {
    await kysely.destroy();
  }
}

/** Ends all sessions that match, step by step. */
export async function endAll({ atomic }, step) {
  const removed = [];
  let revoked = 0;
  for (let isDone = false; !isDone; ) {
    const { sessions, tokens, more } = await atomic.endSessions(step);
    removed.push(...sessions.map(({ sessionId }) => sessionId));
    revoked += tokens;
    isDone = !more;
  }
  return { removed, revoked };
}

async function fill(kysely, { subjects, leaving, expired }) {
  const isExpired = sql`(n % ${sql.lit(subjects)}) between ${sql.lit(leaving)} and ${sql.lit(leaving + expired - 1)}`;
  await sql`insert into rollcall_sessions (id, key, scheme, subject_id, session_id, renewed, expires, clients)
    select ${sql.raw(rowIdAt("n / 7", "n"))}, ${sql.raw(KEY_OF_NAME.postgres("'key ' || n"))}, 'default',
      'subject ' || (n % ${sql.lit(subjects)}), 'sid ' || n, n,
      case when ${isExpired} then ${sql.lit(NOW)} - n else ${sql.lit(2 * NOW)} end, ${sql.lit(`{${CLIENTS}}`)}
    from generate_series(0::bigint, ${sql.lit(subjects * SESSIONS_A_SUBJECT - 1)}) as n`.execute(
    kysely,
  );
  await sql`insert into rollcall_session_clients (client_id, id)
    select hashtextextended(client, 0), id from rollcall_sessions, unnest(clients) as client`.execute(
    kysely,
  );
  await sql`insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, data)
    select 'grant of ' || session_id, 'refresh_token', subject_id, session_id, 'shop', 0, '' from rollcall_sessions`.execute(
    kysely,
  );
  await sql`vacuum analyze`.execute(kysely);
}

async function runWorker(url, crowd) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const worker = fork(WORKER, [url, JSON.stringify(crowd)], { env, execArgv: [] });
  let report;
  worker.once("message", (message) => {
    report = message;
  });
  const [status] = await once(worker, "exit");
  assert.equal(status, 0, "a process failed");
  return report;
}

async function checkRemovals(kysely, { subjects, leaving, expired }, reports) {
  const removed = reports.flatMap(({ removed }) => removed);
  const ended = (leaving + expired) * SESSIONS_A_SUBJECT;
  assert.equal(new Set(removed).size, removed.length, "no session is removed twice");
  assert.equal(removed.length, ended, "each session is removed by one process");
  await removeEndedListings(kysely);
  const { rows } = await sql`select
      (select count(*)::int from rollcall_sessions) as sessions,
      (select count(*)::int from rollcall_session_clients c
        where not exists (select 1 from rollcall_sessions s where s.id = c.id and c.client_id = any(select hashtextextended(client, 0) from unnest(s.clients) as client))) as strays,
      (select count(*)::int from rollcall_sessions s, unnest(s.clients) as client
        where not exists (select 1 from rollcall_session_clients c where c.client_id = hashtextextended(client, 0) and c.id = s.id)) as unlisted,
      (select count(*)::int from rollcall_grants) as grants`.execute(kysely);
  const staying = subjects * SESSIONS_A_SUBJECT - ended;
  assert.deepEqual(
    rows,
    [{ sessions: staying, strays: 0, unlisted: 0, grants: staying }],
    "no session is restored, and nothing of an ended session remains",
  );
  const revoked = reports.reduce((sum, { revoked }) => sum + revoked, 0);
  assert.equal(revoked, ended, "each token is revoked once");
}

/** Removes the listings of ended sessions with claims, as a delivery does. */
async function removeEndedListings(kysely) {
  const { outbox } = namedStores(kysely, OPTIONS);
  for (let left = 1; left > 0; ) {
    await outbox.claim({ now: 0, limit: 1, leaseFor: 1 });
    const { rows } = await sql`select count(*)::int as left from rollcall_ended_sessions`.execute(
      kysely,
    );
    [{ left }] = rows;
  }
}

/**
 * Each client of each ended session is notified once, including those that were added meanwhile. No
 * client is lost that the store had confirmed.
 */
async function checkOutbox(kysely, { leaving, expired }, reports) {
  const { rows } = await sql`select reason, count(*)::int as entries,
      count(*) filter (where client_id in (${sql.join(CLIENTS)}))::int as first,
      count(distinct (client_id, session_id))::int as different
    from rollcall_outbox group by reason order by reason`.execute(kysely);
  const numbers = { session_expiration: expired, terminated: leaving };
  assert.deepEqual(
    rows.map(({ reason, first }) => [reason, first]),
    Object.entries(numbers).map(([reason, subjects]) => [
      reason,
      subjects * SESSIONS_A_SUBJECT * CLIENTS.length,
    ]),
  );
  for (const { reason, entries, different } of rows) assert.equal(entries, different, reason);
  const { rows: recorded } = await sql`select client_id, session_id from rollcall_outbox`.execute(
    kysely,
  );
  const { rows: left } = await sql`select session_id from rollcall_sessions`.execute(kysely);
  const notified = new Set(
    recorded.map(({ client_id, session_id }) => `${client_id} of ${session_id}`),
  );
  const isLeft = new Set(left.map(({ session_id }) => session_id));
  const added = new Set();
  for (const [key, clientId] of reports.flatMap(({ added }) => added)) {
    const sessionId = key.replace("key", "sid");
    if (isLeft.has(sessionId)) continue;
    added.add(`${clientId} of ${sessionId}`);
    assert.ok(notified.has(`${clientId} of ${sessionId}`), `${clientId} is lost from ${key}`);
  }
  const expected = (leaving + expired) * SESSIONS_A_SUBJECT * CLIENTS.length + added.size;
  assert.equal(recorded.length, expected, "and no others are notified");
}

/**
 * The remaining sessions have the changes that the store confirmed to the processes, and no others.
 */
async function checkRemaining(kysely, crowd, reports) {
  const added = byKey(reports.flatMap(({ added }) => added));
  const renewals = byKey(reports.flatMap(({ renewed }) => renewed));
  let [withAll, renewed] = [0, 0];
  for await (const row of remaining(kysely)) {
    const clients = new Set([...CLIENTS, ...(added.get(row.key) ?? [])]);
    assert.deepEqual(row.clients, [...clients].sort(), `the clients of ${row.key}`);
    if (clients.size === CLIENTS.length + 1 + reports.length) withAll += 1;
    // If there were several renewals, the last one is stored. Which one was last isn't known.
    const times = renewals.get(row.key);
    const [, number] = row.key.split(" ");
    assert.ok(
      times?.includes(row.renewed) ?? row.renewed === Number(number),
      `${row.key} has an unknown renewal time`,
    );
    if (times !== undefined) renewed += 1;
  }
  const joinedRemaining = joined(crowd) - crowd.leaving - crowd.expired;
  assert.equal(
    withAll,
    joinedRemaining,
    "each process added its client, and the shared client was added",
  );
  assert.ok(renewed > 0);
}

/** Groups the second members of the pairs by the first. */
function byKey(pairs) {
  const values = new Map();
  for (const [key, value] of pairs) {
    if (!values.has(key)) values.set(key, []);
    values.get(key).push(value);
  }
  return values;
}

/** Reads the remaining sessions with their clients in batches: the benchmarks have a million. */
async function* remaining(kysely) {
  for (let last = "-1"; ; ) {
    const { rows } =
      await sql`select id::text as place, replace(session_id, 'sid', 'key') as key, renewed::int as renewed,
        array(select client from unnest(clients) as client order by client) as clients
      from rollcall_sessions where id > ${last}::bigint order by id limit 10000`.execute(kysely);
    if (rows.length === 0) return;
    yield* rows;
    last = rows[rows.length - 1].place;
  }
}

/** The number of deadlocks that the server had to break. */
async function deadlocks(kysely) {
  // The processes that ended have reported their statistics by then.
  await sql`select pg_stat_clear_snapshot(), pg_sleep(1)`.execute(kysely);
  const { rows } =
    await sql`select deadlocks::int from pg_stat_database where datname = current_database()`.execute(
      kysely,
    );
  return rows[0].deadlocks;
}
