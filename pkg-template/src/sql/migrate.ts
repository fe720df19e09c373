/**
 * Brings a database to the schema of this version.
 *
 * @module
 */

import { CompiledQuery } from "kysely";
import type { Migration, SqlDialect } from "./dialect.js";
import { toNumber } from "./tables.js";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/**
 * Applies what is missing, each version in one unit of work that begins by noting it: of several processes at once one succeeds, and
 * the others fail at that note and look again.
 */
export async function runMigrations(work: WorkUnits): Promise<void> {
  const { migrations, migrationsTable, isDuplicate } = work.dialect;
  // Whoever was overtaken finds at least one version more, so it never has to look more often than there are versions.
  for (let looksLeft = migrations.length + 1; ; looksLeft -= 1) {
    try {
      await work.all([statementStep(migrationsTable)]);
      const applied = await appliedVersion(work);
      for (const { version, statements } of migrations.filter(({ version }) => version > applied)) {
        await work.all([noteStep(work, version), ...statements.map(statementStep)]);
      }
      return;
    } catch (error) {
      // PostgreSQL also says so of two that create the same table at once.
      if (!isDuplicate(error) || looksLeft === 0) {
        throw error;
      }
    }
  }
}

/** The same as text, for tools that apply migrations themselves. What was applied before is left as it is. */
export function migrationText(dialect: SqlDialect): string {
  const recorded = ({ version }: Migration) =>
    `insert into rollcall_migrations (version, applied) values (${version}, ${dialect.nowInMilliseconds}) on conflict do nothing`;
  const statements = dialect.migrations.flatMap((migration) => [...migration.statements, recorded(migration)]);
  return [dialect.migrationsTable, ...statements].map((statement) => `${statement};\n`).join("\n");
}

function statementStep(statement: string): Step {
  return step({ compile: () => CompiledQuery.raw(statement) });
}

function noteStep({ db }: WorkUnits, version: number): Step {
  return step(db.insertInto("rollcall_migrations").values({ version, applied: Date.now() }));
}

async function appliedVersion(work: WorkUnits): Promise<number> {
  const { rows } = await work.one(work.db.selectFrom("rollcall_migrations").select((eb) => eb.fn.max("version").as("version")));
  return toNumber(rows[0]?.version ?? 0);
}
