/** `examples/audit-log`: the rows of the table, and failures of the table. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { createClient } from "@libsql/client";
import { Kysely } from "kysely";
import { PGliteDialect } from "kysely-pglite-dialect";
import { SessionManagement, TicketStore } from "rollcall";
import { memoryStores } from "rollcall/memory";
import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";
import { AuditLog } from "../../examples/audit-log/audit-log.mjs";
import { auditTable, createAuditTable } from "../../examples/audit-log/audit-table.mjs";

const PROGRAM = fileURLToPath(new URL("../../examples/audit-log/server.mjs", import.meta.url));
const ADMIN_SECRET = "a-secret-of-the-example-that-is-long-enough";
const KEYS = { current: "1", keys: { 1: new Uint8Array(32) } };

/** A SQLite file in its own folder. */
async function temporaryDatabase() {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-audit-log-"));
  const file = join(folder, "sessions.db");
  const client = createClient({ url: `file:${file}` });
  const kysely = new Kysely({ dialect: libsqlDialect(client) });
  return {
    file,
    kysely,
    rows: () => kysely.selectFrom("audit").selectAll().orderBy("at").orderBy("number").execute(),
    remove: async () => {
      await kysely.destroy();
      client.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** PostgreSQL in this process. */
function postgres() {
  const kysely = new Kysely({ dialect: new PGliteDialect(new PGlite()) });
  return {
    kysely,
    rows: () => kysely.selectFrom("audit").selectAll().orderBy("number").execute(),
    remove: () => kysely.destroy(),
  };
}

/** The key of a session, derived from its cookie value. */
const keyOf = (cookie) => createHash("sha256").update(Buffer.from(cookie, "hex")).digest("hex");

/** Rows without the random members and the time. */
const steady = (rows) =>
  rows.map(({ writer, at, number, ...row }) => ({ ...row, detail: JSON.parse(row.detail) }));

/** A table in memory that fails on demand. */
class Table {
  rows = [];
  attempts = 0;
  fails = () => false;

  write = async (rows) => {
    this.attempts += 1;
    if (await this.fails(this.attempts)) throw Object.assign(new Error("row"), { code: "DOWN" });
    this.rows.push(...rows);
  };
}

/** An audit log with such a table. */
function auditOver(table, options = {}) {
  const lost = [];
  const errors = [];
  const audit = new AuditLog({
    write: table.write,
    onLost: (rows) => lost.push(...rows),
    onError: (error) => errors.push(error.code),
    ...options,
  });
  return { audit, lost, errors };
}

const denied = (route, actor) => ({
  type: "admin_denied",
  at: new Date("2026-03-01T12:00:00.250Z"),
  route,
  ...(actor !== undefined && { actor }),
});
const numbers = (rows) => rows.map(({ number }) => Number(number));

describe("the admin API with an audit log", () => {
  let database;
  let program;

  before(async () => {
    database = await temporaryDatabase();
    await migrate(database.kysely, { dialect: "sqlite" });
    const tickets = new TicketStore(sqlStores(database.kysely, { dialect: "sqlite" }), {
      keys: KEYS,
    });
    for (const subjectId of ["alice", "bob"]) {
      await tickets.store({ subjectId, sessionId: `${subjectId}-1` });
    }
    program = await start(database.file);
  });
  after(async () => {
    program?.kill("SIGKILL");
    await database?.remove();
  });

  test("the table has removals and denials in order without secrets, and a signal writes the rest", async () => {
    const removed = await program.call("POST", "sessions/remove", {
      subjectId: "alice",
      reason: "lost laptop",
    });
    assert.equal((await removed.json()).sessionsRemoved, 1);
    const purge = await program.call("POST", "sessions/purge", { everything: true });
    assert.equal(purge.status, 403);
    const stranger = await program.call("GET", "sessions?search=bob", undefined, "wrong");
    assert.equal(stranger.status, 401);
    program.kill("SIGTERM");
    const [code] = await program.exit;
    assert.deepEqual([code, program.lines.at(-1)], [0, "stopped"]);

    const rows = await database.rows();
    const nothing = { subject_id: null, session_id: null, client_id: null, reason: null };
    assert.deepEqual(steady(rows), [
      {
        ...nothing,
        type: "session_removed",
        actor: "on-call",
        subject_id: "alice",
        session_id: "alice-1",
        reason: "lost laptop",
        outcome: "success",
        detail: { logoutReason: "terminated" },
      },
      {
        ...nothing,
        type: "admin_denied",
        actor: "on-call",
        outcome: "denied",
        detail: { permission: "purge", route: "POST /v1/sessions/purge" },
      },
      {
        ...nothing,
        type: "admin_denied",
        actor: null,
        outcome: "denied",
        detail: { permission: "read", route: "GET /v1/sessions" },
      },
    ]);
    assert.deepEqual(numbers(rows), [1, 2, 3]);
    assert.equal(new Set(rows.map(({ writer }) => writer)).size, 1);
    for (const { at } of rows) assert.equal(new Date(at).toISOString(), at);
    for (const secret of [ADMIN_SECRET, "wrong", "bob"]) {
      assert.ok(!JSON.stringify(rows).includes(secret), secret);
    }
  });
});

describe("the audit log", () => {
  test("a cookie value and the key of a session are in no row", async () => {
    const table = new Table();
    const { audit } = auditOver(table);
    const host = { ...memoryStores(), onEvent: audit.record };
    const tickets = new TicketStore(host, { keys: KEYS });
    const cookie = await tickets.store({ subjectId: "alice", ticket: { password: "hunter2" } });
    const renewed = await tickets.renew(cookie, { subjectId: "alice", ticket: {} });
    await new SessionManagement(host).removeSessions({ subjectId: "alice", actor: "carol" });
    await audit.stop();
    assert.deepEqual(
      table.rows.map(({ type }) => type),
      ["session_created", "session_renewed", "session_removed"],
    );
    const text = JSON.stringify(table.rows);
    for (const secret of [cookie, keyOf(cookie), renewed, keyOf(renewed), "hunter2"]) {
      assert.ok(!text.includes(secret));
    }
  });

  test("events of one turn are one write, and those of the meantime are the next", async () => {
    const table = new Table();
    const { audit } = auditOver(table);
    let release;
    const first = new Promise((resolve) => {
      table.fails = () => {
        resolve();
        table.fails = () => false;
        return new Promise((answer) => {
          release = () => answer(false);
        });
      };
    });
    for (let count = 0; count < 3; count++) audit.record(denied("GET /v1/me"));
    await first;
    for (let count = 0; count < 250; count++) audit.record(denied("GET /v1/me"));
    release();
    await audit.stop();
    assert.equal(table.attempts, 1 + 3, "3 rows, then 100, 100 and 50");
    assert.deepEqual(
      numbers(table.rows),
      Array.from({ length: 253 }, (_, index) => index + 1),
    );
  });

  for (const [engine, open] of [
    ["SQLite", temporaryDatabase],
    ["PostgreSQL", postgres],
  ]) {
    test(`a table of ${engine} that fails for a while gets every event, once and in order`, async () => {
      const database = await open();
      try {
        await createAuditTable(database.kysely);
        await createAuditTable(database.kysely);
        const write = auditTable(database.kysely);
        let attempts = 0;
        const table = {
          write: async (rows) => {
            attempts += 1;
            // The second write reaches the database, but its answer is lost.
            if (attempts === 2) await write(rows);
            if (attempts < 4) throw Object.assign(new Error("row"), { code: "DOWN" });
            await write(rows);
          },
        };
        const { audit, lost, errors } = auditOver(table);
        for (let count = 0; count < 5; count++) audit.record(denied("GET /v1/me", "mallory"));
        while (attempts < 4) await new Promise((resolve) => setTimeout(resolve, 10));
        await audit.stop();
        assert.deepEqual(numbers(await database.rows()), [1, 2, 3, 4, 5]);
        assert.deepEqual([errors, lost], [["DOWN", "DOWN", "DOWN"], []]);
      } finally {
        await database.remove();
      }
    });
  }

  test("events beyond a full queue are reported, and leave a gap in the numbers", async () => {
    const table = new Table();
    let isDown = true;
    table.fails = () => isDown;
    const { audit, lost } = auditOver(table, { capacity: 4 });
    for (let count = 0; count < 6; count++) audit.record(denied("GET /v1/me", "mallory"));
    assert.deepEqual(numbers(lost), [5, 6]);
    while (table.attempts < 1) await new Promise((resolve) => setImmediate(resolve));
    isDown = false;
    while (table.rows.length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    audit.record(denied("GET /v1/me", "mallory"));
    await audit.stop();
    assert.deepEqual(numbers(table.rows), [1, 2, 3, 4, 7]);
    assert.deepEqual(numbers(lost), [5, 6]);
  });

  test("events of unauthenticated callers can't displace others", async () => {
    const table = new Table();
    table.fails = () => true;
    const { audit, lost } = auditOver(table, { capacity: 4 });
    for (let count = 0; count < 3; count++) audit.record(denied("GET /v1/sessions"));
    assert.deepEqual(numbers(lost), [3]);
    for (let count = 0; count < 2; count++) audit.record(denied("GET /v1/sessions", "mallory"));
    assert.deepEqual(numbers(lost), [3]);
    await audit.stop();
    assert.deepEqual(numbers(lost), [3, 1, 2, 4, 5]);
  });

  test("stopping retries once, and reports the events that a failing table didn't get", async () => {
    const table = new Table();
    table.fails = () => true;
    const { audit, lost, errors } = auditOver(table);
    audit.record(denied("GET /v1/me", "mallory"));
    while (errors.length < 1) await new Promise((resolve) => setImmediate(resolve));
    await audit.stop();
    assert.deepEqual([table.attempts, numbers(lost)], [2, [1]]);
    audit.record(denied("GET /v1/me", "mallory"));
    assert.deepEqual([table.attempts, numbers(lost)], [2, [1, 2]]);
  });

  test("stopping doesn't wait for a write that never ends", async () => {
    const table = new Table();
    table.fails = () => new Promise(() => {});
    const { audit, lost } = auditOver(table);
    audit.record(denied("GET /v1/me", "mallory"));
    await audit.stop(1);
    assert.deepEqual(numbers(lost), [1]);
  });

  test("an event of a later version keeps its members, and no database gets a NUL", async () => {
    const table = new Table();
    const { audit } = auditOver(table);
    audit.record({ type: "coffee_made", at: new Date(0), reason: "a\0b", cups: 2 });
    await audit.stop();
    assert.deepEqual(steady(table.rows), [
      {
        type: "coffee_made",
        actor: null,
        subject_id: null,
        session_id: null,
        client_id: null,
        reason: "a\uFFFDb",
        outcome: "unknown",
        detail: { cups: 2 },
      },
    ]);
  });
});

/** Starts the program, and waits until it listens. */
async function start(database) {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...process.env, DATABASE: database, ADMIN_SECRET, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "close");
  const lines = [];
  const port = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      const found = /^listening on .*port: (\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    exit.then(() => reject(new Error(`the program ended:\n${lines.join("\n")}`)));
  });
  return {
    lines,
    exit,
    kill: (signal) => child.kill(signal),
    /** Calls a route of the API. */
    call: (method, route, body, secret = ADMIN_SECRET) =>
      fetch(`http://127.0.0.1:${port}/v1/${route}`, {
        method,
        headers: {
          authorization: `Bearer ${secret}`,
          connection: "close",
          ...(body && { "content-type": "application/json" }),
        },
        body: body && JSON.stringify(body),
      }),
  };
}
