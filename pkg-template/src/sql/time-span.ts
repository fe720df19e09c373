/**
 * A stretch of an order: whole milliseconds, and the places of a page's ends.
 *
 * @module
 */

import type { RawBuilder, SqlBool } from "kysely";
import { sql } from "kysely";
import type { ColumnPair, SqlDialect } from "./dialect.js";
import type { Place } from "./position.js";

/** `after` <= time < `before`, and strictly between two places. What is absent is no bound. */
export interface TimeSpan {
  after?: number;
  before?: number;
  behind?: Place;
  ahead?: Place;
}

/**
 * The conditions for a span of an index that begins with these columns. Where a range and a place
 * bound the same side, only the tighter one is asked for: an index can be entered by one of them,
 * and the other would cost a walk from there.
 */
export function withinSpan(
  dialect: SqlDialect,
  columns: ColumnPair,
  span: TimeSpan,
): RawBuilder<SqlBool>[] {
  const [time] = columns;
  const { after, before, behind, ahead } = span;
  const conditions: RawBuilder<SqlBool>[] = [];
  if (behind !== undefined && (after === undefined || behind[0] >= after)) {
    conditions.push(dialect.beyond(columns, ">", behind));
  } else if (after !== undefined) {
    conditions.push(sql`${time} >= ${after}`);
  }
  if (ahead !== undefined && (before === undefined || ahead[0] < before)) {
    conditions.push(dialect.beyond(columns, "<", ahead));
  } else if (before !== undefined) {
    conditions.push(sql`${time} < ${before}`);
  }
  return conditions;
}
