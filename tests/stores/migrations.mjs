// How a database comes to its tables.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SessionManagement } from "../../pkg/entry/node.js";
import { migrate, migrationSql, sqlStores } from "../../pkg/sql.js";
import { testMigrationVersions } from "./migration-versions.mjs";
import { fullSession } from "./samples.mjs";
import { openAt, openEmpty } from "./support.mjs";

const versionsOf = async ({ query }) => {
  const rows = await query("select version from rollcall_migrations order by version");
  return rows.map(({ version }) => Number(version));
};

const statementsOf = (text) => text.split(/;\n/).filter((statement) => statement.trim() !== "");

export function testMigrations(engine) {
  describe(`migrations on ${engine.name}`, () => {
    test("change nothing the second time, and keep what is stored", async (t) => {
      const database = await openEmpty(t, engine);
      await migrate(database.kysely, engine.options);
      const { sessions } = sqlStores(database.kysely, engine.options);
      await sessions.create(fullSession("a"));
      const before = [await engine.schemaOf(database.query), await versionsOf(database)];
      await migrate(database.kysely, engine.options);
      assert.deepEqual([await engine.schemaOf(database.query), await versionsOf(database)], before);
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    });

    test("are asked for by every store where there are none", async (t) => {
      const { kysely } = await openEmpty(t, engine);
      const { sessions } = sqlStores(kysely, engine.options);
      const notMigrated = { name: "RollcallError", code: "not_configured", message: /`migrate\(/ };
      await assert.rejects(sessions.get("a"), notMigrated);
      const management = new SessionManagement(sqlStores(kysely, engine.options));
      await assert.rejects(management.querySessions(), notMigrated);
      await migrate(kysely, engine.options);
      assert.equal(await sessions.get("a"), undefined);
    });

    test("and the stores are refused a dialect of another database", async (t) => {
      const { kysely } = await openEmpty(t, engine);
      const { dialect } = engine.options;
      const isMysql = dialect === "mysql" || dialect === "mariadb";
      const others = ["sqlite", "postgres", "mysql"].filter(
        (other) => other !== dialect && !(isMysql && other === "mysql"),
      );
      for (const other of others) {
        const message = new RegExp(`\`dialect\` is \`${other}\`, .* is for .*\`${dialect}\``);
        const refusal = { name: "RollcallError", code: "invalid_argument", message };
        assert.throws(() => sqlStores(kysely, { dialect: other }), refusal);
        await assert.rejects(migrate(kysely, { dialect: other }), refusal);
      }
    });

    test("may be asked for many times at once, on connections of their own", async (t) => {
      const place = await engine.place(t);
      const databases = Array.from({ length: 6 }, () => openAt(t, engine, place));
      await Promise.all(databases.map(({ kysely }) => migrate(kysely, engine.options)));
      assert.deepEqual(await versionsOf(databases[0]), [1]);
    });

    test("are the same as text, which can be run again and is known to `migrate`", async (t) => {
      const [byText, byMigrate] = [await openEmpty(t, engine), await openEmpty(t, engine)];
      await migrate(byMigrate.kysely, engine.options);
      for (let round = 0; round < 2; round += 1) {
        for (const statement of statementsOf(migrationSql(engine.options))) {
          await byText.query(statement);
        }
      }
      assert.deepEqual(await engine.schemaOf(byText.query), await engine.schemaOf(byMigrate.query));
      assert.deepEqual(await versionsOf(byText), [1]);
      const [{ applied }] = await byText.query("select applied from rollcall_migrations");
      assert.ok(Math.abs(Number(applied) - Date.now()) < 60_000, "the time is in milliseconds");
      await migrate(byText.kysely, engine.options);
      assert.deepEqual(await engine.schemaOf(byText.query), await engine.schemaOf(byMigrate.query));
    });

    test("finish what was broken off", async (t) => {
      const database = await openEmpty(t, engine);
      const statements = statementsOf(migrationSql(engine.options));
      for (const statement of statements.slice(0, 4)) {
        await database.query(statement);
      }
      await migrate(database.kysely, engine.options);
      const complete = await openEmpty(t, engine);
      await migrate(complete.kysely, engine.options);
      assert.deepEqual(
        await engine.schemaOf(database.query),
        await engine.schemaOf(complete.query),
      );
    });

    test("leave a database of a newer version as it is", async (t) => {
      const database = await openEmpty(t, engine);
      await migrate(database.kysely, engine.options);
      await database.query("insert into rollcall_migrations (version, applied) values (1000, 0)");
      await database.query("drop table rollcall_outbox");
      const before = await engine.schemaOf(database.query);
      await migrate(database.kysely, engine.options);
      assert.deepEqual(await engine.schemaOf(database.query), before);
    });
  });

  testMigrationVersions(engine);
}
