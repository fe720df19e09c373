// The SQL stores on `bun:sqlite`: bun test ./kit.bun.mjs
import { Database } from "bun:sqlite";
import { test } from "bun:test";
import { Kysely } from "kysely";
import { bunSqliteDialect, migrate, sqlStores } from "../../../pkg/sql.js";
import { testStores } from "../../../pkg/testing.js";

const OPTIONS = { dialect: "sqlite" };

await testStores(test, async () => {
  const kysely = new Kysely({ dialect: bunSqliteDialect(new Database(":memory:")) });
  await migrate(kysely, OPTIONS);
  return { ...sqlStores(kysely, OPTIONS), close: () => kysely.destroy() };
});
