// A MariaDB whose `sql_mode` lets a value end a statement, or truncates long values.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Kysely, MysqlDialect } from "kysely";
import mysql from "mysql2";
import { TicketStore } from "../../pkg/entry/node.js";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { Unavailable } from "../servers/server.mjs";
import { startMariadbEngine } from "./mariadb-engine.mjs";
import { session } from "./samples.mjs";

const STRICT = "STRICT_TRANS_TABLES";
const INJECTABLE = `${STRICT},NO_BACKSLASH_ESCAPES`;
const LAX = "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

const refusal = (fault) => ({
  name: "RollcallError",
  code: "not_configured",
  message: `the \`sql_mode\` of the database connection ${fault}, on the server or for each connection of the pool`,
});
const injectable = refusal("has `NO_BACKSLASH_ESCAPES`: take it out");
const lax = refusal("isn't strict: add `STRICT_TRANS_TABLES`");

const engine = await startMariadbEngine().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("the modes of MariaDB", { skip: error.message }, () => {});
});

if (engine !== undefined) {
  after(() => engine.stop());

  /** A pool whose n-th connection has the n-th mode. Later connections have the last mode. */
  const open = (t, place, modes, options = {}) => {
    const pool = mysql.createPool({ uri: place, connectionLimit: modes.length });
    let opened = 0;
    pool.on("connection", (connection) => {
      const mode = modes[Math.min(opened, modes.length - 1)];
      opened += 1;
      connection.query(`set session sql_mode = '${mode}'`);
    });
    const statements = [];
    const kysely = new Kysely({
      dialect: new MysqlDialect({ pool }),
      log: ({ query }) => statements.push(query.sql),
    });
    t.after(() => kysely.destroy());
    return { kysely, statements, stores: sqlStores(kysely, { ...engine.options, ...options }) };
  };

  const migrated = async (t) => {
    const place = await engine.place();
    await migrate(open(t, place, [STRICT]).kysely, engine.options);
    return place;
  };

  for (const [name, mode, expected] of [
    ["NO_BACKSLASH_ESCAPES", INJECTABLE, injectable],
    [
      "EMPTY_STRING_IS_NULL",
      `${STRICT},EMPTY_STRING_IS_NULL`,
      refusal("has `EMPTY_STRING_IS_NULL`: take it out"),
    ],
    ["no strict mode", LAX, lax],
    ["no mode at all", "", lax],
  ]) {
    describe(`with ${name}`, () => {
      test("migrates nothing", async (t) => {
        const place = await engine.place();
        const { kysely } = open(t, place, [mode]);
        await assert.rejects(migrate(kysely, engine.options), expected);
        const { kysely: other } = open(t, place, [STRICT]);
        assert.deepEqual(await other.introspection.getTables(), []);
      });

      test("no store sends a value", async (t) => {
        const { stores, kysely, statements } = open(t, await migrated(t), [mode]);
        const key = "00".repeat(32);
        const { sessions, grants, outbox, atomic } = stores;
        for (const call of [
          () => sessions.get(key),
          () => sessions.remove([key]),
          () => grants.list({ subjectId: "alice" }),
          () => outbox.retry("notification", 0),
          () => atomic.admit({ ...session("a"), key }, 1, 0),
        ]) {
          await assert.rejects(async () => call(), expected, String(call));
        }
        await assert.rejects(
          kysely.transaction().execute((own) => sqlStores(own, engine.options).sessions.get(key)),
          expected,
        );
        assert.deepEqual(
          statements.filter((sql) => /rollcall/.test(sql)),
          [],
        );
      });

      test("the error of a service names the setting to change", async (t) => {
        const { stores } = open(t, await migrated(t), [mode]);
        const tickets = new TicketStore(stores, {
          keys: { current: "1", keys: { 1: new Uint8Array(32) } },
        });
        await assert.rejects(tickets.store({ subjectId: "alice", ticket: {} }), {
          code: "not_configured",
          message: expected.message,
        });
      });
    });
  }

  test("with ORACLE no store sends a value", async (t) => {
    const { stores } = open(t, await migrated(t), [`ORACLE,${STRICT}`]);
    const expected = refusal("has `ORACLE`: take it out");
    await assert.rejects(stores.sessions.get("00".repeat(32)), expected);
  });

  test("each connection of a pool is checked", async (t) => {
    const { stores } = open(t, await migrated(t), [STRICT, INJECTABLE]);
    const both = await Promise.allSettled([1, 2].map(() => stores.sessions.get("00".repeat(32))));
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  test("a connection is checked once", async (t) => {
    const { stores, statements } = open(t, await migrated(t), [STRICT, STRICT]);
    const getTwice = () => Promise.all([1, 2].map(() => stores.sessions.get("00".repeat(32))));
    for (let call = 0; call < 5; call += 1) await getTwice();
    await stores.sessions.remove(["00".repeat(32)], { subjectId: "alice" });
    const checks = statements.filter((sql) => sql.includes("sql_mode"));
    assert.equal(checks.length, 2);
  });

  test("a strict mode for all tables is accepted", async (t) => {
    const { stores } = open(t, await migrated(t), ["STRICT_ALL_TABLES"], { prepare: false });
    assert.equal(await stores.sessions.get("00".repeat(32)), undefined);
  });
}
