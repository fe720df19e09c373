/**
 * Errors of drivers: without the values of the statement, and with our own message if we know the
 * fix.
 *
 * @module
 */

import { invalidArgument, RollcallError } from "../errors.js";
import { withoutValues } from "../stores/driver-error-values.js";
import type { SqlDialect } from "./dialect.js";

/** The error for the caller of the stores. It may be logged, so it must not contain a key. */
export function thrownFor(error: unknown, dialect: SqlDialect): unknown {
  // Checked first, because it reads a member that is removed below.
  const isOtherLayout = dialect.isOtherLayout(error);
  const cause = withoutValues(error);
  if (dialect.isMissingTable(cause)) {
    const message = `a table of Rollcall is missing: run \`migrate(kysely, { dialect: "${dialect.name}" })\` first`;
    return new RollcallError("not_configured", message, cause);
  }
  if (isOtherLayout) {
    const message =
      "the table `rollcall_sessions` has the layout of a prerelease version: drop the tables `rollcall_…` and run `migrate` again, which signs all users out";
    return new RollcallError("not_configured", message, cause);
  }
  if (dialect.isUnknownStatement(cause)) {
    const message =
      "the connection pooler doesn't track prepared statements: call `sqlStores` with `prepare: false`, or set `max_prepared_statements` in PgBouncer 1.21 or later";
    return new RollcallError("not_configured", message, cause);
  }
  const otherDatabase = dialect.otherDatabase(cause);
  return otherDatabase === undefined
    ? cause
    : invalidArgument(`\`dialect\` is \`${dialect.name}\`, but ${otherDatabase}`, cause);
}

/** A member of the error that a driver threw. */
export function errorMember(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}
