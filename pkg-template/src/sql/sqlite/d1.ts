/**
 * A Kysely dialect for Cloudflare D1.
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
import { requiredInstance } from "../../options.js";
import { type BatchConnection, BatchDriver, runsBatches } from "../batch.js";
import { ConcurrentSqliteAdapter } from "./concurrent-adapter.js";

/**
 * The part of a `D1Database` that the dialect uses. A session of one
 * (`database.withSession("first-primary")`) has it too.
 */
export interface D1Client<Statement extends D1Statement = D1Statement> {
  prepare(sql: string): Statement;
  batch(statements: Statement[]): Promise<D1Result[]>;
}

/** The part of a `D1PreparedStatement` that the dialect uses. */
export interface D1Statement {
  bind(...values: unknown[]): this;
  all(): Promise<D1Result>;
}

/** The part of a `D1Result` that the dialect uses. */
export interface D1Result {
  readonly results: readonly object[];
  readonly meta: { readonly changes?: number; readonly last_row_id?: number };
}

/**
 * A Kysely dialect over a D1 binding, for Kysely 0.28 and 0.29. D1 has no interactive transactions:
 * a unit of work of the stores is one batch, which D1 runs as one transaction.
 *
 * @example
 * import { Kysely } from "kysely";
 *
 * const kysely = new Kysely({ dialect: d1Dialect(env.DB) });
 */
export function d1Dialect<Statement extends D1Statement>(database: D1Client<Statement>): Dialect {
  requiredInstance(
    database,
    ["prepare", "batch"],
    "the argument of `d1Dialect` must be a D1 binding, such as `env.DB`",
  );
  return {
    createAdapter: () => runsBatches(new ConcurrentSqliteAdapter()),
    createDriver: () => new BatchDriver(new D1Connection(database)),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (kysely: Kysely<unknown>) => new SqliteIntrospector(kysely),
  };
}

class D1Connection<Statement extends D1Statement> implements BatchConnection {
  readonly #database: D1Client<Statement>;

  constructor(database: D1Client<Statement>) {
    this.#database = database;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return toResult(await this.#statement(query).all());
  }

  async executeBatch(queries: readonly CompiledQuery[]): Promise<QueryResult<unknown>[]> {
    const results = await this.#database.batch(queries.map((query) => this.#statement(query)));
    return results.map(toResult<unknown>);
  }

  /** D1 has no cursor: all rows arrive at once. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  #statement({ sql, parameters }: CompiledQuery): Statement {
    const statement = this.#database.prepare(sql);
    return parameters.length === 0 ? statement : statement.bind(...parameters);
  }
}

function toResult<Row>({ results, meta }: D1Result): QueryResult<Row> {
  return {
    // The author of the query declares the type of its rows.
    rows: results as readonly object[] as Row[],
    ...(meta.changes !== undefined && { numAffectedRows: BigInt(meta.changes) }),
    ...(meta.last_row_id !== undefined && { insertId: BigInt(meta.last_row_id) }),
  };
}
