/**
 * Engines without interactive transactions: they run one statement, or a list of statements as one
 * transaction.
 *
 * @module
 */

import type {
  CompiledQuery,
  DatabaseConnection,
  DialectAdapter,
  Driver,
  Kysely,
  QueryResult,
} from "kysely";
import { invalidArgument } from "../errors.js";

/** A connection to such an engine. */
export interface BatchConnection extends DatabaseConnection {
  /** Runs the statements in order, all or none, and returns the result of each. */
  executeBatch(queries: readonly CompiledQuery[]): Promise<QueryResult<unknown>[]>;
}

/** The adapters of our dialects for such engines, to recognize them without a connection. */
const batchAdapters = new WeakSet<DialectAdapter>();

/** Marks the adapter of a dialect whose connections are all `BatchConnection`s. */
export function runsBatches<Adapter extends DialectAdapter>(adapter: Adapter): Adapter {
  batchAdapters.add(adapter);
  return adapter;
}

/** The function that runs a batch on this database, if its engine supports batches. */
export function batchRunner<Database>(
  db: Kysely<Database>,
): BatchConnection["executeBatch"] | undefined {
  const executor = db.getExecutor();
  if (!batchAdapters.has(executor.adapter)) {
    return undefined;
  }
  // The adapter guarantees the type of its connections.
  return (queries) =>
    executor.provideConnection((connection) =>
      (connection as BatchConnection).executeBatch(queries),
    );
}

/** The driver of such an engine, which has nothing to open or release. */
export class BatchDriver implements Driver {
  readonly #connection: BatchConnection;

  constructor(connection: BatchConnection) {
    this.#connection = connection;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<BatchConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    throw invalidArgument(
      "this database has no interactive transactions: use the stores outside of `kysely.transaction()`",
    );
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {}

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}
