/**
 * The `sql_mode`s of a server that would make the stores unsafe.
 *
 * @module
 */

import { CompiledQuery, type DatabaseConnection } from "kysely";
import { RollcallError } from "../../errors.js";

/** Connections whose mode is safe. */
const checked = new WeakSet<DatabaseConnection>();

/**
 * Reads the `sql_mode` of a connection once: each connection has its own, and Kysely keeps one
 * object for each.
 *
 * @throws {RollcallError} `not_configured`, with the mode to set. With `NO_BACKSLASH_ESCAPES` the
 * server reads the backslashes that mysql2 uses to escape quotes as characters, so that a value
 * ends early and the rest of it is executed as SQL. With MariaDB's `EMPTY_STRING_IS_NULL` and
 * `ORACLE` no session can be ended. Without a strict mode it truncates ids that are too long, so
 * that two subjects become one.
 */
export async function checkSqlMode(connection: DatabaseConnection): Promise<void> {
  if (checked.has(connection)) return;
  const { rows } = await connection.executeQuery<{ mode: unknown }>(READ_MODE);
  const modes = String(rows[0]?.mode).split(",");
  const refused = REFUSED.find((mode) => modes.includes(mode));
  if (refused !== undefined) throw notConfigured(`has \`${refused}\`: take it out`);
  if (!modes.includes("STRICT_TRANS_TABLES") && !modes.includes("STRICT_ALL_TABLES")) {
    throw notConfigured("isn't strict: add `STRICT_TRANS_TABLES`");
  }
  checked.add(connection);
}

const REFUSED = ["NO_BACKSLASH_ESCAPES", "EMPTY_STRING_IS_NULL", "ORACLE"];

const READ_MODE = CompiledQuery.raw("select @@session.sql_mode as mode");

function notConfigured(fault: string): RollcallError {
  return new RollcallError(
    "not_configured",
    `the \`sql_mode\` of the database connection ${fault}, on the server or for each connection of the pool`,
  );
}
