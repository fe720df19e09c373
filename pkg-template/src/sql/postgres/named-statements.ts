/**
 * Statements that `pg` prepares once per connection, and then runs by name.
 *
 * Kysely passes the SQL of a statement to `client.query` of `pg`, which also accepts an object with
 * `text` and `name`. Other drivers don't, so the object is only passed to connections of Kysely's
 * own dialect for `pg`.
 *
 * @module
 */

import {
  type CompiledQuery,
  type DatabaseConnection,
  PostgresDriver,
  type QueryResult,
} from "kysely";
import { errorMember } from "../driver-error.js";
import type { Statement } from "../statement.js";

/** Runs a statement, by name if it has one and this is a connection of `pg`. */
export async function executeNamed<Row>(
  connection: DatabaseConnection,
  statement: CompiledQuery<Row> & Statement,
): Promise<QueryResult<Row>> {
  const { sql, name } = statement;
  kyselyConnection ??= classOfConnections();
  if (
    name === undefined ||
    outdated.has(connection) ||
    connection.constructor !== (await kyselyConnection)
  ) {
    return await connection.executeQuery(statement);
  }
  try {
    const text = new NamedText(sql, name) as NamedText & string;
    return await connection.executeQuery({ ...statement, sql: text });
  } catch (error) {
    if (isOutdatedPlan(error)) outdated.add(connection);
    throw error;
  }
}

/**
 * Connections that prepared statements before the type of a column changed. They no longer use
 * names.
 */
const outdated = new WeakSet<DatabaseConnection>();

/**
 * Whether a statement failed because it was prepared before the type of a column changed (`cached
 * plan must not change result type`). Recognized by the server function that reports it, because
 * the code has many causes and the message is in the server's language.
 */
export function isOutdatedPlan(error: unknown): boolean {
  return errorMember(error, "routine") === "RevalidateCachedQuery";
}

/**
 * A query configuration for `pg`. It has the methods of a string, for programs that log statements.
 * It isn't a real `String`, whose characters `pg` would copy one by one.
 */
class NamedText {
  readonly text: string;
  readonly name: string;

  constructor(text: string, name: string) {
    this.text = text;
    this.name = name;
  }

  get length(): number {
    return this.text.length;
  }

  toString(): string {
    return this.text;
  }

  valueOf(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}
Object.setPrototypeOf(NamedText.prototype, String.prototype);

let kyselyConnection: Promise<unknown> | undefined;

/** Kysely doesn't export the class, and bundlers may rename it. No connection is opened. */
async function classOfConnections(): Promise<unknown> {
  const client = {
    query: (): never => {
      throw new Error("this connection has no server");
    },
    release: () => {},
  };
  const driver = new PostgresDriver({
    pool: { connect: async () => client, end: async () => {} },
  });
  await driver.init();
  return (await driver.acquireConnection()).constructor;
}
