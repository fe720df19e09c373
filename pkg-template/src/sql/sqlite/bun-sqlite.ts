/**
 * A Kysely dialect for Bun's own SQLite.
 *
 * @module
 */

import type { Dialect } from "kysely";
import { requiredInstance } from "../../options.js";
import { type EmbeddedDatabase, type EmbeddedStatement, embeddedDialect } from "./embedded.js";

/** The part of a `Database` of `bun:sqlite` that the dialect uses. */
export type BunSqliteDatabase = EmbeddedDatabase<BunSqliteStatement>;

/** The part of a `Statement` of `bun:sqlite` that the dialect uses. */
export interface BunSqliteStatement extends EmbeddedStatement<BunSqliteValue> {
  readonly columnNames: readonly string[];
}

/** The values that `bun:sqlite` can bind, as far as the stores use them. */
export type BunSqliteValue = null | number | bigint | boolean | string;

/**
 * A Kysely dialect over a `Database` of `bun:sqlite`, for Kysely 0.28 and 0.29. It sets WAL mode,
 * so that readers and the writer don't wait for each other. Destroying the Kysely instance closes
 * the database.
 *
 * @example
 * import { Database } from "bun:sqlite";
 * import { Kysely } from "kysely";
 *
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
