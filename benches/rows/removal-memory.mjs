// @ts-check
/**
 * How far memory goes over idle while all sessions of one subject are removed, on SQLite by
 * libSQL's client, and each client is notified of them by subject.
 *
 * It is the memory that the system has given to a process which does nothing else: what Rollcall,
 * V8, the module and SQLite itself take, garbage that V8 has not collected yet included. Idle is
 * the same process after a smaller removal and a collection. With garbage collected on the way it
 * shows what the removal holds on to, and what of that is objects of JavaScript.
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

/** How many sessions are removed until the program is warm. */
const WARM_UP = 2_000;
/** How many sessions end in one step. */
const STEP = 1_000;
/** When V8 collects is a matter of chance: the budget holds for the worst of so many. */
const RUNS = 3;

const PROGRAM = fileURLToPath(new URL("removal-memory/remove.mjs", import.meta.url));

/**
 * What is to be removed, and how.
 *
 * @typedef {object} Order
 * @property {string} file the address of the database, in which the subject `warm-up` has sessions
 * too
 * @property {number} sessions of the subject `leaving`
 * @property {number} notifications that are due
 * @property {"subject" | "session"} by how the clients are notified
 * @property {boolean} collect whether garbage is collected on the way
 */

/**
 * Bytes.
 *
 * @typedef {object} Memory
 * @property {number} process what the system has given to the process
 * @property {number} objects what the objects of JavaScript take, with those that were not
 * collected yet
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
    { what: `${what}, garbage collected on the way`, ...mebibytes(collected.process) },
    {
      what: `${what}, garbage collected on the way, objects of JavaScript`,
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
 * How many notifications follow from these sessions.
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
