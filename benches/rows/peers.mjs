// @ts-check
/**
 * Compares Rollcall with its peers on one PostgreSQL server, each with the same number of sessions
 * of the same subjects.
 *
 * Each peer runs in its own process, on its own database, with the indexes that its documentation
 * recommends. A round runs all sides of a comparison in random order and gives one ratio for each
 * clock. The result is the median of these. The sessions that a call ends are stored before it,
 * outside the measured time. `benches/peers/peers.mjs` lists the missing features of each peer.
 *
 * @module
 */

/** @import { Finding, Scale } from "../findings.mjs" */
/** @import { Operation, Size } from "../peers/operations.mjs" */
/** @import { PeerProcess, Times } from "../peers/process.mjs" */

import { existsSync } from "node:fs";
import { usePostgres } from "../engines/postgres-server.mjs";
import { summarize } from "../paired.mjs";
import { peerDatabase, rollcallDatabase } from "../peers/databases.mjs";
import { PEERS } from "../peers/peers.mjs";
import { startPeer } from "../peers/process.mjs";

/**
 * An operation that one of Rollcall's is compared with.
 *
 * @typedef {object} Baseline
 * @property {string} peer the module that it runs in
 * @property {Operation} operation
 * @property {string} over its name in the report
 * @property {number} [budget] of Rollcall's wall time over it
 */

/**
 * @typedef {object} Comparison
 * @property {string} what
 * @property {Operation} operation of Rollcall
 * @property {Baseline[]} baselines
 * @property {number} [atOnce] the number of concurrent calls, default 1
 * @property {number} [rounds] default `ROUNDS`
 * @property {number} [calls] of a side in one round; default: as many as take `BATCH_TIME`
 */

/** The minimum time of a side of a round, in ms. */
const BATCH_TIME = 25;
const MAX_CALLS = 400;
/** The time that each side runs before it's measured, in ms. */
const WARM_UP_TIME = 2_000;
const ROUNDS = 100;
/** For calls that take long or whose preparation does. */
const FEW_ROUNDS = 40;
const AT_ONCE = 64;

/** Bytes. */
const SIZE_BUDGET = 1_200;

const DIRECT = { peer: "direct", over: "the same statements through pg" };
const BETTER_AUTH = { peer: "better-auth", over: "better-auth" };
const CONNECT_PG_SIMPLE = { peer: "connect-pg-simple", over: "connect-pg-simple" };
const OIDC_PROVIDER = { peer: "oidc-provider", over: "oidc-provider" };
const PLAIN_DELETE = { peer: "better-auth", over: "a plain delete from better-auth's table" };

/** @type {Comparison[]} */
const COMPARISONS = [
  {
    what: "one check",
    operation: "check",
    baselines: [
      { ...CONNECT_PG_SIMPLE, operation: "check", budget: 1.0 },
      { ...BETTER_AUTH, operation: "check" },
      { ...OIDC_PROVIDER, operation: "check" },
    ],
  },
  {
    what: `a check of ${AT_ONCE} at once`,
    operation: "check",
    atOnce: AT_ONCE,
    baselines: [
      { ...CONNECT_PG_SIMPLE, operation: "check", budget: 1.5 },
      { ...BETTER_AUTH, operation: "check" },
      { ...OIDC_PROVIDER, operation: "check" },
    ],
  },
  {
    what: "first page of 25",
    operation: "first page",
    baselines: [{ ...DIRECT, operation: "first page", budget: 1.3 }],
  },
  {
    what: "page of 25 of a subject with 50 sessions",
    operation: "page of a subject",
    baselines: [
      { ...DIRECT, operation: "page of a subject", budget: 1.3 },
      { ...BETTER_AUTH, operation: "page of a subject" },
    ],
  },
  {
    what: "first page of 25 with the exact count",
    operation: "counted page",
    baselines: [{ ...DIRECT, operation: "counted page" }],
    rounds: FEW_ROUNDS,
  },
  // Few calls, because storing their sessions takes long.
  ...endings("10", { calls: 4 }),
  ...endings("1,000", { calls: 1, rounds: FEW_ROUNDS }),
];

/**
 * @param {Size} size
 * @param {Pick<Comparison, "calls" | "rounds">} effort
 * @returns {Comparison[]}
 */
function endings(size, effort) {
  /** @type {Baseline[]} */
  const baselines = [
    { ...PLAIN_DELETE, operation: `delete ${size}` },
    { ...BETTER_AUTH, operation: `end ${size}` },
  ];
  const what = `ending a subject's ${size} sessions`;
  return [
    { what: `${what}, notifying no client`, operation: `end ${size}`, baselines, ...effort },
    {
      what: `${what}, notifying its two clients`,
      operation: `end ${size} and notify`,
      baselines,
      ...effort,
    },
  ];
}

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ sessions: total }) {
  if (!existsSync(new URL("../peers/node_modules", import.meta.url))) {
    throw new Error(
      "the peers are not installed: run `cargo xtask bench`, or `npm ci` in benches/peers",
    );
  }
  const { url: server, release } = await usePostgres();
  const rollcall = await rollcallDatabase(server, total);
  /** @type {Map<string, PeerProcess>} */
  const processes = new Map();
  const start = async (/** @type {string} */ module, /** @type {string} */ url) => {
    processes.set(module, await startPeer(module, url, total));
  };
  await start("rollcall", rollcall.url);
  await start("direct", rollcall.url);
  const title = `PostgreSQL, ${total.toLocaleString("en")} sessions`;
  /** @type {Finding[]} */
  const sizes = [
    {
      what: `${title}: a session of Rollcall with two clients, all indexes`,
      amount: rollcall.bytes,
      unit: "bytes",
      budget: SIZE_BUDGET,
    },
  ];
  const databases = [rollcall];
  for (const peer of PEERS) {
    const database = await peerDatabase(server, peer, total);
    databases.push(database);
    await start(peer.module, database.url);
    const what = `${title}: a session of ${peer.name}, all indexes`;
    sizes.push({ what, amount: database.bytes, unit: "bytes" });
  }

  const findings = [];
  for (const comparison of COMPARISONS) {
    console.error(`  ${comparison.what}`);
    findings.push(...(await compare(processes, title, comparison)));
  }
  for (const peer of processes.values()) await peer.stop();
  for (const database of databases) await database.drop();
  await release();
  return [...findings, ...sizes];
}

/**
 * @param {Map<string, PeerProcess>} processes
 * @param {string} title
 * @param {Comparison} comparison
 * @returns {Promise<Finding[]>}
 */
async function compare(processes, title, comparison) {
  const { what, operation, baselines, atOnce = 1 } = comparison;
  const sides = [{ peer: "rollcall", operation }, ...baselines].map((side) => {
    const peer = processes.get(side.peer);
    if (peer === undefined) throw new Error(`there is no process of \`${side.peer}\``);
    return (/** @type {number} */ calls) => peer.run(side.operation, calls, atOnce);
  });
  const batches = [];
  for (const run of sides) {
    const calls = await warmUp(run, { atOnce, ...comparison });
    batches.push({ run, calls });
  }
  /** @type {Times[][]} the times of all sides, by round */
  const rounds = [];
  while (rounds.length < (comparison.rounds ?? ROUNDS)) rounds.push(await timesOf(batches));

  return baselines.map(({ over, budget }, index) => {
    const ratioBy = (/** @type {keyof Times} */ clock) =>
      summarize(
        rounds.map((times) => [
          times[0]?.[clock] ?? Number.NaN,
          times[index + 1]?.[clock] ?? Number.NaN,
        ]),
      );
    const server = rounds[0]?.[0]?.server === undefined ? undefined : ratioBy("server");
    return {
      what: `${title}: ${what}, over ${over}`,
      ratio: ratioBy("wall"),
      processor: { client: ratioBy("client"), ...(server && { server }) },
      ...(budget !== undefined && { budget }),
    };
  });
}

/**
 * Runs a side for a while, and returns the number of its calls in a round.
 *
 * @param {(calls: number) => Promise<Times>} run
 * @param {{ atOnce: number, calls?: number }} options
 */
async function warmUp(run, { atOnce, calls: fixed }) {
  const end = performance.now() + WARM_UP_TIME;
  let calls = fixed ?? atOnce;
  do {
    const { wall } = await run(calls);
    const fitting = Math.round(Math.min(BATCH_TIME / wall, MAX_CALLS) / atOnce);
    calls = fixed ?? Math.max(1, fitting) * atOnce;
  } while (performance.now() < end);
  return calls;
}

/**
 * Runs every side once. The order is random, so no side always follows the same other side.
 *
 * @param {{ run: (calls: number) => Promise<Times>, calls: number }[]} batches
 * @returns {Promise<Times[]>} in the order of the sides
 */
async function timesOf(batches) {
  const order = batches.map((batch, index) => ({ ...batch, index, place: Math.random() }));
  order.sort((first, second) => first.place - second.place);
  /** @type {Times[]} */
  const times = [];
  for (const { run, calls, index } of order) times[index] = await run(calls);
  return times;
}
