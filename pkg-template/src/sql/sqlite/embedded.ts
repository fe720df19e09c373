/**
 * A Kysely dialect for in-process SQLite clients with an API like better-sqlite3.
 *
 * @module
 */

import { CompiledQuery, type Dialect, SqliteDialect } from "kysely";

/** A client. */
export interface EmbeddedDatabase<Statement> {
  prepare(sql: string): Statement;
  close(): void;
}

/** A statement of a client that can bind these values. */
export interface EmbeddedStatement<Value> {
  all(...parameters: Value[]): unknown[];
  run(...parameters: Value[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(...parameters: Value[]): IterableIterator<unknown>;
}

/**
 * The dialect over a client. `hasRows` returns whether a statement returns rows. It sets WAL mode,
 * so that readers and the writer don't wait for each other. Destroying the Kysely instance closes
 * the database.
 */
export function embeddedDialect<Value, Statement extends EmbeddedStatement<Value>>(
  database: EmbeddedDatabase<Statement>,
  hasRows: (statement: Statement) => boolean,
): Dialect {
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare: (sql) => {
        const statement = database.prepare(sql);
        // The author of the query chooses its values; the client rejects those that it can't bind.
        const values = (parameters: readonly unknown[]) => parameters as readonly Value[];
        return {
          reader: hasRows(statement),
          all: (parameters: readonly unknown[]) => statement.all(...values(parameters)),
          run: (parameters: readonly unknown[]) => statement.run(...values(parameters)),
          iterate: (parameters: readonly unknown[]) => statement.iterate(...values(parameters)),
        };
      },
    },
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw("pragma journal_mode = wal"));
    },
  });
}
