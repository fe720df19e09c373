// @ts-check
/**
 * Removes all sessions of one subject from an SQLite file, and prints the peak of this process's
 * memory over idle. Fails unless each notification was delivered exactly once.
 *
 * @module
 */

/** @import { Memory, Order } from "../removal-memory.mjs" */

import { deepStrictEqual } from "node:assert";
import { setImmediate, setTimeout } from "node:timers/promises";
import { SessionManagement } from "../../../pkg/entry/node.js";
import { openSqlite } from "../../engines/sqlite.mjs";

/** Memory is sampled at every step, and once in this many calls of the sender. */
const SENT_BETWEEN = 200;
/** Garbage is collected before one in this many samples, because it takes longer than a page. */
const COLLECTED_EVERY = 10;
/** The number of outbox entries in one page. */
const PAGE = 1_000;

/** @type {Order} */
const { file, sessions, notifications, by, collect } = JSON.parse(process.argv[2] ?? "");

const { stores, close } = openSqlite(new URL(file));
let sent = 0;
let sample = () => {};
const management = new SessionManagement({
  ...stores,
  atomic: {
    ...stores.atomic,
    endSessions: async (step) => {
      const ended = await stores.atomic.endSessions(step);
      sample();
      return ended;
    },
  },
  clients: (clientId) => ({
    clientId,
    backChannelLogoutUri: `https://${clientId}.example.com/logout`,
    backChannelLogoutBy: by,
  }),
  sendLogout: async () => {
    sent += 1;
    if (sent % SENT_BETWEEN === 0) sample();
    // A real sender also waits, for the network.
    await setImmediate();
    return { delivered: true, status: 200 };
  },
  // The removal waits for all of its notifications.
  delivery: { wait: 3_600_000 },
});

// Warm up the compiled code and the caches of the database.
await management.removeSessions({ subjectId: "warm-up" });
const recordedBefore = await countRecorded();
const idle = await idleMemory();
sent = 0;
/** @type {Memory} */
const peak = { process: 0, objects: 0 };
let samples = 0;
sample = () => {
  samples += 1;
  if (collect) {
    if (samples % COLLECTED_EVERY !== 0) return;
    globalThis.gc?.();
  }
  const now = memory();
  peak.process = Math.max(peak.process, now.process);
  peak.objects = Math.max(peak.objects, now.objects);
};

const report = await management.removeSessions({ subjectId: "leaving" });
const recorded = (await countRecorded()) - recordedBefore;
await close();
deepStrictEqual(
  { removed: report.sessionsRemoved, ...report.notifications, sent, recorded },
  {
    removed: sessions,
    delivered: notifications,
    pending: 0,
    failed: 0,
    skipped: 0,
    sent: notifications,
    recorded: notifications,
  },
);
console.log(
  JSON.stringify({ process: peak.process - idle.process, objects: peak.objects - idle.objects }),
);

/** The memory of the idle process. */
async function idleMemory() {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await setTimeout(50);
  }
  return memory();
}

/** @returns {Memory} */
function memory() {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { process: rss, objects: heapUsed + external };
}

/**
 * Counts the recorded notifications. Throws unless all differ and were delivered at the first
 * attempt. If clients are notified by subject, the notifications of two steps differ only in ids.
 */
async function countRecorded() {
  const distinct = new Set();
  let count = 0;
  let after = "";
  for (;;) {
    const page = await stores.outbox.list({}, after, PAGE);
    for (const { id, clientId, subjectId, sessionId, state, attempts } of page) {
      deepStrictEqual({ state, attempts }, { state: "delivered", attempts: 1 });
      distinct.add(JSON.stringify([clientId, subjectId, sessionId ?? id]));
      after = id;
    }
    count += page.length;
    if (page.length < PAGE) break;
  }
  if (distinct.size !== count)
    throw new Error(`${count - distinct.size} notifications are duplicates`);
  return count;
}
