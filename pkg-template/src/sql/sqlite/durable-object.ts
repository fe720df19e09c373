/**
 * A Kysely dialect for the SQL storage of a Durable Object.
 *
 * @module
 */

import {
  type CompiledQuery,
  type Dialect,
  type Kysely,
  type QueryResult,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { invalidArgument } from "../../errors.js";
import { requiredInstance } from "../../options.js";
import { type BatchConnection, BatchDriver, runsBatches } from "../batch.js";
import { ConcurrentSqliteAdapter } from "./concurrent-adapter.js";

/** The part of a Durable Object's `ctx.storage` that the dialect uses. It needs SQLite storage. */
export interface DurableObjectStorage {
  readonly sql: { exec(query: string, ...bindings: unknown[]): { toArray(): object[] } };
  transactionSync<T>(work: () => T): T;
}

/**
 * A Kysely dialect over the storage of a Durable Object, for Kysely 0.28 and 0.29. The storage is
 * synchronous; a unit of work of the stores is one `transactionSync`. Interactive transactions are
 * not supported, and queries don't report how many rows they changed: use `returning`.
 *
 * @example
 * import { DurableObject } from "cloudflare:workers";
 * import { Kysely } from "kysely";
 *
 * export class Sessions extends DurableObject {
 *   kysely = new Kysely({ dialect: durableObjectDialect(this.ctx.storage) });
 * }
 */
export function durableObjectDialect(storage: DurableObjectStorage): Dialect {
  requiredInstance(storage, ["transactionSync"], NOT_SQLITE);
  requiredInstance(sqlOf(storage), ["exec"], NOT_SQLITE);
  return {
    createAdapter: () => runsBatches(new ConcurrentSqliteAdapter()),
    createDriver: () => new BatchDriver(new StorageConnection(storage)),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (kysely: Kysely<unknown>) => new SqliteIntrospector(kysely),
  };
}

const NOT_SQLITE =
  "the argument of `durableObjectDialect` must be the `ctx.storage` of a Durable Object with SQLite storage";

/** Workers throw if the storage of a Durable Object is not SQLite. */
function sqlOf(storage: DurableObjectStorage): unknown {
  try {
    return storage.sql;
  } catch (error) {
    throw invalidArgument(NOT_SQLITE, error);
  }
}

class StorageConnection implements BatchConnection {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return this.#execute(query);
  }

  async executeBatch(queries: readonly CompiledQuery[]): Promise<QueryResult<unknown>[]> {
    return this.#storage.transactionSync(() =>
      queries.map((query) => this.#execute<unknown>(query)),
    );
  }

  /** All rows are read at once: a cursor would be invalid after the first await. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield this.#execute<Row>(query);
  }

  #execute<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
    // The author of the query declares the type of its rows.
    return { rows: this.#storage.sql.exec(sql, ...parameters).toArray() as Row[] };
  }
}
