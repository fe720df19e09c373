/**
 * Runs one statement, or several as one transaction, and repeats them while the database is busy.
 *
 * In a unit of work, no statement needs the result of another. So an engine without interactive
 * transactions can run it as one batch, a remote engine in one round trip, and any engine can run
 * it again.
 *
 * @module
 */

import type { Compilable, CompiledQuery, Kysely, QueryResult, RawBuilder } from "kysely";
import { type BatchConnection, batchRunner } from "./batch.js";
import type { SqlDialect } from "./dialect.js";
import { thrownFor } from "./driver-error.js";
import { type Statements, statementsOf } from "./statement.js";
import type { Tables } from "./tables.js";

/** A statement, and a function that receives its result once the whole unit is committed. */
export interface Step {
  readonly query: Pick<Compilable<unknown>, "compile">;
  readonly take: (result: QueryResult<unknown>) => void;
}

/** One step of a unit of work. `take` is called once, after the commit. */
export function step<Row>(
  query: Pick<Compilable<Row>, "compile">,
  take: (rows: Row[]) => void = () => {},
): Step {
  // The query declares the type of its rows.
  return { query, take: (result) => take(result.rows as Row[]) };
}

/** Runs a statement of an interactive transaction, and returns its rows. */
export type RunInTransaction = <Row>(query: Pick<Compilable<Row>, "compile">) => Promise<Row[]>;

/** How statements run. */
export interface RunOptions {
  /** How long to repeat work that fails because of concurrent work, in milliseconds. */
  busyTimeout: number;
  /** Whether to prepare statements under a name, if the driver supports it. */
  prepare: boolean;
}

/** A database, and methods that run work on it. */
export class WorkUnits {
  readonly db: Kysely<Tables>;
  readonly dialect: SqlDialect;
  readonly #statements: Statements;
  readonly #manner: RunOptions;
  readonly #runBatch: BatchConnection["executeBatch"] | undefined;

  constructor(db: Kysely<Tables>, dialect: SqlDialect, manner: RunOptions) {
    this.db = db;
    this.dialect = dialect;
    this.#statements = statementsOf(dialect);
    this.#manner = manner;
    this.#runBatch = batchRunner(db);
  }

  /** The same database with another dialect. */
  with(dialect: SqlDialect): WorkUnits {
    return new WorkUnits(this.db, dialect, this.#manner);
  }

  /** See `Statements.statement`. */
  statement: Statements["statement"] = (name, values, build, options) =>
    this.#statements.statement(name, values, build, options);

  /** A statement in SQL. */
  raw = <Row>(query: RawBuilder<Row>): Pick<Compilable<Row>, "compile"> => ({
    compile: () => query.compile(this.db),
  });

  /** Runs one statement. */
  async one<Row>(query: Pick<Compilable<Row>, "compile">): Promise<QueryResult<Row>> {
    const compiled: CompiledQuery<Row> = query.compile();
    return await this.#patiently(() => this.#run(this.db, compiled));
  }

  /** Runs all steps in one transaction, in order. If one fails, nothing has changed. */
  async all(steps: readonly Step[]): Promise<void> {
    const [first] = steps;
    if (first === undefined) {
      return;
    }
    if (steps.length === 1) {
      first.take(await this.one(first.query));
      return;
    }
    const queries = steps.map(({ query }) => query.compile());
    const runBatch = this.#runBatch;
    const results = await this.#patiently(() =>
      runBatch === undefined
        ? this.#inTransaction(async (transaction) => {
            const results: QueryResult<unknown>[] = [];
            for (const query of queries) {
              results.push(await this.#run(transaction, query));
            }
            return results;
          })
        : runBatch(queries),
    );
    results.forEach((result, index) => {
      steps[index]?.take(result);
    });
  }

  /**
   * Runs statements that need the results of earlier ones, all in one transaction. `work` may be
   * called again, because the whole is repeated while the database is busy. Not for engines that
   * only support batches.
   */
  async interactive<T>(work: (run: RunInTransaction) => Promise<T>): Promise<T> {
    return await this.#patiently(() =>
      this.#inTransaction((transaction) =>
        work(async (query) => (await this.#run(transaction, query.compile())).rows),
      ),
    );
  }

  async #run<Row>(db: Kysely<Tables>, query: CompiledQuery<Row>): Promise<QueryResult<Row>> {
    const { checkConnection } = this.dialect;
    const execute = this.#manner.prepare ? this.dialect.execute : undefined;
    if (checkConnection === undefined && execute === undefined) return await db.executeQuery(query);
    return await db.getExecutor().provideConnection(async (connection) => {
      await checkConnection?.(connection);
      return await (execute?.(connection, query) ?? connection.executeQuery(query));
    });
  }

  /** In one transaction: the host's own, if it passed one. */
  async #inTransaction<T>(run: (transaction: Kysely<Tables>) => Promise<T>): Promise<T> {
    if (this.db.isTransaction) {
      return await run(this.db);
    }
    const transaction = this.db.transaction();
    // Rows are locked individually, so a stricter isolation level would only lock or reject more
    // than needed.
    return await (this.dialect.locksRows
      ? transaction.setIsolationLevel("read committed")
      : transaction
    ).execute(run);
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    // Within the host's transaction, only the host can retry.
    const deadline = this.db.isTransaction ? 0 : Date.now() + this.#manner.busyTimeout;
    for (let pause = SHORTEST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        return await work();
      } catch (error) {
        if (!this.dialect.isBusy(error) || Date.now() >= deadline) {
          throw thrownFor(error, this.dialect);
        }
      }
      // Random, so that two transactions that conflicted don't collide again.
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    }
  }
}

// In milliseconds. A write takes about one.
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 32;
