// Migrations from one version of the tables to the next. The first version is the package's, the
// second is made up.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runMigrations } from "../../pkg/sql/migrate.js";
import { mariadbDialect } from "../../pkg/sql/mysql/dialect.js";
import { mariadbSchema } from "../../pkg/sql/mysql/schema.js";
import { postgresDialect } from "../../pkg/sql/postgres/dialect.js";
import { postgresSchema } from "../../pkg/sql/postgres/schema.js";
import { sqliteDialect } from "../../pkg/sql/sqlite/dialect.js";
import { sqliteSchema } from "../../pkg/sql/sqlite/schema.js";
import { WorkUnits } from "../../pkg/sql/unit-of-work.js";
import { migrate } from "../../pkg/sql.js";
import { namedStores } from "./names.mjs";
import { fullSession } from "./samples.mjs";
import { openAt, openEmpty } from "./support.mjs";

const DIALECTS = {
  sqlite: [sqliteDialect, sqliteSchema],
  postgres: [postgresDialect, postgresSchema],
  mariadb: [mariadbDialect, mariadbSchema],
};

const CREATE = "create table if not exists rollcall_extra (n int)";
/** Adds a row each time. */
const COUNT = "insert into rollcall_extra (n) values (2)";

/** How often the second version was applied, and the recorded versions. */
async function appliedTo({ query }) {
  const versions = await query("select version from rollcall_migrations order by version");
  const rows = await query("select n from rollcall_extra");
  return { versions: versions.map(({ version }) => Number(version)), times: rows.length };
}

const BOTH_ONCE = { versions: [1, 2], times: 1 };

export function testMigrationVersions(engine) {
  const [dialect, first] = DIALECTS[engine.options.dialect];
  /** Like `migrate` of a package with a second version of these statements. */
  const migrateFurther = ({ kysely }, statements = [CREATE, COUNT]) =>
    runMigrations(new WorkUnits(kysely, dialect, { busyTimeout: 5_000, prepare: true }), {
      ...first,
      migrations: [...first.migrations, { version: 2, statements }],
    });

  describe(`two versions on ${engine.name}`, () => {
    test("the second one is applied once, and keeps the stored data", async (t) => {
      const database = await openEmpty(t, engine);
      await migrate(database.kysely, engine.options);
      const { sessions } = namedStores(database.kysely, engine.options);
      await sessions.create(fullSession("a"));
      const before = await engine.schemaOf(database.query);
      for (let round = 0; round < 2; round += 1) {
        await migrateFurther(database);
        assert.deepEqual(await appliedTo(database), BOTH_ONCE);
      }
      const isOld = ({ name }) => name !== "rollcall_extra";
      assert.deepEqual((await engine.schemaOf(database.query)).filter(isOld), before);
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    });

    for (const [name, start] of [
      ["none", () => {}],
      ["the first one", ({ kysely }) => migrate(kysely, engine.options)],
    ]) {
      test(`concurrent migrations that find ${name} apply each once, even while others know only the first`, async (t) => {
        const place = await engine.place(t);
        const databases = Array.from({ length: 8 }, () => openAt(t, engine, place));
        await start(databases[0]);
        await Promise.all(
          databases.map((database, n) =>
            n % 4 === 0 ? migrate(database.kysely, engine.options) : migrateFurther(database),
          ),
        );
        assert.deepEqual(await appliedTo(databases[0]), BOTH_ONCE);
      });
    }

    test("a failed one is not recorded, keeps the first, and can be repeated", async (t) => {
      const database = await openEmpty(t, engine);
      await assert.rejects(
        migrateFurther(database, [CREATE, "insert into rollcall_nowhere (n) values (2)"]),
        /rollcall_nowhere/,
      );
      const [{ latest }] = await database.query(
        "select max(version) as latest from rollcall_migrations",
      );
      assert.equal(Number(latest), 1);
      const { sessions } = namedStores(database.kysely, engine.options);
      await sessions.create(fullSession("a"));
      const schema = await engine.schemaOf(database.query);
      const isBegun = schema.some(({ name }) => name === "rollcall_extra");
      assert.equal(
        isBegun,
        !first.isTransactional,
        "its definitions are rolled back if the engine can do that",
      );
      await migrateFurther(database);
      assert.deepEqual(await appliedTo(database), BOTH_ONCE);
      assert.deepEqual(await sessions.get("a"), fullSession("a"));
    });
  });
}
