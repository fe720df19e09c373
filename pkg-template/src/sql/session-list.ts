/**
 * Pages and counts of the sessions that match a filter.
 *
 * @module
 */

import { type AliasedExpression, type Compilable, type RawBuilder, sql } from "kysely";
import { bare } from "../plain-object.js";
import type { CheckedListRequest } from "../stores/session-filter.js";
import type { StoreFilter, StoreListRequest, StorePage } from "../types.js";
import type { SqlDialect } from "./dialect.js";
import { countEnded } from "./ending/ended-listings.js";
import { decodePosition, encodePosition } from "./position.js";
import { ONE } from "./session-condition.js";
import {
  allOf,
  asksOnlyForClient,
  type Driver,
  equalityDriver,
  type FilterValues,
  filterValues,
  INDEX_OF,
  planRead,
  type RangeDriver,
  rangeDrivers,
  rangeOf,
  withinIds,
} from "./session-filter.js";
import { fromRow, type SessionRow, sessionColumns } from "./session-rows.js";
import { type SessionClientsTable, type SessionsTable, toNumber } from "./tables.js";
import type { WorkUnits } from "./unit-of-work.js";

type Order = StoreListRequest["order"];

/** Up to this many rows are sorted instead of skipped one by one in the order of the list. */
const FEW = 4_000;

/** One page. */
export async function listSessions(
  work: WorkUnits,
  { filter, after, before, order, limit, fromEnd }: CheckedListRequest,
): Promise<StorePage> {
  // The direction of the walk, not of the page: a page at the end is read from there and reversed.
  const backwards = fromEnd || before !== undefined;
  const descending = (order === "newest") !== backwards;
  const start = before ?? after;
  const place = start === undefined ? undefined : decodePosition(start, order);
  const places = bare(descending ? { ahead: place } : { behind: place });
  const values = filterValues(work.dialect, filter, order, places);
  const driver = await chooseDriver(work, values, order);
  const direction = descending ? "desc" : "asc";
  const { rows } = await work.one(
    work.statement(
      `page ${order} ${direction} by ${driver}, ${limit}`,
      values,
      (values) => pageQuery(work, values, order, driver, direction, limit),
      { isNamed: false },
    ),
  );
  if (backwards) {
    rows.reverse();
  }
  return {
    sessions: rows.map(fromRow),
    positions: rows.map((row) => positionOf(row, order)),
    ids: rows.map(({ id }) => id),
  };
}

/** The number of sessions that match; stops at `upTo`. */
export async function countSessions(
  work: WorkUnits,
  filter: StoreFilter,
  upTo?: number,
): Promise<number> {
  const values = filterValues(work.dialect, filter, "newest");
  if (asksOnlyForClient(values)) {
    const listed = work.statement(
      `count by client, ${upTo}`,
      values,
      (values) => work.raw(countListed(work.dialect, values, upTo)),
      { isNamed: false },
    );
    return await countRows(work, listed);
  }
  const [range] = rangeDrivers(values);
  const driver = equalityDriver(values, "newest") ?? range ?? "created";
  return await countRows(
    work,
    work.statement(
      `count by ${driver}, ${upTo}`,
      values,
      (values) => {
        const { condition } = planRead(work.dialect, values, "newest", driver);
        const found = sessionsBy(work, driver).select(ONE).where(condition);
        return counted(work, (upTo === undefined ? found : found.limit(sql.lit(upTo))).as("found"));
      },
      { isNamed: false },
    ),
  );
}

/** Counts the listing of the client, without the ended sessions in it. */
function countListed(
  dialect: SqlDialect,
  { clientId = "", id }: FilterValues,
  upTo: number | undefined,
): RawBuilder<{ count: number | bigint | string }> {
  const isListed = allOf([
    dialect.clients.isListed(clientId),
    ...withinIds(dialect, sql.ref("c.id"), id),
  ]);
  const listed = (limit: RawBuilder<unknown>) =>
    sql`(select 1 as one from rollcall_session_clients as c where ${isListed} ${limit}) as listed`;
  const limit = upTo === undefined ? sql`` : sql`limit ${sql.lit(upTo)}`;
  if (dialect.clients.isListingExact) return sql`select count(*) as count from ${listed(limit)}`;
  const ended = countEnded(dialect, clientId, id);
  return sql`select count(*) - ${ended} as count
    from ${listed(upTo === undefined ? limit : sql`${limit} + ${ended}`)}`;
}

/**
 * The index for a list: one in the list's order, unless another one has only a few rows to sort.
 */
export async function chooseDriver(
  work: WorkUnits,
  values: FilterValues,
  order: Order,
): Promise<Driver> {
  const byEquality = equalityDriver(values, order);
  if (byEquality !== undefined || order === "expiry") {
    return byEquality ?? "expires";
  }
  for (const candidate of rangeDrivers(values)) {
    if (await hasFew(work, candidate, values)) {
      return candidate;
    }
  }
  return "created";
}

async function hasFew(
  work: WorkUnits,
  driver: RangeDriver,
  { [driver]: wanted }: FilterValues,
): Promise<boolean> {
  const few = work.statement(
    `few by ${driver}`,
    { [driver]: wanted },
    (values) => {
      const { column, range } = rangeOf(work.dialect, driver, values);
      const found = sessionsBy(work, driver, work.dialect.byIndex(INDEX_OF[driver]))
        .select(ONE)
        .where(range)
        // In the order of the index; otherwise PostgreSQL would read the table if it expects many
        // rows.
        .orderBy(column)
        .limit(sql.lit(FEW + 1));
      return counted(work, found.as("found"));
    },
    { isNamed: false },
  );
  return (await countRows(work, few)) <= FEW;
}

function counted({ db }: WorkUnits, found: AliasedExpression<{ one: number }, "found">) {
  return db.selectFrom(found).select((eb) => eb.fn.countAll().as("count"));
}

async function countRows(
  work: WorkUnits,
  count: Pick<Compilable<{ count: number | bigint | string }>, "compile">,
): Promise<number> {
  const { rows } = await work.one(count);
  return toNumber(rows[0]?.count ?? 0);
}

function pageQuery(
  work: WorkUnits,
  values: FilterValues,
  order: Order,
  driver: Driver,
  direction: "asc" | "desc",
  limit: number,
): Compilable<SessionRow> {
  const { condition, order: columns, inOrder } = planRead(work.dialect, values, order, driver);
  const ordering = sql.join(columns.map((column) => sql`${column} ${sql.raw(direction)}`));
  const sessions = sessionsBy(work, driver, work.dialect.byIndex(INDEX_OF[driver]));
  // A literal, not a parameter, because the planner uses it.
  const page = sessions.where(condition).orderBy(ordering).limit(sql.lit(limit));
  // Only ids are sorted, which are short; then the rows of the page are read.
  const rows = inOrder
    ? page
    : work.db
        .selectFrom(page.select("s.id").as("page"))
        .innerJoin("rollcall_sessions as s", "s.id", "page.id")
        .orderBy(ordering);
  return rows.select(sessionColumns(work.dialect));
}

/**
 * The sessions, and their clients if these drive. A page is read with the driver's index; a count
 * as the planner decides.
 */
export function sessionsBy(
  { db }: WorkUnits,
  driver: Driver,
  byIndex: RawBuilder<unknown> = sql``,
) {
  const isByClient = driver === "clientId";
  const sessions = sql<SessionsTable>`rollcall_sessions`.as<"s">(
    isByClient ? sql`s` : sql`s ${byIndex}`,
  );
  const clients = sql<SessionClientsTable>`rollcall_session_clients`.as<"c">(sql`c ${byIndex}`);
  return db
    .selectFrom(sessions)
    .$if(isByClient, (query) => query.innerJoin(clients, "c.id", "s.id"));
}

function positionOf(row: SessionRow, order: Order): string {
  const id = BigInt(row.id);
  return encodePosition(
    order === "expiry" ? { expires: toNumber(row.expires ?? 0), id } : bare({ id }),
  );
}
