/**
 * The condition on a row, as a part of the statement that finds it by its key.
 *
 * @module
 */

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { bare } from "../plain-object.js";
import type { SessionCondition } from "../types.js";
import type { SqlDialect } from "./dialect.js";
import { allOf } from "./session-filter.js";
import type { WorkUnits } from "./unit-of-work.js";

/** A condition as the values of a statement. */
export type ConditionValues = {
  subjectId?: string;
  sessionId?: string;
  expires?: number;
  /** Present if the session must never expire. */
  never?: 1;
  renewed?: number;
  expiredAt?: number;
};

export function conditionValues({ expires, ...others }: SessionCondition): ConditionValues {
  return bare({
    ...others,
    ...(expires === null ? { never: 1 as const } : expires !== undefined && { expires }),
  });
}

/** The condition on a row of `rollcall_sessions`. Its columns are not qualified. */
export function conditionOf(
  dialect: SqlDialect,
  { subjectId, sessionId, expires, never, renewed, expiredAt }: ConditionValues,
): RawBuilder<SqlBool> {
  const text = (name: string, value: string) =>
    dialect.rowByRow(sql.ref<string | null>(name), (column) => sql`${column} = ${value}`);
  const expiry = dialect.unindexed(sql.ref<number | null>("expires"));
  return allOf([
    ...(subjectId === undefined ? [] : [text("subject_id", subjectId)]),
    ...(sessionId === undefined ? [] : [text("session_id", sessionId)]),
    ...(expires === undefined ? [] : [sql<SqlBool>`${expiry} = ${expires}`]),
    ...(never === undefined ? [] : [sql<SqlBool>`${expiry} is null`]),
    ...(renewed === undefined ? [] : [sql<SqlBool>`renewed = ${renewed}`]),
    ...(expiredAt === undefined ? [] : [sql<SqlBool>`${expiry} <= ${expiredAt}`]),
  ]);
}

/** Whether there is a session with this key that meets the condition. */
export async function hasSession(
  work: WorkUnits,
  key: string,
  condition: SessionCondition = bare({}),
): Promise<boolean> {
  const { db, dialect } = work;
  const values = { key, if: conditionValues(condition) };
  const query = work.statement("existing", values, ({ key, if: condition }) =>
    db
      .selectFrom("rollcall_sessions")
      .select(ONE)
      .where("key", "=", dialect.bytes(key))
      .where(conditionOf(dialect, condition)),
  );
  const { rows } = await work.one(query);
  return rows.length > 0;
}

/** Selected if only the existence of a row matters. */
export const ONE = sql.lit(1).as("one");
