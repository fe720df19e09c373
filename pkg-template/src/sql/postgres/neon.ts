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
 * The part of `neon()`'s result that the dialect uses. Neon's own types depend on the options; with
 * `fullResults` a query returns a full result.
 */
export interface NeonClient {
  query(text: string, parameters: unknown[], options: { fullResults: true }): unknown;
  transaction(
    queries: never[],
    options: { fullResults: true; isolationLevel: "ReadCommitted" },
  ): Promise<readonly unknown[]>;
}

/** The part of a result that the dialect uses. */
export interface NeonResult {
  readonly rows: readonly object[];
  readonly rowCount: number | null;
}

/**
 * A Kysely dialect over Neon's HTTP driver, for Kysely 0.28 and 0.29. A statement is one request,
 * and so is a whole unit of work of the stores. It keeps no connection open, so it suits edge
 * workers. Interactive transactions are not supported.
 *
 * @example
 * import { neon } from "@neondatabase/serverless";
 * import { Kysely } from "kysely";
 *
 * const kysely = new Kysely({ dialect: neonDialect(neon(databaseUrl)) });
 */
export function neonDialect(client: NeonClient): Dialect {
  requiredInstance(
    client,
    ["query", "transaction"],
    "the argument of `neonDialect` must be the result of `neon(url)` of `@neondatabase/serverless`",
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
    // Each query was made by this client, which accepts it again.
    const all = queries.map((query) => this.#query(query)) as never[];
    const results = await this.#client.transaction(all, {
      fullResults: true,
      isolationLevel: "ReadCommitted",
    });
    return results.map((result) => toResult(result as NeonResult));
  }

  /** The driver has no cursor: all rows arrive at once. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  #query({ sql, parameters }: CompiledQuery): unknown {
    return this.#client.query(sql, [...parameters], { fullResults: true });
  }
}

function toResult<Row>({ rows, rowCount }: NeonResult): QueryResult<Row> {
  // The author of the query declares the type of its rows.
  return {
    rows: rows as readonly object[] as Row[],
    ...(rowCount !== null && { numAffectedRows: BigInt(rowCount) }),
  };
}
