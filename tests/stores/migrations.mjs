// Migrations of a database.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SessionManagement } from "../../pkg/entry/node.js";
import { migrate, migrationSql, sqlStores } from "../../pkg/sql.js";
import { testMigrationVersions } from "./migration-versions.mjs";
import { namedStores } from "./names.mjs";
import { OLD_LAYOUT } from "./old-layout.mjs";
import { fullSession } from "./samples.mjs";
import { openAt, openEmpty } from "./support.mjs";

const versionsOf = async ({ query }) => {
  const rows = await query("select version from rollcall_migrations order by version");
  return rows.map(({ version }) => Number(version));
};

const statementsOf = (text) => text.split(/;\n/).filter((statement) => statement.trim() !== "");

export function testMigrations(engine) {
  describe(`migrations on ${engine.name}`, () => {
    test("change nothing the second time, and keep the stored data", async (t) => {
      const database = await openEmpty(t, engine);
      await migrate(database.kysely, engine.options);
      const { sessions } = namedStores(database.kysely, engine.options);
      await sessions.create(fullSession("a"));
      const before = [await engine.schemaOf(database.query), await versionsOf(database)];
      await migrate(database.kysely, engine.options);
      assert.deepEqual([await engine.schemaOf(database.query), await versionsOf(database)], before);
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    });

    test("are requested by every store if the tables are missing", async (t) => {
      const { kysely } = await openEmpty(t, engine);
      const { sessions } = namedStores(kysely, engine.options);
      const notMigrated = { name: "RollcallError", code: "not_configured", message: /`migrate\(/ };
      await assert.rejects(sessions.get("a"), notMigrated);
      const management = new SessionManagement(sqlStores(kysely, engine.options));
      await assert.rejects(management.querySessions(), notMigrated);
      await migrate(kysely, engine.options);
      assert.equal(await sessions.get("a"), undefined);
    });

    test("refuse a dialect of another database, as the stores do", async (t) => {
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

    test("can run many times concurrently, on separate connections", async (t) => {
      const place = await engine.place(t);
      const databases = Array.from({ length: 6 }, () => openAt(t, engine, place));
      await Promise.all(databases.map(({ kysely }) => migrate(kysely, engine.options)));
      assert.deepEqual(await versionsOf(databases[0]), [1]);
    });

    test("are the same as SQL text, which can run again and is known to `migrate`", async (t) => {
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
      assert.ok(Math.abs(Number(applied) - Date.now()) < 60_000, "the time isn't in milliseconds");
      await migrate(byText.kysely, engine.options);
      assert.deepEqual(await engine.schemaOf(byText.query), await engine.schemaOf(byMigrate.query));
    });

    test("complete an interrupted migration", async (t) => {
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

    /** A database in the layout from before the first release. */
    const openOld = async (t) => {
      const database = await openEmpty(t, engine);
      const [migrationsTable] = statementsOf(migrationSql(engine.options));
      for (const statement of [
        migrationsTable,
        "insert into rollcall_migrations (version, applied) values (1, 0)",
        ...OLD_LAYOUT[engine.options.dialect],
      ]) {
        await database.query(statement);
      }
      return database;
    };
    const old = {
      name: "RollcallError",
      code: "not_configured",
      message: /`rollcall_sessions`.*drop/,
    };

    test("refuse a database in the old layout by name, and don't change it", async (t) => {
      const database = await openOld(t);
      const before = await engine.schemaOf(database.query);
      await assert.rejects(migrate(database.kysely, engine.options), old);
      assert.deepEqual(await engine.schemaOf(database.query), before);
    });

    test("don't have to run before the stores refuse the old layout", async (t) => {
      const database = await openOld(t);
      const { sessions } = namedStores(database.kysely, engine.options);
      const request = { filter: {}, order: "newest", limit: 5 };
      for (const call of [
        () => sessions.get("a"),
        () => sessions.create(fullSession("a")),
        () => sessions.list(request),
        // MariaDB looks for the row first and finds none with this key.
        ...(engine.options.dialect === "mariadb"
          ? []
          : [() => sessions.addClient("a", { clientId: "shop" }, 0), () => sessions.remove(["a"])]),
      ]) {
        await assert.rejects(call(), old, `${call}`);
      }
    });

    test("don't change a database of a newer version", async (t) => {
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
