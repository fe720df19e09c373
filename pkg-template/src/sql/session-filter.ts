/**
 * Converts a filter to the values of a statement, and those to conditions that exactly one index
 * can drive.
 *
 * Every read is driven by one index, chosen here and not by the engine: the condition on its column
 * is plain, the others are marked `unindexed`. So a plan depends only on the filter, and not on the
 * engine's statistics.
 *
 * @module
 */

import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { bare } from "../plain-object.js";
import { expiryRange, hasExpiryRange } from "../stores/expiry.js";
import type { StoreFilter, StoreListRequest, StoreText, StoreTimeRange } from "../types.js";
import type { ExpiryColumns, ExpiryPlace, ShortList, SqlDialect, TextColumn } from "./dialect.js";
import type { Place } from "./position.js";
import { prefixRange, type StringRange } from "./prefix-range.js";
import { firstIdAt } from "./row-id.js";

/**
 * The index that drives a read, by the filter member that it supports. `created` is the listing of
 * all sessions; `key` is for a list of keys.
 */
export type Driver =
  | "key"
  | "sessionId"
  | "subjectId"
  | "displayName"
  | "ipAddress"
  | "clientId"
  | "issuer"
  | "issuers"
  | "expires"
  | "created";

/** The names of these indexes, for MySQL's index hints; `PRIMARY` is its name for a primary key. */
export const INDEX_OF: Readonly<Record<Driver, string>> = {
  key: "rollcall_sessions_key",
  sessionId: "rollcall_sessions_session",
  subjectId: "rollcall_sessions_subject",
  displayName: "rollcall_sessions_name",
  ipAddress: "rollcall_sessions_address",
  clientId: "PRIMARY",
  issuer: "rollcall_sessions_issuer",
  issuers: "rollcall_sessions_issuer",
  expires: "rollcall_sessions_expiry",
  created: "rollcall_sessions_listing",
};

type Order = StoreListRequest["order"];

type TextValues = { equals: string } | { part: string } | StringRange;
type TimeRange = { after?: number; before?: number };

/**
 * A filter and the bounds of a page as the values of a statement. The conditions only depend on
 * which members are present, not on their values.
 */
export type FilterValues = {
  sessionId?: TextValues;
  subjectId?: TextValues;
  displayName?: TextValues;
  ipAddress?: string;
  issuer?: string;
  issuers?: ShortList;
  clientId?: string;
  search?: { id: string; part: string };
  renewed?: TimeRange;
  /** Creation times, as row ids. `from` <= id < `before`. */
  id?: { from?: string; before?: string };
  expires?: TimeRange;
  /** Not combined with `expires`: sessions that never expire are active, but not in any range. */
  activeAt?: number;
  /** In the order of expiry: strictly after the first place, and before the second. */
  behind?: ExpiryPlace;
  ahead?: ExpiryPlace;
};

/**
 * If a range and a place bound the same side, only the tighter bound is used: an index scan can
 * start at one of them only, and the other would be a filter on the rows from there.
 */
export function filterValues(
  dialect: SqlDialect,
  filter: StoreFilter,
  order: Order,
  { behind, ahead }: { behind?: Place | undefined; ahead?: Place | undefined } = bare({}),
): FilterValues {
  const values: FilterValues = bare({});
  for (const member of ["sessionId", "subjectId", "displayName"] as const) {
    const wanted = filter[member];
    if (wanted !== undefined) values[member] = textValues(dialect, wanted);
  }
  for (const member of ["ipAddress", "issuer", "clientId"] as const) {
    const wanted = filter[member];
    if (wanted !== undefined) values[member] = wanted;
  }
  if (filter.issuers !== undefined) values.issuers = dialect.shortList(filter.issuers);
  if (filter.search !== undefined) {
    const { id, name } = filter.search;
    values.search = { id, part: dialect.containsParameter(name) };
  }
  if (filter.renewed !== undefined) values.renewed = bounds(filter.renewed);
  const isByExpiry = order === "expiry";
  values.id = idRange(filter.created, isByExpiry ? bare({}) : { behind, ahead });
  if (hasExpiryRange(filter) || isByExpiry) {
    values.expires = bounds(expiryRange(filter));
  } else if (filter.activeAt !== undefined) {
    values.activeAt = filter.activeAt;
  }
  if (isByExpiry) boundByPlaces(values, values.expires ?? {}, behind, ahead);
  return values;
}

function textValues(dialect: SqlDialect, wanted: StoreText): TextValues {
  if ("equals" in wanted) return bare({ equals: wanted.equals });
  return "startsWith" in wanted
    ? bare(prefixRange(wanted.startsWith))
    : bare({ part: dialect.containsParameter(wanted.contains) });
}

function bounds({ after, before }: StoreTimeRange): TimeRange {
  return bare({
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  });
}

function idRange(
  created: StoreTimeRange | undefined,
  { behind, ahead }: { behind?: Place | undefined; ahead?: Place | undefined },
): { from?: string; before?: string } {
  const lower = [
    ...(created?.after === undefined ? [] : [firstIdAt(created.after)]),
    ...(behind === undefined ? [] : [behind.id + 1n]),
  ];
  const upper = [
    ...(created?.before === undefined ? [] : [firstIdAt(created.before)]),
    ...(ahead === undefined ? [] : [ahead.id]),
  ];
  const from = lower.reduce<bigint | undefined>(
    (most, id) => (most === undefined || id > most ? id : most),
    undefined,
  );
  const before = upper.reduce<bigint | undefined>(
    (least, id) => (least === undefined || id < least ? id : least),
    undefined,
  );
  return bare({
    ...(from !== undefined && { from: from.toString() }),
    ...(before !== undefined && { before: before.toString() }),
  });
}

function boundByPlaces(
  values: FilterValues,
  range: TimeRange,
  behind: Place | undefined,
  ahead: Place | undefined,
): void {
  const { after, before } = range;
  if (behind?.expires !== undefined && (after === undefined || behind.expires >= after)) {
    values.behind = { expires: behind.expires, id: behind.id.toString() };
    delete range.after;
  }
  if (ahead?.expires !== undefined && (before === undefined || ahead.expires < before)) {
    values.ahead = { expires: ahead.expires, id: ahead.id.toString() };
    delete range.before;
  }
}

/**
 * In every statement, the alias of the sessions is `s`, and of the clients that drive a read `c`.
 */
export const column = {
  key: sql.ref<never>("s.key"),
  id: sql.ref<never>("s.id"),
  sessionId: sql.ref<string>("s.session_id"),
  subjectId: sql.ref<string>("s.subject_id"),
  displayName: sql.ref<string | null>("s.display_name_folded"),
  ipAddress: sql.ref<string | null>("s.ip_address"),
  issuer: sql.ref<string | null>("s.issuer"),
  issuers: sql.ref<string | null>("s.issuer"),
  renewed: sql.ref<number>("s.renewed"),
  expires: sql.ref<number | null>("s.expires"),
  clientId: sql.ref<string>("c.client_id"),
  clientSession: sql.ref<never>("c.id"),
};

/** The index for the most selective member that must be equal; `undefined` if there is none. */
export function equalityDriver(values: FilterValues, order: Order): Driver | undefined {
  if (isEquality(values.sessionId)) return "sessionId";
  if (isEquality(values.subjectId)) return "subjectId";
  if (isEquality(values.displayName)) return "displayName";
  if (values.ipAddress !== undefined) return "ipAddress";
  // In the order of expiry these two have no index and too many rows to sort, so the index of
  // expiry drives.
  if (order === "expiry") return undefined;
  if (values.clientId !== undefined) return "clientId";
  if (values.issuer !== undefined) return "issuer";
  return undefined;
}

/** An index in which a filter requires a range, or one of several values. */
export type RangeDriver = "sessionId" | "subjectId" | "displayName" | "issuers" | "expires";

/**
 * The indexes in which the filter requires a range or one of several values. Their rows are not in
 * the list's order.
 */
export function rangeDrivers(values: FilterValues): RangeDriver[] {
  const drivers: RangeDriver[] = (["sessionId", "subjectId", "displayName"] as const).filter(
    (driver) => {
      const wanted = values[driver];
      return wanted !== undefined && "from" in wanted;
    },
  );
  for (const driver of ["issuers", "expires"] as const) {
    if (values[driver] !== undefined) drivers.push(driver);
  }
  return drivers;
}

/** That range as a condition, and its column. */
export function rangeOf(
  dialect: SqlDialect,
  driver: RangeDriver,
  values: FilterValues,
): { column: Expression<unknown>; range: RawBuilder<SqlBool> } {
  if (driver === "expires") {
    return { column: column.expires, range: allOf(expiryConditions(column.expires, values)) };
  }
  if (driver === "issuers") {
    const { issuers = "" } = values;
    return { column: column.issuer, range: dialect.isInShortList(column.issuer, issuers) };
  }
  const wanted = values[driver];
  const range =
    wanted !== undefined && "from" in wanted ? withinPrefix(column[driver], wanted) : [];
  return { column: column[driver], range: allOf(range) };
}

/**
 * Whether the filter only has a client and a range of creation: then the listing of clients is
 * enough.
 */
export function asksOnlyForClient({ clientId, id, ...others }: FilterValues): boolean {
  return clientId !== undefined && Object.keys(others).length === 0;
}

/** The condition of a read, and the columns that order it. */
export interface Read {
  condition: Expression<SqlBool>;
  order: readonly Expression<unknown>[];
  /** Whether the index returns the rows in this order. If not, they are sorted. */
  inOrder: boolean;
}

/**
 * Plans one page, or without places the whole result of a filter.
 *
 * @param more additional conditions, including that of the driver `key`
 */
export function planRead(
  dialect: SqlDialect,
  values: FilterValues,
  order: Order,
  driver: Driver,
  more: readonly RawBuilder<SqlBool>[] = [],
): Read {
  const conditions = [...otherConditions(dialect, values, driver), ...more];
  const inOrder = isInOrder(values, order, driver);
  const ordered = <T>(expression: Expression<T>) =>
    inOrder ? expression : dialect.unindexed(expression);
  const walked = sql.ref<never>(`s.${dialect.walkedColumn}`);
  if (order === "expiry") {
    const columns: ExpiryColumns = [ordered(column.expires), ordered(walked)];
    conditions.push(
      sql`${ordered(column.expires)} is not null`,
      ...withinSpan(dialect, columns, values),
      ...withinIds(dialect, dialect.unindexed(column.id), values.id),
    );
    return { condition: allOf(conditions), order: columns, inOrder };
  }
  const id =
    driver === "clientId"
      ? column.clientSession
      : driver === "created"
        ? walked
        : ordered(column.id);
  const leading =
    dialect.ordersByDriver && inOrder && driver !== "created" && driver !== "key"
      ? [column[driver]]
      : [];
  conditions.push(
    ...withinIds(dialect, id, values.id),
    ...expiryConditions(
      driver === "expires" ? column.expires : dialect.unindexed(column.expires),
      values,
    ),
  );
  return { condition: allOf(conditions), order: [...leading, id], inOrder };
}

/** Whether the driver's index continues in the order of the list after its first column. */
function isInOrder(values: FilterValues, order: Order, driver: Driver): boolean {
  if (order === "expiry" || driver === "expires") {
    return order === "expiry" && driver === "expires";
  }
  return driver === "created" || driver === equalityDriver(values, order);
}

/** All conditions except those on the two times that can order a list. */
function otherConditions(
  dialect: SqlDialect,
  values: FilterValues,
  driver: Driver,
): RawBuilder<SqlBool>[] {
  const { unindexed } = dialect;
  const conditions: RawBuilder<SqlBool>[] = [];
  for (const member of ["sessionId", "subjectId", "displayName"] as const) {
    const wanted = values[member];
    if (wanted !== undefined) {
      conditions.push(textCondition(dialect, column[member], wanted, member === driver));
    }
  }
  for (const member of ["ipAddress", "issuer"] as const) {
    if (values[member] !== undefined) {
      conditions.push(equality(dialect, column[member], values[member], member === driver));
    }
  }
  if (values.issuers !== undefined) {
    const { issuers } = values;
    const isSelected = (issuer: TextColumn) => dialect.isInShortList(issuer, issuers);
    const { issuer } = column;
    conditions.push(
      driver === "issuers" ? isSelected(issuer) : dialect.rowByRow(issuer, isSelected),
    );
  }
  if (values.clientId !== undefined) {
    const { clientId } = values;
    if (driver === "clientId") {
      conditions.push(dialect.clients.isListed(clientId));
    }
    if (driver !== "clientId" || !dialect.clients.isListingExact) {
      conditions.push(dialect.clients.tookPart(clientId));
    }
  }
  if (values.search !== undefined) {
    conditions.push(searchCondition(dialect, values.search));
  }
  conditions.push(...withinRange(unindexed(column.renewed), values.renewed));
  return conditions;
}

function textCondition(
  dialect: SqlDialect,
  text: TextColumn,
  wanted: TextValues,
  isDriver: boolean,
): RawBuilder<SqlBool> {
  if ("equals" in wanted) return equality(dialect, text, wanted.equals, isDriver);
  if ("from" in wanted) {
    const begins = (text: TextColumn) => allOf(withinPrefix(text, wanted));
    return isDriver ? begins(text) : dialect.rowByRow(text, begins);
  }
  // An ordinary index doesn't support a substring search; a special one may.
  return dialect.contains(text, wanted.part);
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

function withinPrefix(text: TextColumn, { from, before }: StringRange): RawBuilder<SqlBool>[] {
  const conditions = [sql<SqlBool>`${text} >= ${from}`];
  if (before !== undefined) {
    conditions.push(sql`${text} < ${before}`);
  }
  return conditions;
}

/**
 * The few sessions with that id are looked up first, so that a walk over all sessions only needs
 * the columns of the listing index.
 */
function searchCondition(
  dialect: SqlDialect,
  { id, part }: { id: string; part: string },
): RawBuilder<SqlBool> {
  return sql`(${dialect.contains(column.displayName, part)} or ${column.id} in (
    select id from rollcall_sessions where subject_id = ${id} union all select id from rollcall_sessions where session_id = ${id}))`;
}

function withinRange(
  time: Expression<number | null>,
  range: TimeRange | undefined,
): RawBuilder<SqlBool>[] {
  const conditions: RawBuilder<SqlBool>[] = [];
  if (range?.after !== undefined) {
    conditions.push(sql`${time} >= ${range.after}`);
  }
  if (range?.before !== undefined) {
    conditions.push(sql`${time} < ${range.before}`);
  }
  return conditions;
}

/** The conditions for an id in the range. */
export function withinIds(
  dialect: SqlDialect,
  id: Expression<unknown>,
  range: FilterValues["id"],
): RawBuilder<SqlBool>[] {
  const conditions: RawBuilder<SqlBool>[] = [];
  if (range?.from !== undefined) {
    conditions.push(sql`${id} >= ${dialect.rowId(range.from)}`);
  }
  if (range?.before !== undefined) {
    conditions.push(sql`${id} < ${dialect.rowId(range.before)}`);
  }
  return conditions;
}

/** In the order of expiry: the range, and the places that bound a page. */
function withinSpan(
  dialect: SqlDialect,
  columns: ExpiryColumns,
  { expires, behind, ahead }: FilterValues,
): RawBuilder<SqlBool>[] {
  const [time] = columns;
  const conditions = withinRange(time as Expression<number | null>, expires);
  if (behind !== undefined) conditions.push(dialect.beyond(columns, ">", behind));
  if (ahead !== undefined) conditions.push(dialect.beyond(columns, "<", ahead));
  return conditions;
}

function expiryConditions(
  column: Expression<number | null>,
  { expires, activeAt }: FilterValues,
): RawBuilder<SqlBool>[] {
  return activeAt !== undefined ? [isActive(column, activeAt)] : withinRange(column, expires);
}

/** Whether a session is active. One without an expiry never expires. */
export function isActive(expires: Expression<number | null>, now: number): RawBuilder<SqlBool> {
  return sql`(${expires} is null or ${expires} > ${now})`;
}

function isEquality(wanted: TextValues | undefined): boolean {
  return wanted !== undefined && "equals" in wanted;
}

/** All of the conditions. */
export function allOf(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}
