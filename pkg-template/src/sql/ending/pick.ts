/**
 * The sessions that a step ends, as a part of its statements.
 *
 * @module
 */

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { bare } from "../../plain-object.js";
import type { CheckedPick } from "../../stores/ending.js";
import { decodePosition } from "../position.js";
import {
  column,
  type Driver,
  equalityDriver,
  type FilterValues,
  filterValues,
  INDEX_OF,
  isActive,
  planRead,
  type Read,
} from "../session-filter.js";
import { chooseDriver, sessionsBy } from "../session-list.js";
import type { WorkUnits } from "../unit-of-work.js";

/** The values of a pick in a statement. Lists are JSON. */
export type PickValues = {
  filter: FilterValues;
  keys?: string;
  exceptSessionIds?: string;
  /** Sessions that were found in the listing of a client: their ids, and the client. */
  found?: { ids: string; clientId: string };
  surplus?: {
    filter: FilterValues;
    activeAt: number;
    /** How many sessions come after the first one that is kept; absent if none is kept. */
    behind?: number;
  };
};

/** A pick, and how its sessions are found. */
export interface PlannedPick {
  /**
   * Identifies the SQL of its part: everything that it depends on, except the values themselves.
   */
  readonly name: string;
  readonly values: PickValues;
  readonly driver: Driver;
  readonly order: CheckedPick["order"];
  readonly limit: number;
  readonly surplusBy: "created" | "renewed";
  /** Whether PostgreSQL may use one plan for all values: see `Statements.statement`. */
  readonly isNamed: boolean;
  /** How many sessions were found in the listing of a client; some may have been removed by now. */
  readonly found?: number;
}

/** Chooses the index. For a range, it asks the database whether only a few sessions match. */
export async function planPick(work: WorkUnits, pick: CheckedPick): Promise<PlannedPick> {
  const { filter, keys, exceptSessionIds, surplus, order, after, limit } = pick;
  const behind = after === undefined ? undefined : decodePosition(after, order);
  const values: PickValues = bare({
    filter: filterValues(work.dialect, filter, order, bare({ behind })),
  });
  if (keys !== undefined) values.keys = JSON.stringify(keys);
  if (exceptSessionIds !== undefined) values.exceptSessionIds = JSON.stringify(exceptSessionIds);
  if (surplus !== undefined) {
    const { keep, activeAt } = surplus;
    values.surplus = bare({
      filter: filterValues(work.dialect, filter, "oldest"),
      activeAt,
      ...(keep > 0 && { behind: keep - 1 }),
    });
  }
  const driver = keys === undefined ? await chooseDriver(work, values.filter, order) : "key";
  const surplusBy = surplus?.by ?? "created";
  return {
    name: `${order} by ${driver}, ${limit}, ${surplusBy}`,
    values,
    driver,
    order,
    limit,
    surplusBy,
    isNamed:
      NAMED_DRIVERS.has(driver) && Object.keys(filter).every((name) => NAMED_MEMBERS.has(name)),
  };
}

const NAMED_DRIVERS: ReadonlySet<Driver> = new Set(["key", "subjectId", "sessionId", "expires"]);
const NAMED_MEMBERS: ReadonlySet<string> = new Set(["subjectId", "sessionId", "expiredAt"]);

/** The conditions of a pick, and the columns that order it. */
export function readOf(work: WorkUnits, pick: PlannedPick, values: PickValues): Read {
  const { dialect } = work;
  const more: RawBuilder<SqlBool>[] = [];
  if (values.keys !== undefined) more.push(dialect.isOneOfKeys(column.key, values.keys));
  if (values.exceptSessionIds !== undefined) {
    const sessionId = dialect.unindexed(column.sessionId);
    more.push(sql`not (${dialect.isInJson(sessionId, values.exceptSessionIds)})`);
  }
  if (values.found !== undefined) more.push(...foundConditions(values.found));
  if (values.surplus !== undefined) {
    more.push(...surplusConditions(work, values.surplus, pick.surplusBy));
  }
  return planRead(dialect, values.filter, pick.order, pick.driver, more);
}

/** The sessions of a pick, in its order. */
export function pickedSessions(work: WorkUnits, pick: PlannedPick, values: PickValues) {
  const { condition, order } = readOf(work, pick, values);
  // A literal, not a parameter, because the planner uses it.
  return sessionsBy(work, pick.driver, work.dialect.byIndex(INDEX_OF[pick.driver]))
    .where(condition)
    .orderBy(sql.join(order))
    .limit(sql.lit(pick.limit));
}

/**
 * The same pick by the ids of its sessions, if it depends on the listing of a client. SQLite needs
 * it, because its first statements change the listing before the last one reads it. The conditions
 * are checked again, and the client is looked up in the session itself.
 */
export async function withoutListing(work: WorkUnits, pick: PlannedPick): Promise<PlannedPick> {
  const { clientId, ...filter } = pick.values.filter;
  if (clientId === undefined) return pick;
  const id = work.dialect.digits(column.id).as("id");
  const query = work.statement(`find ${pick.name}`, pick.values, (values) =>
    pickedSessions(work, pick, values).select(id),
  );
  const { rows } = await work.one(query);
  const found = { ids: JSON.stringify(rows.map(({ id }) => id)), clientId };
  const values = bare({ ...pick.values, filter: bare(filter), found });
  return { ...pick, driver: "key", values, found: rows.length };
}

function foundConditions({
  ids,
  clientId,
}: NonNullable<PickValues["found"]>): RawBuilder<SqlBool>[] {
  return [
    sql`s.id in (select cast(value as integer) from json_each(${ids}))`,
    sql`exists (select 1 from json_each(s.clients) as c where c.value ->> 0 = ${clientId})`,
  ];
}

/**
 * Compares with the place of the first session that is kept. A row that was renewed while the
 * statement waited for it is compared again, and kept.
 */
function surplusConditions(
  work: WorkUnits,
  { filter, activeAt, behind }: NonNullable<PickValues["surplus"]>,
  by: PlannedPick["surplusBy"],
): RawBuilder<SqlBool>[] {
  const { unindexed, byIndex } = work.dialect;
  const isStillActive = isActive(unindexed(column.expires), activeAt);
  if (behind === undefined) return [isStillActive];

  const driver = equalityDriver(filter, "oldest") ?? "created";
  const { condition, order } = planRead(work.dialect, filter, "oldest", driver, [isStillActive]);
  const place: RawBuilder<unknown>[] = [unindexed(column.id)];
  if (by === "renewed") place.unshift(unindexed(column.renewed));
  const firstKept = sessionsBy(work, driver, byIndex(INDEX_OF[driver]))
    .select(by === "renewed" ? ["s.renewed", "s.id"] : ["s.id"])
    .where(condition)
    .orderBy(sql.join((by === "renewed" ? place : order).map((part) => sql`${part} desc`)))
    .limit(sql.lit(1))
    .offset(sql`${behind}`);
  return [isStillActive, sql`(${sql.join(place)}) < ${firstKept}`];
}
