/**
 * A Kysely dialect for libSQL's client (`@libsql/client`): a local file, memory, or Turso.
 *
 * @module
 */

import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  RawNode,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from "kysely";
import { requiredInstance } from "../../options.js";
import { type Release, waitForTurn } from "./turns.js";

/** The part of a client of `@libsql/client` that the dialect uses. */
export interface LibsqlClient {
  /** `file` for a database in this process; anything else is across a network. */
  readonly protocol: string;
  execute(statement: { sql: string; args: LibsqlValue[] }): Promise<LibsqlResult>;
  executeMultiple(sql: string): Promise<void>;
  transaction(mode: "write" | "read" | "deferred"): Promise<LibsqlTransaction>;
  close(): void;
}

/** The part of a transaction of `@libsql/client` that the dialect uses. */
export interface LibsqlTransaction {
  execute(statement: { sql: string; args: LibsqlValue[] }): Promise<LibsqlResult>;
  executeMultiple(sql: string): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  close(): void;
}

/** The part of a result of `@libsql/client` that the dialect uses. */
export interface LibsqlResult {
  readonly rows: readonly object[];
  readonly rowsAffected: number;
  readonly lastInsertRowid: bigint | undefined;
}

/** The values that the client can bind. */
export type LibsqlValue =
  | null
  | string
  | number
  | bigint
  | ArrayBuffer
  | boolean
  | Uint8Array
  | Date;

/**
 * A Kysely dialect over a client of `@libsql/client`, for Kysely 0.28 and 0.29.
 *
 * A local database (`file:` or `:memory:`) is set to WAL mode, so that readers and the writer don't
 * wait for each other. Its client opens several connections, only one of which can write at a time;
 * a second writer fails immediately. So all statements of this client in this process run one at a
 * time, even from several Kysely instances. Destroying the Kysely instance closes the client.
 *
 * @example
 * import { createClient } from "@libsql/client";
 * import { Kysely } from "kysely";
 *
 * const kysely = new Kysely({ dialect: libsqlDialect(createClient({ url: "file:sessions.db" })) });
 */
export function libsqlDialect(client: LibsqlClient): Dialect {
  requiredInstance(
    client,
    ["execute", "executeMultiple", "transaction", "close"],
    "the argument of `libsqlDialect` must be a client of `@libsql/client`: `createClient({ url })`",
  );
  const isLocal = client.protocol === "file";
  return {
    createAdapter: (): DialectAdapter => new LibsqlAdapter(isLocal),
    createDriver: (): Driver => new LibsqlDriver(client, isLocal),
    createQueryCompiler: (): QueryCompiler => new SqliteQueryCompiler(),
    createIntrospector: (kysely: Kysely<unknown>): DatabaseIntrospector =>
      new SqliteIntrospector(kysely),
  };
}

class LibsqlAdapter extends SqliteAdapter {
  readonly #isLocal: boolean;

  constructor(isLocal: boolean) {
    super();
    this.#isLocal = isLocal;
  }

  /** Kysely 0.29 checks this. Without it, Kysely would send one statement at a time to Turso. */
  get supportsMultipleConnections(): boolean {
    return !this.#isLocal;
  }
}

class LibsqlDriver implements Driver {
  readonly #client: LibsqlClient;
  readonly #isLocal: boolean;

  constructor(client: LibsqlClient, isLocal: boolean) {
    this.#client = client;
    this.#isLocal = isLocal;
  }

  async init(): Promise<void> {
    if (!this.#isLocal) {
      return;
    }
    const release = await waitForTurn(this.#client);
    try {
      await this.#client.executeMultiple("pragma journal_mode = wal");
    } finally {
      release();
    }
  }

  async acquireConnection(): Promise<RemoteConnection> {
    return this.#isLocal
      ? new LocalConnection(this.#client, await waitForTurn(this.#client))
      : new RemoteConnection(this.#client);
  }

  async beginTransaction(
    connection: RemoteConnection,
    { accessMode }: TransactionSettings,
  ): Promise<void> {
    await connection.begin(accessMode === "read only" ? "read" : "write");
  }

  async commitTransaction(connection: RemoteConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: RemoteConnection): Promise<void> {
    await connection.rollback();
  }

  async releaseConnection(connection: RemoteConnection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {
    this.#client.close();
  }
}

class RemoteConnection implements DatabaseConnection {
  protected readonly client: LibsqlClient;
  protected transaction: LibsqlTransaction | undefined;

  constructor(client: LibsqlClient) {
    this.client = client;
  }

  async begin(mode: "write" | "read"): Promise<void> {
    this.transaction = await this.client.transaction(mode);
  }

  async commit(): Promise<void> {
    await this.transaction?.commit();
    this.transaction = undefined;
  }

  async rollback(): Promise<void> {
    await this.transaction?.rollback();
    this.transaction = undefined;
  }

  release(): void {}

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    // The author of the query chooses its values and declares the type of its rows; the client
    // rejects values that it can't bind.
    const statement = { sql: query.sql, args: [...query.parameters] as LibsqlValue[] };
    const result = await (this.transaction ?? this.client).execute(statement);
    return {
      rows: result.rows as readonly object[] as Row[],
      numAffectedRows: BigInt(result.rowsAffected),
      ...(result.lastInsertRowid !== undefined && { insertId: result.lastInsertRowid }),
    };
  }

  /** The client has no cursor: all rows arrive at once. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }
}

/**
 * A connection to a database in this process.
 *
 * A statement that fails with SQLITE_BUSY in the client's `execute`, `batch` or `transaction` stays
 * unfinished on its connection until it is garbage-collected, and no later transaction there can
 * commit (tursodatabase/libsql-client-ts#352). A statement in `executeMultiple` is always finished.
 * In WAL mode only the write lock can be busy, so it is always taken there, even for a single
 * statement.
 */
class LocalConnection extends RemoteConnection {
  override readonly release: Release;

  constructor(client: LibsqlClient, release: Release) {
    super(client);
    this.release = release;
  }

  override async begin(mode: "write" | "read"): Promise<void> {
    const transaction = await this.client.transaction("deferred");
    if (mode === "write") {
      try {
        await transaction.executeMultiple("rollback; begin immediate");
      } catch (error) {
        transaction.close();
        throw error;
      }
    }
    this.transaction = transaction;
  }

  override async commit(): Promise<void> {
    await this.transaction?.executeMultiple("commit");
    this.#close();
  }

  override async rollback(): Promise<void> {
    this.#close();
  }

  override async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.transaction !== undefined || !isWrite(query)) {
      return await super.executeQuery(query);
    }
    await this.begin("write");
    try {
      const result = await super.executeQuery<Row>(query);
      await this.commit();
      return result;
    } finally {
      this.#close();
    }
  }

  /** Rolls back what was not committed. */
  #close(): void {
    this.transaction?.close();
    this.transaction = undefined;
  }
}

/**
 * Whether a statement needs the write lock. Statements that can't run in a transaction (`vacuum`)
 * or that configure the connection don't.
 */
function isWrite({ query, sql }: CompiledQuery): boolean {
  return RawNode.is(query)
    ? /^\s*(?:insert|update|delete|replace|with|create|alter|drop)\b/i.test(sql)
    : !SelectQueryNode.is(query);
}
