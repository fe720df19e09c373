/**
 * A Kysely dialect for Neon's driver over HTTP (`@neondatabase/serverless`).
 *
 * @module
 */

import {
  type CompiledQuery,
  type DatabaseIntrospector,
  type Dialect,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import { type BatchConnection, BatchDriver, runsBatches } from "../batch.js";

/** What the dialect needs of what `neon()` returns. */
export interface NeonClient<Query = unknown> {
  query(text: string, parameters: unknown[], options: { fullResults: true }): Query;
  transaction(queries: Query[], options: { fullResults: true; isolationLevel: "ReadCommitted" }): Promise<readonly NeonResult[]>;
}

/** What the dialect needs of a result. */
export interface NeonResult {
  readonly rows: readonly object[];
  readonly rowCount: number | null;
}

/**
 * A Kysely dialect over Neon's driver for HTTP, for Kysely 0.28 and 0.29: one request for a statement, and one for a whole unit of
 * work of the stores. Nothing is kept open, so it suits edge workers. There are no interactive transactions.
 *
 * @example
 * const kysely = new Kysely({ dialect: neonDialect(neon(process.env.DATABASE_URL)) });
 */
export function neonDialect<Query extends PromiseLike<unknown>>(client: NeonClient<Query>): Dialect {
  return {
    createAdapter: () => runsBatches(new PostgresAdapter()),
    createDriver: () => new BatchDriver(new NeonConnection(client)),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (kysely: Kysely<unknown>): DatabaseIntrospector => new PostgresIntrospector(kysely),
  };
}

class NeonConnection<Query extends PromiseLike<unknown>> implements BatchConnection {
  readonly #client: NeonClient<Query>;

  constructor(client: NeonClient<Query>) {
    this.#client = client;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    // With `fullResults` a query resolves to a result, whatever the type of the client says of rows alone.
    return toResult((await this.#query(query)) as NeonResult);
  }

  async executeBatch(queries: readonly CompiledQuery[]): Promise<QueryResult<unknown>[]> {
    const results = await this.#client.transaction(
      queries.map((query) => this.#query(query)),
      { fullResults: true, isolationLevel: "ReadCommitted" },
    );
    return results.map(toResult<unknown>);
  }

  /** The driver has no cursor: all rows come at once. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  #query({ sql, parameters }: CompiledQuery): Query {
    return this.#client.query(sql, [...parameters], { fullResults: true });
  }
}

function toResult<Row>({ rows, rowCount }: NeonResult): QueryResult<Row> {
  // Whoever wrote the query says what rows it has.
  return { rows: rows as readonly object[] as Row[], ...(rowCount !== null && { numAffectedRows: BigInt(rowCount) }) };
}
