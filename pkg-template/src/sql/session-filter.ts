/**
 * Turns a filter into conditions, of which exactly one index can serve the first.
 *
 * Every read is driven by one index, chosen here and not by the engine: its column stands in the
 * conditions as it is, the others are marked `unindexed`. So a plan depends on the filter alone,
 * and not on what the engine has counted or guessed.
 *
 * @module
 */

import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { bare } from "../plain-object.js";
import { expiryRange, hasExpiryRange } from "../stores/expiry.js";
import type { StoreFilter, StoreListRequest, StoreText, StoreTimeRange } from "../types.js";
import type { ColumnPair, SqlDialect, TextColumn } from "./dialect.js";
import type { Place } from "./position.js";
import { prefixRange } from "./text-range.js";
import { withinSpan } from "./time-span.js";

/**
 * The index that drives a read, by the filter member that it serves; `created` is the listing of
 * all sessions.
 */
export type Driver =
  | "sessionId"
  | "subjectId"
  | "displayName"
  | "ipAddress"
  | "clientId"
  | "issuer"
  | "expires"
  | "created";

/** The names of these indexes. */
export const INDEX_OF: Readonly<Record<Driver, string>> = {
  sessionId: "rollcall_sessions_session",
  subjectId: "rollcall_sessions_subject",
  displayName: "rollcall_sessions_name",
  ipAddress: "rollcall_sessions_address",
  clientId: "rollcall_session_clients_listing",
  issuer: "rollcall_sessions_issuer",
  expires: "rollcall_sessions_expiry",
  created: "rollcall_sessions_listing",
};

type Order = StoreListRequest["order"];

// The sessions go by the name `s` in every statement, the clients that drive a read by the name
// `c`.
const column = {
  id: sql.ref<number>("s.id"),
  sessionId: sql.ref<string>("s.session_id"),
  subjectId: sql.ref<string>("s.subject_id"),
  displayName: sql.ref<string | null>("s.display_name_folded"),
  ipAddress: sql.ref<string | null>("s.ip_address"),
  issuer: sql.ref<string | null>("s.issuer"),
  created: sql.ref<number>("s.created"),
  renewed: sql.ref<number>("s.renewed"),
  expires: sql.ref<number | null>("s.expires"),
  clientId: sql.ref<string>("c.client_id"),
  clientCreated: sql.ref<number>("c.created"),
  clientSession: sql.ref<number>("c.session_id"),
};

/**
 * The index of a member that must be equal, the one that leaves the fewest rows first; `undefined`
 * if there is none.
 */
export function equalityDriver(filter: StoreFilter, order: Order): Driver | undefined {
  if (isEquality(filter.sessionId)) return "sessionId";
  if (isEquality(filter.subjectId)) return "subjectId";
  if (isEquality(filter.displayName)) return "displayName";
  if (filter.ipAddress !== undefined) return "ipAddress";
  // In the order of expiry there is no index for these two, and too many rows to sort: the index of
  // expiry drives.
  if (order === "expiry") return undefined;
  if (filter.clientId !== undefined) return "clientId";
  if (filter.issuer !== undefined) return "issuer";
  return undefined;
}

/** An index in which the filter asks for a range, and that range as a condition. */
export interface RangeDriver {
  driver: Driver;
  column: Expression<unknown>;
  range: Expression<SqlBool>;
}

/**
 * The indexes in which the filter asks for a range. Their rows come in another order than the
 * list's.
 */
export function rangeDrivers(filter: StoreFilter): RangeDriver[] {
  const drivers: RangeDriver[] = [];
  for (const driver of ["sessionId", "subjectId", "displayName"] as const) {
    const wanted = filter[driver];
    if (wanted !== undefined && "startsWith" in wanted) {
      drivers.push({
        driver,
        column: column[driver],
        range: allOf(withinPrefix(column[driver], wanted.startsWith)),
      });
    }
  }
  if (hasExpiryRange(filter)) {
    drivers.push({
      driver: "expires",
      column: column.expires,
      range: allOf(expiryConditions(column.expires, filter)),
    });
  }
  return drivers;
}

/**
 * Whether nothing but the client and the time of creation is asked for: the table of the clients
 * alone can tell.
 */
export function asksOnlyForClient(filter: StoreFilter): boolean {
  const asked = Object.entries(filter).filter(([, wanted]) => wanted !== undefined);
  return (
    filter.clientId !== undefined &&
    asked.every(([name]) => name === "clientId" || name === "created")
  );
}

/** The condition of a read, and the columns that it is ordered by. */
export interface Read {
  condition: Expression<SqlBool>;
  order: readonly Expression<unknown>[];
  /** Whether the index gives the rows in this order. If not, those found are sorted. */
  inOrder: boolean;
}

/** Plans one page, or with no places the whole of a filter. */
export function planRead(
  dialect: SqlDialect,
  filter: StoreFilter,
  order: Order,
  driver: Driver,
  places: { behind?: Place; ahead?: Place } = bare({}),
): Read {
  const conditions = otherConditions(dialect, filter, driver);
  const inOrder = isInOrder(filter, order, driver);
  const ordered = <T>(expression: Expression<T>) =>
    inOrder ? expression : dialect.unindexed(expression);
  const tieBreak = sql.ref<number>(`s.${dialect.tieBreak}`);
  if (order === "expiry") {
    const columns: ColumnPair = [ordered(column.expires), ordered(tieBreak)];
    conditions.push(sql`${ordered(column.expires)} is not null`);
    conditions.push(...withinSpan(dialect, columns, bare({ ...expiryRange(filter), ...places })));
    conditions.push(...withinRange(dialect.unindexed(column.created), filter.created));
    return { condition: allOf(conditions), order: columns, inOrder };
  }
  const columns: ColumnPair =
    driver === "clientId"
      ? [column.clientCreated, column.clientSession]
      : [ordered(column.created), ordered(tieBreak)];
  const leading = dialect.ordersByDriver && inOrder && driver !== "created" ? [column[driver]] : [];
  conditions.push(...withinSpan(dialect, columns, bare({ ...filter.created, ...places })));
  conditions.push(
    ...expiryConditions(
      driver === "expires" ? column.expires : dialect.unindexed(column.expires),
      filter,
    ),
  );
  return { condition: allOf(conditions), order: [...leading, ...columns], inOrder };
}

/**
 * Whether the driver's index goes on in the order of the list behind the column that it is entered
 * by.
 */
function isInOrder(filter: StoreFilter, order: Order, driver: Driver): boolean {
  if (order === "expiry" || driver === "expires") {
    return order === "expiry" && driver === "expires";
  }
  return driver === "created" || driver === equalityDriver(filter, order);
}

/** All conditions but those on the two times that a list can be ordered by. */
function otherConditions(
  dialect: SqlDialect,
  filter: StoreFilter,
  driver: Driver,
): RawBuilder<SqlBool>[] {
  const { unindexed } = dialect;
  const conditions: RawBuilder<SqlBool>[] = [];
  for (const member of ["sessionId", "subjectId", "displayName"] as const) {
    const wanted = filter[member];
    if (wanted !== undefined) {
      conditions.push(textCondition(dialect, column[member], wanted, member === driver));
    }
  }
  for (const member of ["ipAddress", "issuer"] as const) {
    if (filter[member] !== undefined) {
      conditions.push(equality(dialect, column[member], filter[member], member === driver));
    }
  }
  if (filter.clientId !== undefined) {
    const { clientId } = filter;
    conditions.push(
      driver === "clientId"
        ? dialect.drivenEquals(column.clientId, clientId)
        : tookPart(dialect, clientId),
    );
  }
  if (filter.search !== undefined) {
    conditions.push(searchCondition(dialect, filter.search));
  }
  conditions.push(...withinRange(unindexed(column.renewed), filter.renewed));
  return conditions;
}

function textCondition(
  dialect: SqlDialect,
  text: TextColumn,
  wanted: StoreText,
  isDriver: boolean,
): RawBuilder<SqlBool> {
  if ("equals" in wanted) return equality(dialect, text, wanted.equals, isDriver);
  if ("startsWith" in wanted) {
    const begins = (text: TextColumn) => allOf(withinPrefix(text, wanted.startsWith));
    return isDriver ? begins(text) : dialect.rowByRow(text, begins);
  }
  // No index that is entered serves a part of a text; one that is made for it may.
  return dialect.contains(text, wanted.contains);
}

function equality(
  dialect: SqlDialect,
  text: TextColumn,
  value: string,
  isDriver: boolean,
): RawBuilder<SqlBool> {
  return isDriver
    ? dialect.drivenEquals(text, value)
    : dialect.rowByRow(text, (text) => sql`${text} = ${value}`);
}

function withinPrefix(text: TextColumn, prefix: string): RawBuilder<SqlBool>[] {
  const { from, before } = prefixRange(prefix);
  const conditions = [sql<SqlBool>`${text} >= ${from}`];
  if (before !== undefined) {
    conditions.push(sql`${text} < ${before}`);
  }
  return conditions;
}

/**
 * A count, which is 0 or 1: what `exists` asks for the planner may join, and begin with all
 * sessions of the client.
 */
function tookPart(dialect: SqlDialect, clientId: string): RawBuilder<SqlBool> {
  const isClient = dialect.rowByRow(
    sql.ref<string>("client_id"),
    (client) => sql`${client} = ${clientId}`,
  );
  return sql`(select count(*) from rollcall_session_clients where session_id = ${column.id} and ${isClient}) > 0`;
}

/**
 * The few sessions with that id are looked up first, so that a walk over all needs only what the
 * listing index holds.
 */
function searchCondition(
  dialect: SqlDialect,
  { id, name }: { id: string; name: string },
): RawBuilder<SqlBool> {
  return sql`(${dialect.contains(column.displayName, name)} or ${column.id} in (
    select id from rollcall_sessions where subject_id = ${id} union all select id from rollcall_sessions where session_id = ${id}))`;
}

function withinRange(
  time: Expression<number | null>,
  range: StoreTimeRange = bare({}),
): RawBuilder<SqlBool>[] {
  const conditions: RawBuilder<SqlBool>[] = [];
  if (range.after !== undefined) {
    conditions.push(sql`${time} >= ${range.after}`);
  }
  if (range.before !== undefined) {
    conditions.push(sql`${time} < ${range.before}`);
  }
  return conditions;
}

function expiryConditions(
  expires: Expression<number | null>,
  filter: StoreFilter,
): RawBuilder<SqlBool>[] {
  // What never expires is active, but lies in no range.
  return filter.activeAt !== undefined && !hasExpiryRange(filter)
    ? [isActive(expires, filter.activeAt)]
    : withinRange(expires, expiryRange(filter));
}

/** Whether a session hasn't expired. One without an expiry never does. */
export function isActive(expires: Expression<number | null>, now: number): RawBuilder<SqlBool> {
  return sql`(${expires} is null or ${expires} > ${now})`;
}

function isEquality(wanted: StoreText | undefined): boolean {
  return wanted !== undefined && "equals" in wanted;
}

function allOf(conditions: RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}
