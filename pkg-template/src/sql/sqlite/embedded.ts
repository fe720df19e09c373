/**
 * A Kysely dialect for SQLite clients inside the process that are made like better-sqlite3, but for
 * a few names.
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
 * The dialect over a client. `hasRows` tells whether a statement returns rows. The database is put
 * into WAL mode, so that readers and the writer do not wait for each other. Destroying the Kysely
 * instance closes the database.
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
        // Whoever wrote the query says what it binds; the client refuses what it cannot bind.
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
