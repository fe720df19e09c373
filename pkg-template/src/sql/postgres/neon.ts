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
import { requiredInstance } from "../../options.js";
import { type BatchConnection, BatchDriver, runsBatches } from "../batch.js";

/**
 * What the dialect needs of what `neon()` returns. Its own types are generic in what it returns;
 * `fullResults` makes that results.
 */
export interface NeonClient {
  query(text: string, parameters: unknown[], options: { fullResults: true }): unknown;
  transaction(
    queries: never[],
    options: { fullResults: true; isolationLevel: "ReadCommitted" },
  ): Promise<readonly unknown[]>;
}

/** What the dialect needs of a result. */
export interface NeonResult {
  readonly rows: readonly object[];
  readonly rowCount: number | null;
}

/**
 * A Kysely dialect over Neon's driver for HTTP, for Kysely 0.28 and 0.29: one request for a
 * statement, and one for a whole unit of work of the stores. Nothing is kept open, so it suits edge
 * workers. There are no interactive transactions.
 *
 * @example
 * const kysely = new Kysely({ dialect: neonDialect(neon(process.env.DATABASE_URL)) });
 */
export function neonDialect(client: NeonClient): Dialect {
  requiredInstance(
    client,
    ["query", "transaction"],
    "the argument of `neonDialect` must be what `neon(url)` of `@neondatabase/serverless` returns",
  );
  return {
    createAdapter: () => runsBatches(new PostgresAdapter()),
    createDriver: () => new BatchDriver(new NeonConnection(client)),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (kysely: Kysely<unknown>): DatabaseIntrospector =>
      new PostgresIntrospector(kysely),
  };
}

class NeonConnection implements BatchConnection {
  readonly #client: NeonClient;

  constructor(client: NeonClient) {
    this.#client = client;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return toResult((await this.#query(query)) as NeonResult);
  }

  async executeBatch(queries: readonly CompiledQuery[]): Promise<QueryResult<unknown>[]> {
    // Each is a query of this client's, which it knows again.
    const all = queries.map((query) => this.#query(query)) as never[];
    const results = await this.#client.transaction(all, {
      fullResults: true,
      isolationLevel: "ReadCommitted",
    });
    return results.map((result) => toResult(result as NeonResult));
  }

  /** The driver has no cursor: all rows come at once. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  #query({ sql, parameters }: CompiledQuery): unknown {
    return this.#client.query(sql, [...parameters], { fullResults: true });
  }
}

function toResult<Row>({ rows, rowCount }: NeonResult): QueryResult<Row> {
  // Whoever wrote the query says what rows it has.
  return {
    rows: rows as readonly object[] as Row[],
    ...(rowCount !== null && { numAffectedRows: BigInt(rowCount) }),
  };
}
