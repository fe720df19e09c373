// The SQL stores on `bun:sqlite`: bun test ./kit.bun.mjs
import { Database } from "bun:sqlite";
import { test } from "bun:test";
import { CompiledQuery, Kysely } from "kysely";
import { bunSqliteDialect, migrate, sqlStores } from "../../../pkg/sql.js";
import { failureCases } from "../failure-cases.mjs";
import { forbidOnSqlite } from "../forbid.mjs";
import { testStores } from "../kit.mjs";
import { refusalCases } from "../refusal-cases.mjs";

const OPTIONS = { dialect: "sqlite" };

async function open() {
  const kysely = new Kysely({ dialect: bunSqliteDialect(new Database(":memory:")) });
  await migrate(kysely, OPTIONS);
  const query = (statement) => kysely.executeQuery(CompiledQuery.raw(statement));
  return { ...sqlStores(kysely, OPTIONS), query, close: () => kysely.destroy() };
}

await testStores(test, open, "bun:sqlite");
for (const { name, run } of [
  ...refusalCases(open),
  ...failureCases({ open, forbid: forbidOnSqlite }),
])
  test(name, run);
