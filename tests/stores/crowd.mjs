// Four processes that remove, renew, expire and page the same sessions on one PostgreSQL at once, and what must hold afterwards. The
// test runs it among a few thousand sessions, the benchmarks among a million.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { connect, emptyStores } from "./postgres-drivers.mjs";

const WORKER = fileURLToPath(new URL("crowd-worker.mjs", import.meta.url));
const WORKERS = 4;

/** Sessions of one subject. Subjects go by number: the first ones leave, the next ones have expired, the others stay. */
export const SESSIONS_A_SUBJECT = 20;
export const CLIENTS = ["shop", "forum"];
/** When it happens, and when those of the second kind expired: epoch milliseconds. */
export const NOW = 1_000_000_000;

/**
 * @typedef {object} Crowd
 * @property {number} subjects
 * @property {number} leaving how many of them are removed
 * @property {number} expired how many have expired sessions only
 * @property {number} renewals by each process
 */

/** Lets them work, checks what they did and left, and returns what they counted. */
export async function runCrowd(url, /** @type {Crowd} */ crowd) {
  const kysely = await connect(url);
  try {
    await emptyStores(kysely);
    await fill(kysely, crowd);
    const before = await deadlocks(kysely);
    const reports = await Promise.all(Array.from({ length: WORKERS }, () => runWorker(url, crowd)));
    await checkRemovals(kysely, crowd, reports);
    await checkOutbox(kysely, crowd);
    for (const { missed, repeated } of reports) {
      assert.deepEqual([missed, repeated], [0, 0], "each walk over all pages shows everybody who stays, and nobody twice");
    }
    assert.equal(await deadlocks(kysely), before, "nobody waited in a circle");
    return reports.map(({ removed, ...counts }) => ({ removed: removed.length, ...counts }));
  } finally {
    await kysely.destroy();
  }
}

async function fill(kysely, { subjects, leaving, expired }) {
  const isExpired = sql`(n % ${sql.lit(subjects)}) between ${sql.lit(leaving)} and ${sql.lit(leaving + expired - 1)}`;
  await sql`insert into rollcall_sessions (key, scheme, subject_id, session_id, created, renewed, expires)
    select 'key ' || n, 'default', 'subject ' || (n % ${sql.lit(subjects)}), 'sid ' || n, n / 7, n,
      case when ${isExpired} then ${sql.lit(NOW)} - n else ${sql.lit(2 * NOW)} end
    from generate_series(0, ${sql.lit(subjects * SESSIONS_A_SUBJECT - 1)}) as n`.execute(kysely);
  await sql`insert into rollcall_session_clients (session_id, client_id, created)
    select id, client, created from rollcall_sessions, unnest(${sql.lit(`{${CLIENTS}}`)}::text[]) as client`.execute(kysely);
  await sql`insert into rollcall_grants (key, type, subject_id, session_id, client_id, created, data)
    select 'grant of ' || key, 'refresh_token', subject_id, session_id, 'shop', created, '' from rollcall_sessions`.execute(
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
  const gone = (leaving + expired) * SESSIONS_A_SUBJECT;
  assert.equal(new Set(removed).size, removed.length, "no session is removed twice");
  assert.equal(removed.length, gone, "each removal is somebody's");
  const { rows } = await sql`select
      (select count(*)::int from rollcall_sessions) as sessions,
      (select count(*)::int from rollcall_session_clients c
        where not exists (select 1 from rollcall_sessions s where s.id = c.session_id)) as strays,
      (select count(*)::int from rollcall_grants) as grants`.execute(kysely);
  const staying = subjects * SESSIONS_A_SUBJECT - gone;
  assert.deepEqual(
    rows,
    [{ sessions: staying, strays: 0, grants: staying }],
    "nobody comes back, and nothing is left of who went",
  );
  const revoked = reports.reduce((sum, { revoked }) => sum + revoked, 0);
  assert.equal(revoked, gone, "each token is revoked once");
}

/** Each client of a subject that left was told once, and each client of each session that expired. */
async function checkOutbox(kysely, { leaving, expired }) {
  const { rows } =
    await sql`select reason, count(*)::int as entries, count(distinct (client_id, subject_id, session_id))::int as different
    from rollcall_outbox group by reason order by reason`.execute(kysely);
  const expiries = expired * SESSIONS_A_SUBJECT * CLIENTS.length;
  const departures = leaving * CLIENTS.length;
  assert.deepEqual(rows, [
    { reason: "session_expiration", entries: expiries, different: expiries },
    { reason: "terminated", entries: departures, different: departures },
  ]);
}

/** How often the server had to break a circle of transactions that waited for each other. */
async function deadlocks(kysely) {
  // Those that ended have reported by then.
  await sql`select pg_stat_clear_snapshot(), pg_sleep(1)`.execute(kysely);
  const { rows } = await sql`select deadlocks::int from pg_stat_database where datname = current_database()`.execute(kysely);
  return rows[0].deadlocks;
}
