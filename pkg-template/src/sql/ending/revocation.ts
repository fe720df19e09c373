/**
 * The grants that a step removes, as a part of its statements.
 *
 * @module
 */

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { bare } from "../../plain-object.js";
import type { CheckedRevocation } from "../../stores/ending.js";
import type { SqlDialect } from "../dialect.js";
import { type GrantFilterValues, grantFilterValues } from "../grants.js";

/** The grants of a step as the values of its statements. Lists are JSON. */
export type RevocationValues = {
  /** By number. */
  matching: { [number: string]: GrantFilterValues };
  ofSessions?: { types?: string; clientIds?: string; exceptClientIds?: string };
};

export function revocationValues(
  dialect: SqlDialect,
  { matching, ofSessions }: CheckedRevocation,
): RevocationValues {
  const filters = matching
    .flatMap((filter) => grantFilterValues(dialect, filter))
    .map((values, number) => [number, values]);
  const values: RevocationValues = bare({ matching: bare(Object.fromEntries(filters)) });
  if (ofSessions !== undefined) {
    const { types, clientIds, exceptClientIds } = ofSessions;
    values.ofSessions = bare({
      ...(types.length > 0 && { types: JSON.stringify(types) }),
      ...(clientIds !== undefined && { clientIds: JSON.stringify(clientIds) }),
      ...(exceptClientIds !== undefined && { exceptClientIds: JSON.stringify(exceptClientIds) }),
    });
  }
  return values;
}

/** The conditions on a grant `g` of an ended session, apart from its session. */
export function sessionGrantConditions(
  dialect: SqlDialect,
  { types, clientIds, exceptClientIds }: NonNullable<RevocationValues["ofSessions"]>,
): RawBuilder<SqlBool>[] {
  const type = dialect.unindexed(sql.ref<string>("g.type"));
  const clientId = dialect.unindexed(sql.ref<string>("g.client_id"));
  return [
    ...(types === undefined ? [] : [dialect.isInJson(type, types)]),
    ...(clientIds === undefined ? [] : [dialect.isInJson(clientId, clientIds)]),
    ...(exceptClientIds === undefined
      ? []
      : [sql<SqlBool>`not (${dialect.isInJson(clientId, exceptClientIds)})`]),
  ];
}
