// The SQL stores on MariaDB, with mysql2.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { migrate, sqlStores } from "../../pkg/sql.js";
import { Unavailable } from "../servers/server.mjs";
import { testCases } from "./cases.mjs";
import { testCopy } from "./copies.mjs";
import { damageCases } from "./damage-cases.mjs";
import { failureCases } from "./failure-cases.mjs";
import { forbidOnMariadb } from "./forbid.mjs";
import { testStores } from "./kit.mjs";
import { emptyTables, startMariadbEngine } from "./mariadb-engine.mjs";
import { testMigrations } from "./migrations.mjs";
import { refusalCases } from "./refusal-cases.mjs";
import { notification } from "./samples.mjs";
import { openEmpty } from "./support.mjs";
import { testTransactions } from "./transactions.mjs";

const engine = await startMariadbEngine().catch((error) => {
  if (!(error instanceof Unavailable)) throw error;
  test("the SQL stores on MariaDB", { skip: error.message }, () => {});
});

if (engine !== undefined) {
  const { kysely, query } = engine.open(await engine.place());
  after(async () => {
    await kysely.destroy();
    await engine.stop();
  });
  await migrate(kysely, engine.options);
  const open = async () => {
    await emptyTables(query);
    return { ...sqlStores(kysely, engine.options), query };
  };
  await testStores((promise, run) => test(`${promise}, on MariaDB`, run), open, "MariaDB");
  testCases("refusals by the stores on MariaDB", refusalCases(open));
  testCases("damaged rows on MariaDB", damageCases(open));
  testCases("failures on MariaDB", failureCases({ open, forbid: forbidOnMariadb }));
  testTransactions(engine);
  testMigrations(engine);
  testCopy(engine);

  test("the MySQL dialect is refused on MariaDB, and the error names the right one", async (t) => {
    const { kysely } = await openEmpty(t, engine);
    const refusal = {
      name: "RollcallError",
      code: "invalid_argument",
      message: /`dialect` is `mysql`.*use `mariadb`/,
    };
    await assert.rejects(migrate(kysely, { dialect: "mysql" }), refusal);
    await migrate(kysely, engine.options);
    const { outbox } = sqlStores(kysely, { dialect: "mysql" });
    await assert.rejects(outbox.add([notification("a")]), ({ cause, ...error }) => {
      assert.equal(error.code, "invalid_argument");
      assert.ok(cause instanceof Error && !("sql" in cause));
      return true;
    });
  });
}
