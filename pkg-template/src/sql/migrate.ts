/**
 * Brings a database to the schema of this version.
 *
 * @module
 */

import { CompiledQuery, type Kysely } from "kysely";
import type { Migration, SqlDialect } from "./dialect.js";
import { type Tables, toNumber } from "./tables.js";
import type { WorkUnits } from "./unit-of-work.js";

/** Applies what is missing, in one transaction: of several at once one does it and the others find it done. */
export async function runMigrations(work: WorkUnits): Promise<void> {
  const { dialect } = work;
  await work.transaction(async (transaction) => {
    await transaction.executeQuery(CompiledQuery.raw(dialect.migrationsTable));
    // A write, so that nobody else can apply anything between the look and the leap.
    await record(transaction, 0);
    const applied = await appliedVersion(transaction);
    for (const migration of dialect.migrations.filter(({ version }) => version > applied)) {
      for (const statement of migration.statements) {
        await transaction.executeQuery(CompiledQuery.raw(statement));
      }
      await record(transaction, migration.version);
    }
  });
}

/** The same as text, for tools that apply migrations themselves. What was applied before is left as it is. */
export function migrationText(dialect: SqlDialect): string {
  const recorded = ({ version }: Migration) =>
    `insert into rollcall_migrations (version, applied) values (${version}, ${dialect.nowInMilliseconds}) on conflict do nothing`;
  const statements = dialect.migrations.flatMap((migration) => [...migration.statements, recorded(migration)]);
  return [dialect.migrationsTable, ...statements].map((statement) => `${statement};\n`).join("\n");
}

async function record(transaction: Kysely<Tables>, version: number): Promise<void> {
  await transaction
    .insertInto("rollcall_migrations")
    .values({ version, applied: Date.now() })
    .onConflict((conflict) => conflict.column("version").doNothing())
    .execute();
}

async function appliedVersion(transaction: Kysely<Tables>): Promise<number> {
  const query = transaction.selectFrom("rollcall_migrations").select((eb) => eb.fn.max("version").as("version"));
  return toNumber((await query.executeTakeFirstOrThrow()).version);
}
