/**
 * How a database comes to its tables. Apart from the dialects, so that a program which only uses
 * tables does not carry their definitions.
 *
 * @module
 */

/** The tables of one engine. */
export interface SqlSchema {
  /** Where the versions that a database has are noted. Comes before all migrations. */
  readonly migrationsTable: string;
  /** All migrations, oldest first. Each of their statements can be run again. */
  readonly migrations: readonly Migration[];
  /** A statement that notes a version as applied now, if it is not noted yet. */
  noteMigration(version: number): string;
  /**
   * Whether definitions are a part of the transaction that they are in. If not, each of them
   * commits by itself.
   */
  readonly isTransactional: boolean;
}

/** One step from one version of the schema to the next. */
export interface Migration {
  /** Counted from 1 without a gap. */
  readonly version: number;
  readonly statements: readonly string[];
}
