/**
 * A Kysely dialect for `node:sqlite`.
 *
 * @module
 */

import type { Dialect } from "kysely";
import { invalidArgument } from "../../errors.js";
import { requiredInstance } from "../../options.js";
import { type EmbeddedDatabase, type EmbeddedStatement, embeddedDialect } from "./embedded.js";

/** The part of a `DatabaseSync` of `node:sqlite` that the dialect uses. */
export type NodeSqliteDatabase = EmbeddedDatabase<NodeSqliteStatement>;

/** The part of a `StatementSync` of `node:sqlite` that the dialect uses. */
export interface NodeSqliteStatement extends EmbeddedStatement<NodeSqliteValue> {
  /** Since Node 22.16 and Deno 2.6. */
  columns?(): readonly unknown[];
}

/** The values that `node:sqlite` can bind. */
export type NodeSqliteValue = null | number | bigint | string | ArrayBufferView;

/**
 * A Kysely dialect over a `DatabaseSync` of `node:sqlite`, for Kysely 0.28 and 0.29. It sets WAL
 * mode, so that readers and the writer don't wait for each other. Destroying the Kysely instance
 * closes the database.
 *
 * Needs Node 22.16 or Deno 2.6.
 *
 * @example
 * import { DatabaseSync } from "node:sqlite";
 * import { Kysely } from "kysely";
 *
 * const kysely = new Kysely({ dialect: nodeSqliteDialect(new DatabaseSync("sessions.db")) });
 */
export function nodeSqliteDialect(database: NodeSqliteDatabase): Dialect {
  requiredInstance(
    database,
    ["prepare", "close"],
    "the argument of `nodeSqliteDialect` must be a `DatabaseSync` of `node:sqlite`",
  );
  return embeddedDialect(database, (statement) => {
    if (statement.columns === undefined) {
      throw invalidArgument(
        "this `node:sqlite` is too old: use Node 22.16, Deno 2.6 or another client",
      );
    }
    return statement.columns().length > 0;
  });
}
