// Carries out one scenario with kills: another process repeats the work, and nothing is lost.
import assert from "node:assert/strict";
import { sql } from "kysely";
import { providerKey } from "../logout/support.mjs";
import { byName, namedStores } from "../stores/names.mjs";
import { killOf } from "./lane.mjs";
import { tokenName } from "./receiver.mjs";
import { CLIENTS, NOW } from "./scenarios.mjs";

/** @import { Lane } from "./lane.mjs" */
/** @import { Scenario } from "./scenarios.mjs" */
/** @import { Line, Moment } from "./trap.mjs" */

/**
 * @typedef {object} Plan
 * @property {Scenario} scenario
 * @property {Moment[]} moments when to kill: the first process, the one that repeats the work, and
 *   so on
 * @property {boolean} [deliversFirst] whether the process that repeats the work delivers first
 */

/**
 * Carries out a plan and checks the result.
 *
 * @param {Lane} lane
 * @param {Awaited<ReturnType<typeof import("./receiver.mjs").startReceiver>>} receiver
 * @param {Plan} plan
 * @returns {Promise<{ log: Line[], kills: Line[], tokens: number, repeated: number }>} the log of
 *   the first process; where it and its successors were killed; how many logout tokens were due,
 *   and how many were repeated
 */
export async function carryOut(lane, receiver, { scenario, moments, deliversFirst = false }) {
  await lane.use((database) => fill(database, scenario));
  const { uri, received } = receiver.begin(scenario.unwilling ?? []);
  const job = {
    ...scenario.job,
    atomic: scenario.atomic,
    clients: clientsAt(uri),
    key: providerKey.privateJwk,
  };
  const again = deliversFirst ? ["deliver", ...scenario.again] : scenario.again;
  const logs = [];
  const run = async (operations, moment) => {
    // A restarted process starts one second later.
    logs.push(await lane.run({ ...job, operations, moment, now: NOW + logs.length * 1_000 }));
  };
  const [first, ...others] = moments;
  await run(scenario.operations, first);
  for (const moment of others) await run(again, moment);
  // Repeat the work even if no process was killed.
  await run(again);

  const kills = logs.map(killOf).filter((kill) => kill !== undefined);
  try {
    await lane.use((database) => checkStores(database, scenario));
    const repeated = checkReceived(received, {
      scenario,
      logs,
      mayRepeatAll: !scenario.atomic && deliversFirst,
    });
    return { log: logs[0], kills, tokens: scenario.notified.length, repeated };
  } catch (error) {
    error.message += `\n${scenario.name} on ${lane.engine}, killed at ${JSON.stringify(moments)}, ${JSON.stringify(again)} again`;
    error.message += `\n${logs.map((log) => log.map((line) => JSON.stringify(line)).join("\n")).join("\n\n")}`;
    throw error;
  }
}

function clientsAt(uri) {
  const registrations = Object.entries(CLIENTS).map(([clientId, members]) => {
    const backChannelLogoutUri = uri(clientId);
    return [
      clientId,
      { clientId, idTokenSignedResponseAlg: "ES256", backChannelLogoutUri, ...members },
    ];
  });
  return Object.fromEntries(registrations);
}

const TABLES = [
  "rollcall_session_clients",
  "rollcall_sessions",
  "rollcall_grants",
  "rollcall_outbox",
];

async function fill({ kysely, options }, { ending, staying, revoked, valid, recorded = [] }) {
  await kysely.transaction().execute(async (transaction) => {
    for (const table of TABLES) await sql`delete from ${sql.table(table)}`.execute(transaction);
    const { sessions, grants, outbox } = namedStores(transaction, options);
    for (const session of [...ending, ...staying]) await sessions.create(session);
    for (const grant of [...revoked, ...valid]) await grants.store(grant);
    await outbox.add(recorded);
  });
}

/**
 * Asserts that exactly the target's sessions and grants are removed, and that all recorded
 * notifications are delivered.
 */
async function checkStores({ kysely, stores }, { staying, valid, notified }) {
  const { sessions } = await byName(stores).sessions.list({
    filter: {},
    order: "oldest",
    limit: 1_000,
  });
  assert.deepEqual(keysIn(sessions), keysIn(staying), "exactly the target's sessions end");
  const strays = await sql`select client_id from rollcall_session_clients
    where id not in (select id from rollcall_sessions)`.execute(kysely);
  assert.deepEqual(strays.rows, []);
  const grants = await stores.grants.list({ clientIds: Object.keys(CLIENTS) });
  assert.deepEqual(keysIn(grants), keysIn(valid), "exactly the target's tokens are revoked");
  const entries = await stores.outbox.list({});
  const states = entries.map(({ state, clientId, subjectId, sessionId }) => [
    state,
    tokenName({ aud: clientId, sub: subjectId, sid: sessionId }),
  ]);
  assert.deepEqual(
    states.sort(),
    notified.map((name) => ["delivered", name]).sort(),
    "each notification is recorded once, and delivered",
  );
}

function keysIn(rows) {
  return rows.map(({ key }) => key).sort();
}

/**
 * Asserts that every client was notified once, except for the notifications that a process was
 * sending when it was killed: it couldn't record that they were accepted.
 *
 * Without a transaction, a notification is recorded before its session is removed. A delivery in
 * between notifies the client, and the process that then removes the session does so again.
 */
function checkReceived(received, { scenario, logs, mayRepeatAll }) {
  const unsettled = logs.filter((log) => killOf(log) !== undefined).flatMap(unsettledIn);
  for (const name of scenario.notified) {
    const most =
      1 + unsettled.filter((other) => other === name).length + (mayRepeatAll ? logs.length - 1 : 0);
    const times = received.get(name) ?? 0;
    assert.ok(
      times >= 1 && times <= most,
      `\`${name}\` arrived ${times} times instead of 1 to ${most}`,
    );
  }
  assert.deepEqual(
    [...received.keys()].sort(),
    [...scenario.notified].sort(),
    "no other client is notified",
  );
  return [...received.values()].reduce((sum, times) => sum + times - 1, 0);
}

/** The tokens that a process had started to send without recording the result. */
function unsettledIn(/** @type {Line[]} */ log) {
  const unsettled = new Map();
  for (const { event, step, about } of log) {
    if (event === "begin" && step === "sendLogout") unsettled.set(about.id, tokenName(about));
    if (event === "end" && step === "outbox.settle") unsettled.delete(about.id);
  }
  return [...unsettled.values()];
}
