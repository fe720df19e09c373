/**
 * A Kysely dialect for `node:sqlite`.
 *
 * @module
 */

import { CompiledQuery, type Dialect, SqliteDialect } from "kysely";
import { RollcallError } from "../../errors.js";

/** What the dialect needs of a `DatabaseSync` of `node:sqlite`. */
export interface NodeSqliteDatabase {
  prepare(sql: string): NodeSqliteStatement;
  close(): void;
}

/** What the dialect needs of a `StatementSync` of `node:sqlite`. */
export interface NodeSqliteStatement {
  all(...parameters: NodeSqliteValue[]): unknown[];
  run(...parameters: NodeSqliteValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(...parameters: NodeSqliteValue[]): IterableIterator<unknown>;
  /** Since Node 22.16 and Deno 2.6. */
  columns?(): readonly unknown[];
}

/** What `node:sqlite` can bind. */
export type NodeSqliteValue = null | number | bigint | string | ArrayBufferView;

/**
 * A Kysely dialect over a `DatabaseSync` of `node:sqlite`, for Kysely 0.28 and 0.29. The database is put into WAL mode, so that
 * readers and the writer do not wait for each other. Destroying the Kysely instance closes the database.
 *
 * Needs Node 22.16 or Deno 2.6.
 *
 * @example
 * const kysely = new Kysely({ dialect: nodeSqliteDialect(new DatabaseSync("sessions.db")) });
 */
export function nodeSqliteDialect(database: NodeSqliteDatabase): Dialect {
  return new SqliteDialect({
    // Kysely's own dialect, which is made for better-sqlite3, over the few things that are called otherwise there.
    database: {
      close: () => database.close(),
      prepare: (sql) => adapt(database.prepare(sql)),
    },
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw("pragma journal_mode = wal"));
    },
  });
}

function adapt(statement: NodeSqliteStatement) {
  if (statement.columns === undefined) {
    throw new RollcallError("invalid_argument", "this `node:sqlite` is too old: use Node 22.16, Deno 2.6 or another client");
  }
  // Whoever wrote the query says what it binds; `node:sqlite` refuses what it cannot bind.
  const values = (parameters: readonly unknown[]) => parameters as readonly NodeSqliteValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
    run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
  };
}
