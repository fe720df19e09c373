/**
 * Errors of drivers: without the values of the statement, and in our own words if we know the fix.
 *
 * @module
 */

import { invalidArgument, RollcallError } from "../errors.js";
import { withoutValues } from "../stores/values-in-errors.js";
import type { SqlDialect } from "./dialect.js";

/** The error for a caller of the stores. It may be logged, so it must not hold a key. */
export function thrownFor(error: unknown, dialect: SqlDialect): unknown {
  // Asked first: it reads a member that is taken off.
  const isOtherLayout = dialect.isOtherLayout(error);
  const cause = withoutValues(error);
  if (dialect.isMissingTable(cause)) {
    const message = `a table of Rollcall is missing: run \`migrate(kysely, { dialect: "${dialect.name}" })\` first`;
    return new RollcallError("not_configured", message, cause);
  }
  if (isOtherLayout) {
    const message =
      "the table `rollcall_sessions` has the layout of a version before the first release: drop the tables `rollcall_…` and run `migrate` again, which signs everybody out";
    return new RollcallError("not_configured", message, cause);
  }
  if (dialect.isUnknownStatement(cause)) {
    const message =
      "the connection pooler doesn't follow prepared statements: call `sqlStores` with `prepare: false`, or set `max_prepared_statements` in PgBouncer 1.21 or later";
    return new RollcallError("not_configured", message, cause);
  }
  const otherDatabase = dialect.otherDatabase(cause);
  return otherDatabase === undefined
    ? cause
    : invalidArgument(`\`dialect\` is \`${dialect.name}\`, but ${otherDatabase}`, cause);
}

/** A member of what a driver threw. */
export function errorMember(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}
