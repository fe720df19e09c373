// How a database comes to its tables.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { migrate, migrationSql, sqlStores } from "../../pkg/sql.js";
import { fullSession } from "./cases/samples.mjs";
import { OPTIONS, openEmpty, openFile, temporaryFile } from "./support.mjs";

const schemaOf = ({ query }) =>
  query("select type, name, tbl_name, sql from sqlite_schema where name like 'rollcall%' order by name");

const versionsOf = async ({ query }) => {
  const rows = await query("select version from rollcall_migrations order by version");
  return rows.map(({ version }) => version);
};

const statementsOf = (text) => text.split(/;\n/).filter((statement) => statement.trim() !== "");

export function testMigrations(engine) {
  describe(`migrations on ${engine.name}`, () => {
    test("change nothing the second time, and keep what is stored", async (t) => {
      const database = await openEmpty(t, engine);
      await migrate(database.kysely, OPTIONS);
      const { sessions } = sqlStores(database.kysely, OPTIONS);
      await sessions.create(fullSession("a"));
      const before = [await schemaOf(database), await versionsOf(database)];
      await migrate(database.kysely, OPTIONS);
      assert.deepEqual([await schemaOf(database), await versionsOf(database)], before);
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    });

    test("may be asked for many times at once, on connections of their own", async (t) => {
      const file = await temporaryFile(t);
      const databases = Array.from({ length: 6 }, () => openFile(t, engine, file));
      await Promise.all(databases.map(({ kysely }) => migrate(kysely, OPTIONS)));
      assert.deepEqual(await versionsOf(databases[0]), [1]);
    });

    test("are the same as text, which can be run again and is known to `migrate`", async (t) => {
      const [byText, byMigrate] = [await openEmpty(t, engine), await openEmpty(t, engine)];
      await migrate(byMigrate.kysely, OPTIONS);
      for (let round = 0; round < 2; round += 1) {
        for (const statement of statementsOf(migrationSql(OPTIONS))) {
          await byText.query(statement);
        }
      }
      assert.deepEqual(await schemaOf(byText), await schemaOf(byMigrate));
      assert.deepEqual(await versionsOf(byText), [1]);
      const [{ applied }] = await byText.query("select applied from rollcall_migrations");
      assert.ok(Math.abs(Number(applied) - Date.now()) < 60_000, "the time is in milliseconds");
      await migrate(byText.kysely, OPTIONS);
      assert.deepEqual(await schemaOf(byText), await schemaOf(byMigrate));
    });

    test("finish what was broken off", async (t) => {
      const database = await openEmpty(t, engine);
      const statements = statementsOf(migrationSql(OPTIONS));
      for (const statement of statements.slice(0, 4)) {
        await database.query(statement);
      }
      await migrate(database.kysely, OPTIONS);
      const complete = await openEmpty(t, engine);
      await migrate(complete.kysely, OPTIONS);
      assert.deepEqual(await schemaOf(database), await schemaOf(complete));
    });

    test("leave a database of a newer version as it is", async (t) => {
      const database = await openEmpty(t, engine);
      await migrate(database.kysely, OPTIONS);
      await database.query("insert into rollcall_migrations (version, applied) values (1000, 0)");
      await database.query("drop table rollcall_outbox");
      const before = await schemaOf(database);
      await migrate(database.kysely, OPTIONS);
      assert.deepEqual(await schemaOf(database), before);
    });

    test("put the file into WAL mode, or leave that to who opens it", async (t) => {
      const database = await openEmpty(t, engine);
      await migrate(database.kysely, OPTIONS);
      const [{ journal_mode: mode }] = await database.query("pragma journal_mode");
      assert.equal(mode, "wal");
    });
  });
}
