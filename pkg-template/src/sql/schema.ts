/**
 * The migrations that create the tables of a database. Separate from the dialects, so that a
 * program that only uses tables doesn't bundle their definitions.
 *
 * @module
 */

/** The tables of one engine. */
export interface SqlSchema {
  /** The table that stores the applied versions. Created before all migrations. */
  readonly migrationsTable: string;
  /** All migrations, oldest first. Each of their statements can be run again. */
  readonly migrations: readonly Migration[];
  /** A statement that stores a version as applied now, unless it is stored already. */
  noteMigration(version: number): string;
  /** Whether definitions are part of their transaction. If not, each commits by itself. */
  readonly isTransactional: boolean;
}

/** One step from one version of the schema to the next. */
export interface Migration {
  /** Counted from 1 without gaps. */
  readonly version: number;
  readonly statements: readonly string[];
}
