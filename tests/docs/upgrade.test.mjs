/** The code of docs/operate/upgrade.md, and its table of migrations. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { mariadbSchema } from "../../pkg/sql/mysql/schema.js";
import { postgresSchema } from "../../pkg/sql/postgres/schema.js";
import { sqliteSchema } from "../../pkg/sql/sqlite/schema.js";
import { examplesOf, run } from "./examples.mjs";

const [migrate, check, ...others] = await examplesOf("docs/operate/upgrade.md", import.meta.url);

test("there are two examples to run", () => {
  assert.ok(check !== undefined);
  assert.equal(others.length, 0);
});

test("a new file is migrated as written, and a second time", async () => {
  const again = migrate.replace(/^import .*\n/gm, "");
  assert.equal(await run(`${migrate} { ${again} }`), "schema version 1\nschema version 1\n");
});

test("the check of an upgrade runs as written, and fails without tables", async () => {
  const before = (migrates) => `
    import { createClient } from "@libsql/client";
    import { Kysely } from "kysely";
    import { libsqlDialect, migrate, sqlStores } from "rollcall/sql";
    const kysely = new Kysely({ dialect: libsqlDialect(createClient({ url: "file:sessions.db" })) });
    ${migrates ? 'await migrate(kysely, { dialect: "sqlite" });' : ""}
    const host = sqlStores(kysely, { dialect: "sqlite" });
    const keys = { current: "1", keys: { 1: new Uint8Array(32) } };
  `;
  assert.equal(await run(before(true) + check), "signed in, found and signed out\n");
  await assert.rejects(run(before(false) + check), /not_configured/);
});

test("the table has each migration", async () => {
  const page = await readFile(new URL("../../docs/operate/upgrade.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (\d+) \| [^|]+ \| [^|]+ \|$/gm)].map(([, version]) =>
    Number(version),
  );
  for (const { migrations } of [sqliteSchema, postgresSchema, mariadbSchema]) {
    assert.deepEqual(
      rows,
      migrations.map(({ version }) => version),
    );
  }
});
