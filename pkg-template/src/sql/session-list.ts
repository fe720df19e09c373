/**
 * Pages and counts of the sessions that match a filter.
 *
 * @module
 */

import { type AliasedExpression, type Compilable, type RawBuilder, sql } from "kysely";
import type { CheckedListRequest } from "../stores/session-filter.js";
import type { StoreFilter, StoreListRequest, StorePage } from "../types.js";
import { decodePosition, encodePosition, type Place } from "./position.js";
import {
  asksOnlyForClient,
  type Driver,
  equalityDriver,
  INDEX_OF,
  planRead,
  type RangeDriver,
  rangeDrivers,
} from "./session-filter.js";
import { fromRow, SESSION_COLUMNS, type SessionRow, sessionClients } from "./session-rows.js";
import { type SessionClientsTable, type SessionsTable, toNumber } from "./tables.js";
import type { WorkUnits } from "./unit-of-work.js";

type Order = StoreListRequest["order"];

/** Up to so many rows are sorted rather than passed over one by one in the order of the list. */
const FEW = 4_000;

/** What is selected of a row that is only counted. */
const ONE = sql.lit(1).as("one");

/** One page. */
export async function listSessions(
  work: WorkUnits,
  { filter, after, before, order, limit, fromEnd }: CheckedListRequest,
): Promise<StorePage> {
  // The direction of the walk, not of the page: a page that is cut from its end is found from there
  // and turned round.
  const backwards = fromEnd || before !== undefined;
  const descending = (order === "newest") !== backwards;
  const start = before ?? after;
  const place = start === undefined ? undefined : decodePosition(start);
  const driver = await chooseDriver(work, filter, order);
  const { rows } = await work.one(pageQuery(work, filter, order, driver, descending, place, limit));
  if (backwards) {
    rows.reverse();
  }
  return { sessions: rows.map(fromRow), positions: rows.map((row) => positionOf(row, order)) };
}

/** How many match; stops at `upTo`. */
export async function countSessions(
  work: WorkUnits,
  filter: StoreFilter,
  upTo?: number,
): Promise<number> {
  const [range] = rangeDrivers(filter);
  const driver = equalityDriver(filter, "newest") ?? range?.driver ?? "created";
  const { condition } = planRead(work.dialect, filter, "newest", driver);
  const limited = <Query extends { limit(limit: number): Query }>(query: Query) =>
    upTo === undefined ? query : query.limit(upTo);
  return asksOnlyForClient(filter)
    ? await countRows(
        work,
        limited(
          work.db.selectFrom("rollcall_session_clients as c").select(ONE).where(condition),
        ).as("found"),
      )
    : await countRows(
        work,
        limited(sessionsBy(work, driver).select(ONE).where(condition)).as("found"),
      );
}

/** The index for a list: one that is in its order, unless another one has only few rows to sort. */
async function chooseDriver(work: WorkUnits, filter: StoreFilter, order: Order): Promise<Driver> {
  const byEquality = equalityDriver(filter, order);
  if (byEquality !== undefined || order === "expiry") {
    return byEquality ?? "expires";
  }
  for (const candidate of rangeDrivers(filter)) {
    if (await hasFew(work, candidate)) {
      return candidate.driver;
    }
  }
  return "created";
}

async function hasFew(work: WorkUnits, { driver, column, range }: RangeDriver): Promise<boolean> {
  const found = sessionsBy(work, driver, work.dialect.byIndex(INDEX_OF[driver]))
    .select(ONE)
    .where(range)
    // In the order of the index: PostgreSQL would read the table where it expects many.
    .orderBy(column)
    .limit(FEW + 1);
  return (await countRows(work, found.as("found"))) <= FEW;
}

async function countRows(
  work: WorkUnits,
  found: AliasedExpression<{ one: number }, "found">,
): Promise<number> {
  const { rows } = await work.one(
    work.db.selectFrom(found).select((eb) => eb.fn.countAll().as("count")),
  );
  return toNumber(rows[0]?.count ?? 0);
}

function pageQuery(
  work: WorkUnits,
  filter: StoreFilter,
  order: Order,
  driver: Driver,
  descending: boolean,
  place: Place | undefined,
  limit: number,
): Compilable<SessionRow> {
  const places = place && (descending ? { ahead: place } : { behind: place });
  const {
    condition,
    order: columns,
    inOrder,
  } = planRead(work.dialect, filter, order, driver, places);
  const direction = descending ? sql`desc` : sql`asc`;
  const ordering = sql.join(columns.map((column) => sql`${column} ${direction}`));
  const sessions = sessionsBy(work, driver, work.dialect.byIndex(INDEX_OF[driver]));
  const page = sessions.where(condition).orderBy(ordering).limit(limit);
  // What is sorted should be short: the ids of all that match, and then the rows of the page.
  const rows = inOrder
    ? page
    : work.db
        .selectFrom(page.select("s.id").as("page"))
        .innerJoin("rollcall_sessions as s", "s.id", "page.id")
        .orderBy(ordering);
  return rows.select(SESSION_COLUMNS).select(sessionClients(work.dialect));
}

/**
 * The sessions, and their clients if these drive; for a page to be read by the driver's index, for
 * a count as the planner likes.
 */
function sessionsBy({ db }: WorkUnits, driver: Driver, byIndex: RawBuilder<unknown> = sql``) {
  const isByClient = driver === "clientId";
  const sessions = sql<SessionsTable>`rollcall_sessions`.as<"s">(
    isByClient ? sql`s` : sql`s ${byIndex}`,
  );
  const clients = sql<SessionClientsTable>`rollcall_session_clients`.as<"c">(sql`c ${byIndex}`);
  return db
    .selectFrom(sessions)
    .$if(isByClient, (query) => query.innerJoin(clients, "c.session_id", "s.id"));
}

function positionOf(row: SessionRow, order: Order): string {
  const time = order === "expiry" ? (row.expires ?? 0) : row.created;
  return encodePosition([toNumber(time), toNumber(row.id)]);
}
