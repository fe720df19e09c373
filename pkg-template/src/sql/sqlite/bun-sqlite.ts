/**
 * A Kysely dialect for Bun's own SQLite.
 *
 * @module
 */

import type { Dialect } from "kysely";
import { requiredInstance } from "../../options.js";
import { type EmbeddedDatabase, type EmbeddedStatement, embeddedDialect } from "./embedded.js";

/** What the dialect needs of a `Database` of `bun:sqlite`. */
export type BunSqliteDatabase = EmbeddedDatabase<BunSqliteStatement>;

/** What the dialect needs of a `Statement` of `bun:sqlite`. */
export interface BunSqliteStatement extends EmbeddedStatement<BunSqliteValue> {
  readonly columnNames: readonly string[];
}

/** What `bun:sqlite` can bind, as far as the stores need it. */
export type BunSqliteValue = null | number | bigint | boolean | string;

/**
 * A Kysely dialect over a `Database` of `bun:sqlite`, for Kysely 0.28 and 0.29. The database is put
 * into WAL mode, so that readers and the writer do not wait for each other. Destroying the Kysely
 * instance closes the database.
 *
 * @example
 * const kysely = new Kysely({ dialect: bunSqliteDialect(new Database("sessions.db")) });
 */
export function bunSqliteDialect(database: BunSqliteDatabase): Dialect {
  requiredInstance(
    database,
    ["prepare", "close"],
    "the argument of `bunSqliteDialect` must be a `Database` of `bun:sqlite`",
  );
  return embeddedDialect(database, ({ columnNames }) => columnNames.length > 0);
}
