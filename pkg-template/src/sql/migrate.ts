/**
 * Upgrades a database to the schema of this version.
 *
 * @module
 */

import { CompiledQuery, type SqlBool, sql } from "kysely";
import { RollcallError } from "../errors.js";
import type { Migration, SqlSchema } from "./schema.js";
import { toNumber } from "./tables.js";
import { type Step, step, WorkUnits } from "./unit-of-work.js";

/** Applies the missing migrations. */
export async function runMigrations(stores: WorkUnits, schema: SqlSchema): Promise<void> {
  // A table that is missing here is a bug in a migration; running `migrate` again wouldn't fix it.
  const work = stores.with({ ...stores.dialect, isMissingTable: () => false });
  await (schema.isTransactional ? migrateInUnits(work, schema) : migrateUnderLock(work, schema));
}

/**
 * Each version is one unit of work, which records the version first. If several processes run at
 * once, one succeeds. The others fail to record the version, and check again.
 */
async function migrateInUnits(work: WorkUnits, schema: SqlSchema): Promise<void> {
  // A process that lost the race finds at least one more version, so it never needs more checks
  // than there are versions.
  for (let checksLeft = schema.migrations.length + 1; ; checksLeft -= 1) {
    try {
      await work.all([statementStep(schema.migrationsTable)]);
      for (const { version, statements } of await missing(work, schema)) {
        await work.all([recordStep(work, version), ...statements.map(statementStep)]);
      }
      return;
    } catch (error) {
      // The conflict may also be on the table of versions: on PostgreSQL, `if not exists` doesn't
      // stop two processes from creating it at once.
      if (!work.dialect.isDuplicate(error) || checksLeft === 0) {
        throw error;
      }
    }
  }
}

/** Seconds that a process waits for another one that is migrating. */
const LOCK_TIMEOUT = 60;

/**
 * Each definition commits by itself, so only one process may migrate at a time, and a version is
 * recorded when it is complete.
 */
async function migrateUnderLock({ db, dialect }: WorkUnits, schema: SqlSchema): Promise<void> {
  await db.connection().execute(async (connection) => {
    const work = new WorkUnits(connection, dialect, { busyTimeout: 0, prepare: false });
    const run = (statement: string) =>
      work.one<{ got?: unknown }>({ compile: () => CompiledQuery.raw(statement) });
    const { rows } = await run(`select get_lock('rollcall_migrations', ${LOCK_TIMEOUT}) as got`);
    if (Number(rows[0]?.got) !== 1) {
      throw new RollcallError(
        "store_failed",
        "another process is migrating the database: try again when it has finished",
      );
    }
    try {
      await run(schema.migrationsTable);
      for (const { version, statements } of await missing(work, schema)) {
        for (const statement of [...statements, schema.noteMigration(version)]) {
          await run(statement);
        }
      }
    } finally {
      await run("select release_lock('rollcall_migrations')");
    }
  });
}

/**
 * The migrations as SQL, for tools that apply migrations themselves. Applied migrations have no
 * effect if they run again.
 */
export function migrationText({ migrations, migrationsTable, noteMigration }: SqlSchema): string {
  const statements = migrations.flatMap(({ version, statements }) => [
    ...statements,
    noteMigration(version),
  ]);
  return [migrationsTable, ...statements].map((statement) => `${statement};\n`).join("\n");
}

function statementStep(statement: string): Step {
  return step({ compile: () => CompiledQuery.raw(statement) });
}

function recordStep({ db }: WorkUnits, version: number): Step {
  return step(db.insertInto("rollcall_migrations").values({ version, applied: Date.now() }));
}

/**
 * The versions that the database doesn't have yet.
 *
 * @throws {RollcallError} `not_configured` for tables of a prerelease, which have the same version
 * but another layout
 */
async function missing(work: WorkUnits, { migrations }: SqlSchema): Promise<readonly Migration[]> {
  const { rows } = await work.one(
    work.db.selectFrom("rollcall_migrations").select((eb) => eb.fn.max("version").as("version")),
  );
  const applied = toNumber(rows[0]?.version ?? 0);
  if (applied === 1) {
    // Qualified, because SQLite treats a quoted name that is not a column as a string.
    const never = sql<SqlBool>`1 = 0`;
    await work.one(work.db.selectFrom("rollcall_sessions as s").select("s.clients").where(never));
    await work.one(work.db.selectFrom("rollcall_outbox as o").select("o.settled").where(never));
  }
  return migrations.filter(({ version }) => version > applied);
}
