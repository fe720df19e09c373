// @ts-check
/**
 * Ending the sessions of a subject through the core, over a plain `delete` of as many rows by
 * `subject_id` in the same database.
 *
 * The plain delete is the minimum work for a database: it returns no session, revokes no token and
 * records no notification. On PostgreSQL wall time is measured, on SQLite the processor time of
 * this process. The sessions of a round are stored before it, outside the measured time. Both
 * subjects are stored in the same way, in the same table, with two clients each.
 *
 * PostgreSQL is measured twice. The server of the tests keeps its files in memory and doesn't flush
 * them, so a commit costs nothing. The other server has the default settings and flushes each
 * commit to the disk.
 *
 * @module
 */

/** @import { Host, StoredSession } from "../../pkg/index.js" */
/** @import { Finding } from "../findings.mjs" */
/** @import { Manner, Side } from "../paired.mjs" */

import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SessionManagement } from "../../pkg/entry/node.js";
import { startPostgres } from "../../tests/servers/postgres.mjs";
import { fillPostgres, openPostgres, writePostgres } from "../engines/postgres.mjs";
import { fillSqlite, openSqlite, writeSqlite } from "../engines/sqlite.mjs";
import { pairedRatio } from "../paired.mjs";
import { makeSession } from "../sessions.mjs";

const SESSIONS = 200_000;
const CLIENTS = [{ clientId: "shop" }, { clientId: "forum" }];
/** Each round stores the sessions that it ends. */
const EFFORT = 0.4;

/**
 * An ending, with its notifications and events.
 *
 * @typedef {object} Case
 * @property {string} what
 * @property {number} size the number of sessions of the subject
 * @property {"subject" | "session"} by how its clients are notified
 * @property {boolean} [listens] whether the host listens to events
 * @property {{ PostgreSQL?: number, SQLite?: number }} budgets
 */

/** @type {Case[]} */
const CASES = [
  {
    what: "1,000 sessions, notifying clients by subject",
    size: 1_000,
    by: "subject",
    budgets: { PostgreSQL: 4, SQLite: 3 },
  },
  {
    what: "1,000 sessions, notifying clients by subject, with events",
    size: 1_000,
    by: "subject",
    listens: true,
    budgets: { PostgreSQL: 5 },
  },
  {
    what: "10 sessions, notifying clients by subject",
    size: 10,
    by: "subject",
    budgets: { PostgreSQL: 3, SQLite: 10 },
  },
  {
    what: "1,000 sessions, 2,000 notifications by session",
    size: 1_000,
    by: "session",
    budgets: { PostgreSQL: 35 },
  },
];

/**
 * A database, with both ways to end sessions.
 *
 * @typedef {object} Database
 * @property {string} name
 * @property {keyof Case["budgets"]} [budgets] whose budgets apply
 * @property {NonNullable<Manner["clock"]>} clock
 * @property {Required<Pick<Host, "sessions" | "grants" | "outbox" | "atomic">>} stores
 * @property {(sessions: StoredSession[]) => Promise<void>} write
 * @property {(subjectId: string) => Promise<number>} deleteSessions
 */

/** @returns {Promise<Finding[]>} */
export async function measure() {
  const session = (/** @type {number} */ number) => makeSession(number, SESSIONS);

  const onPostgres = await measurePostgres("PostgreSQL", {}, session, "PostgreSQL");
  const disk = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  // The account of the server must be able to enter the folder.
  chmodSync(disk, 0o755);
  const flushing = { folder: join(disk, "postgres"), settings: { fsync: "on" } };
  const onDisk = await measurePostgres("PostgreSQL that flushes to the disk", flushing, session);
  rmSync(disk, { recursive: true });

  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const file = pathToFileURL(join(folder, "endings.db"));
  await fillSqlite(file, SESSIONS, session);
  const sqlite = openSqlite(file);
  const onSqlite = await measureDatabase({
    name: "SQLite",
    budgets: "SQLite",
    clock: "processor",
    stores: sqlite.stores,
    ...writeSqlite(sqlite),
  });
  await sqlite.close();
  rmSync(folder, { recursive: true });
  return [...onPostgres, ...onDisk, ...onSqlite];
}

/**
 * @param {string} name
 * @param {Parameters<typeof startPostgres>[0]} options
 * @param {(number: number) => StoredSession} session
 * @param {Database["budgets"]} [budgets]
 */
async function measurePostgres(name, options, session, budgets) {
  const server = await startPostgres(options);
  await fillPostgres(server.url, SESSIONS, session);
  const { stores, close } = openPostgres(server.url, { max: 1 });
  const { write, deleteSessions, close: closeWriter } = await writePostgres(server.url);
  const findings = await measureDatabase({
    name,
    ...(budgets && { budgets }),
    clock: "wall",
    stores,
    write,
    deleteSessions,
  });
  await closeWriter();
  await close();
  await server.stop();
  return findings;
}

/**
 * @param {Database} database
 * @returns {Promise<Finding[]>}
 */
async function measureDatabase(database) {
  const { name, clock, budgets: of } = database;
  const findings = [];
  for (const { what, budgets, ...ended } of CASES) {
    const budget = of && budgets[of];
    findings.push({
      what: `${name}, ${SESSIONS.toLocaleString("en")} sessions of others: ending ${what}, over a plain delete`,
      ratio: await pairedRatio(ending(database, ended), deleting(database, ended), {
        clock,
        effort: EFFORT,
      }),
      ...(budget !== undefined && { budget }),
    });
  }
  return findings;
}

/**
 * @param {Database} database
 * @param {Pick<Case, "size" | "by" | "listens">} ended
 * @returns {Side}
 */
function ending({ stores, write }, { size, by, listens = false }) {
  const management = new SessionManagement({
    ...stores,
    clients: (clientId) => ({
      clientId,
      backChannelLogoutUri: `https://${clientId}.example/logout`,
      backChannelLogoutBy: by,
    }),
    delivery: { wait: 0 },
    ...(listens && { onEvent: () => {} }),
  });
  return ofSubjects(write, size, async (subjectId) => {
    const { sessionsRemoved, notifications } = await management.removeSessions({ subjectId });
    const expected = CLIENTS.length * (by === "subject" ? 1 : size);
    if (sessionsRemoved !== size || notifications.pending !== expected)
      throw new Error(`${sessionsRemoved} sessions, ${notifications.pending} notifications`);
  });
}

/**
 * @param {Database} database
 * @param {Pick<Case, "size">} ended
 * @returns {Side}
 */
function deleting({ write, deleteSessions }, { size }) {
  return ofSubjects(write, size, async (subjectId) => {
    const deleted = await deleteSessions(subjectId);
    if (deleted !== size) throw new Error(`${deleted} sessions`);
  });
}

/**
 * A side that ends the sessions of a subject. `prepare` stores them.
 *
 * @param {Database["write"]} write
 * @param {number} size
 * @param {(subjectId: string) => Promise<void>} end
 * @returns {Side}
 */
function ofSubjects(write, size, end) {
  /** @type {string[]} */
  const subjects = [];
  return {
    prepare: async (calls) => {
      for (let call = 0; call < calls; call += 1) {
        const subjectId = `leaving ${randomBytes(8).toString("hex")}`;
        await write(Array.from({ length: size }, () => sessionOf(subjectId)));
        subjects.push(subjectId);
      }
    },
    call: async () => {
      const subjectId = subjects.pop();
      if (subjectId === undefined) throw new Error("no subject was prepared");
      await end(subjectId);
    },
  };
}

let stored = 0;

/**
 * @param {string} subjectId
 * @returns {StoredSession}
 */
function sessionOf(subjectId) {
  stored += 1;
  return {
    ...makeSession(stored % SESSIONS, SESSIONS),
    key: randomBytes(32).toString("hex"),
    subjectId,
    sessionId: randomBytes(16).toString("hex"),
    created: Date.now(),
    clients: CLIENTS,
  };
}
