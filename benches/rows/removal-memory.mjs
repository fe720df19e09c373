// @ts-check
/**
 * The peak of memory over idle while all sessions of one subject are removed, on SQLite with
 * libSQL's client, and each client is notified of them by subject.
 *
 * It's the resident memory of a process that does nothing else: the memory of Rollcall, V8, the
 * module and SQLite, including uncollected garbage. Idle is the same process after a smaller
 * removal and a garbage collection. If garbage is collected during the removal, the result is the
 * memory that the removal retains. One row shows the share of JavaScript objects.
 *
 * By subject, each client is notified once for each step. By session, which is the default, it is
 * notified once for each of its sessions.
 *
 * @module
 */

/** @import { StoredSession } from "../../pkg/index.js" */
/** @import { Finding, Scale } from "../findings.mjs" */

import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { temporaryFolder } from "../../tests/servers/server.mjs";
import { fillSqlite } from "../engines/sqlite.mjs";
import { makeSession } from "../sessions.mjs";

/** MiB. */
const BUDGET = 32;

/** The number of sessions that are removed as a warm-up. */
const WARM_UP = 2_000;
/** The number of sessions that end in one step. */
const STEP = 1_000;
/** The budget holds for the worst of this many runs, because the time of collections is random. */
const RUNS = 3;

const PROGRAM = fileURLToPath(new URL("removal-memory/remove.mjs", import.meta.url));

/**
 * A removal to measure.
 *
 * @typedef {object} Order
 * @property {string} file the URL of the database, which also has sessions of the subject `warm-up`
 * @property {number} sessions of the subject `leaving`
 * @property {number} notifications that are due
 * @property {"subject" | "session"} by how the clients are notified
 * @property {boolean} collect whether garbage is collected during the removal
 */

/**
 * Memory in bytes.
 *
 * @typedef {object} Memory
 * @property {number} process the resident memory of the process
 * @property {number} objects the memory of JavaScript objects, including uncollected ones
 */

/**
 * @param {Scale} scale
 * @returns {Promise<Finding[]>}
 */
export async function measure({ removedSessions: total }) {
  const folder = temporaryFolder("removal-memory");
  const filled = join(folder, "filled.db");
  const session = (/** @type {number} */ number) => ({
    ...makeSession(number, WARM_UP + total),
    subjectId: number < WARM_UP ? "warm-up" : "leaving",
  });
  await fillSqlite(pathToFileURL(filled), WARM_UP + total, session);
  const leaving = Array.from({ length: total }, (_, index) => session(WARM_UP + index)).sort(
    (one, other) => one.created - other.created,
  );

  /** @param {Pick<Order, "by" | "collect">} manner */
  const remove = (manner) => {
    const file = join(folder, "removed.db");
    for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
    copyFileSync(filled, file);
    const notifications = countNotifications(leaving, manner.by);
    /** @type {Order} */
    const order = { file: pathToFileURL(file).href, sessions: total, notifications, ...manner };
    const printed = execFileSync(
      process.execPath,
      ["--expose-gc", PROGRAM, JSON.stringify(order)],
      { encoding: "utf8" },
    );
    return /** @type {Memory} */ (JSON.parse(printed));
  };

  const runs = Array.from({ length: RUNS }, () => remove({ by: "subject", collect: false }));
  const collected = remove({ by: "subject", collect: true });
  const perSession = remove({ by: "session", collect: false });
  const what = `removing ${total.toLocaleString("en")} sessions of one subject, SQLite: memory over idle`;
  return [
    { what, ...mebibytes(Math.max(...runs.map(({ process }) => process))), budget: BUDGET },
    { what: `${what}, with garbage collection`, ...mebibytes(collected.process) },
    {
      what: `${what}, with garbage collection, JavaScript objects`,
      ...mebibytes(collected.objects),
    },
    {
      what: `${what}, clients notified by session`,
      ...mebibytes(perSession.process),
      budget: BUDGET,
    },
  ];
}

/**
 * The number of notifications for these sessions.
 *
 * @param {StoredSession[]} sessions in the order in which they end
 * @param {Order["by"]} by
 */
function countNotifications(sessions, by) {
  const size = by === "subject" ? STEP : 1;
  let count = 0;
  for (let start = 0; start < sessions.length; start += size) {
    const clients = sessions.slice(start, start + size).flatMap((session) => session.clients);
    count += new Set(clients.map(({ clientId }) => clientId)).size;
  }
  return count;
}

/** @param {number} bytes */
function mebibytes(bytes) {
  return { amount: bytes / 2 ** 20, unit: "MiB" };
}
