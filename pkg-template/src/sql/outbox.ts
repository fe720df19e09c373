/**
 * The outbox: notifications, and the state of their delivery.
 *
 * @module
 */

import { type Expression, type Insertable, type RawBuilder, type SqlBool, sql } from "kysely";
import type { OutboxAdapter } from "../stores/checked-stores.js";
import { jsonChunks } from "../stores/chunks.js";
import {
  type CheckedClaim,
  type CheckedNotification,
  type CheckedResult,
  KINDS,
} from "../stores/notification.js";
import type { Delivery, LogoutNotification, OutboxFilter, SettledBefore } from "../types.js";
import { changeSteps, changesOne } from "./change.js";
import { changeBatch } from "./changed-batch.js";
import type { LiteralType, ShortList, SqlDialect, TextColumn } from "./dialect.js";
import { removeEndedListings } from "./ending/ended-listings.js";
import { type OutboxRow, type OutboxTable, toNumber } from "./tables.js";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/** The outbox of this database. */
export function logoutOutbox(work: WorkUnits): OutboxAdapter {
  return {
    add: (entries) => work.all(recordingSteps(work, entries)),
    claim: (request) => claim(work, request),
    settle: (id, result, now) => settle(work, id, result, now),
    list: (filter, after, limit) => list(work, filter, after, limit),
    retry: (id, now) => retry(work, id, now),
    prune: (settledBefore, limit) => prune(work, settledBefore, limit),
  };
}

async function claim(
  work: WorkUnits,
  { now, limit, leasedUntil }: CheckedClaim,
): Promise<LogoutNotification[]> {
  await removeEndedListings(work);
  const claimed: LogoutNotification[] = [];
  // Another instance may claim some between the two statements, so this repeats until there are
  // enough.
  while (claimed.length < limit) {
    const due = await listDue(work, now, limit - claimed.length);
    const won = await lease(work, due, now, leasedUntil);
    claimed.push(...due.filter(({ id }) => won.has(id)).map(toNotification));
    if (won.size === due.length) {
      break;
    }
  }
  return claimed;
}

async function listDue(work: WorkUnits, now: number, limit: number): Promise<OutboxRow[]> {
  const query = work.statement("due", { now, limit }, ({ now, limit }) =>
    work.db
      .selectFrom("rollcall_outbox")
      .selectAll()
      .where("due", "<=", now)
      // Other kinds were written by a later version of the package, and are left to that version.
      .where("kind", "in", [...KINDS])
      .orderBy("due")
      .orderBy("id")
      .limit(limit),
  );
  return (await work.one(query)).rows;
}

/**
 * Leases the notifications that are still due. If two instances try at once, only one finds a row
 * due.
 */
async function lease(
  work: WorkUnits,
  due: readonly OutboxRow[],
  now: number,
  until: number,
): Promise<ReadonlySet<string>> {
  const won = new Set<string>();
  const ids = due.map(({ id }) => id);
  for (const some of jsonChunks(ids, work.dialect.listLength)) {
    await work.all(
      leaseSteps(work, some, now, until, (rows) => {
        for (const { id } of rows) won.add(id);
      }),
    );
  }
  return won;
}

function leaseSteps(
  work: WorkUnits,
  ids: readonly string[],
  now: number,
  until: number,
  take: (rows: { id: string }[]) => void,
): Step[] {
  const { db, dialect } = work;
  const isSelected = dialect.isOneOf(sql.ref("id"), ids);
  const isDue = sql<SqlBool>`${dialect.unindexed(sql.ref<number | null>("due"))} <= ${now}`;
  const locked = db
    .selectFrom("rollcall_outbox")
    .select("id")
    .where(isSelected)
    .where(isDue)
    .orderBy("id")
    .forUpdate();
  const selected =
    dialect.locksRows && !dialect.hasMysqlSyntax
      ? dialect.isAmong(sql.ref("id"), locked)
      : sql<SqlBool>`${isSelected} and ${isDue}`;
  const change = db.updateTable("rollcall_outbox").set({ due: until }).where(selected);
  return changeSteps(
    work,
    { locked, change: dialect.hasMysqlSyntax ? change : change.returning("id") },
    take,
  );
}

async function settle(
  work: WorkUnits,
  id: string,
  { state, due, status, error }: CheckedResult,
  now: number,
): Promise<void> {
  const values = {
    id,
    state,
    due: due ?? null,
    settled: state === "pending" ? null : now,
    status: status ?? null,
    error: error ?? null,
  };
  const query = work.statement("settle", values, ({ id, ...outcome }) =>
    work.db
      .updateTable("rollcall_outbox")
      .set({ attempts: sql<number>`attempts + 1`, ...outcome })
      .where("id", "=", id)
      .where("state", "!=", "delivered"),
  );
  await work.one(query);
}

async function list(
  work: WorkUnits,
  filter: OutboxFilter,
  after?: string,
  limit?: number,
): Promise<Delivery[]> {
  const { id, sessionId, subjectId, clientId, state, issuers } = filter;
  const listed = issuers && work.dialect.shortList(issuers);
  const values = { id, sessionId, subjectId, clientId, state, issuers: listed, after };
  // It matters where pending notifications have another index than settled ones.
  const isPending = state === undefined ? "any" : `${state === "pending"}`;
  // A filter without an index walks along the ids.
  const isSplit = id === undefined && wantedValues(filter).length > 0;
  const query = work.statement(
    `deliveries, ${limit}, ${isPending}`,
    values,
    (values) =>
      work.dialect.findsPendingByDue && isSplit
        ? splitListQuery(work, values, limit, isPending)
        : listQuery(work, values, limit),
    { isNamed: false },
  );
  return (await work.one(query)).rows.map(toDelivery);
}

type ListValues = Omit<OutboxFilter, "issuers"> & {
  issuers?: ShortList | undefined;
  after?: string | undefined;
};

function listQuery(
  { db, dialect }: WorkUnits,
  { after, ...filter }: ListValues,
  limit: number | undefined,
) {
  const [driver, ...others] = wantedValues(filter);
  const conditions = others.map(({ column, value }) => isEqual(dialect, column, value));
  conditions.push(...ofIssuers(dialect, filter.issuers));
  if (driver !== undefined) {
    conditions.push(dialect.drivenEquals(driver.column, driver.value));
  }
  if (after !== undefined) {
    conditions.push(sql`id > ${after}`);
  }
  const byIndex = driver === undefined ? sql`` : dialect.byIndex(driver.index);
  const outbox = sql<OutboxTable>`rollcall_outbox`.as<"rollcall_outbox">(
    sql`rollcall_outbox ${byIndex}`,
  );
  const all = db.selectFrom(outbox).selectAll().orderBy("id");
  const matching = conditions.reduce((query, condition) => query.where(condition), all);
  return limit === undefined ? matching : matching.limit(sql.lit(limit));
}

/**
 * Settled notifications by the index that leaves the fewest, and pending ones by the index of
 * `due`.
 */
function splitListQuery(
  { db, dialect }: WorkUnits,
  { after, ...filter }: ListValues,
  limit: number | undefined,
  isPending: string,
) {
  const wanted = wantedValues(filter);
  const [driver, ...others] = wanted;
  const id = sql.ref<string>("id");
  const pendingId = dialect.unindexed(id);
  const select = (conditions: RawBuilder<SqlBool>[], order: Expression<unknown>[]) => {
    const all = db.selectFrom("rollcall_outbox").select("id").orderBy(sql.join(order));
    const matching = conditions.reduce((query, condition) => query.where(condition), all);
    return limit === undefined ? matching : matching.limit(sql.lit(limit));
  };
  const parts: Expression<unknown>[] = [];
  if (isPending !== "true" && driver !== undefined) {
    const conditions = [
      dialect.drivenEquals(driver.column, driver.value),
      sql<SqlBool>`state <> 'pending'`,
      ...others.map(({ column, value }) => isEqual(dialect, column, value)),
      ...ofIssuers(dialect, filter.issuers),
      ...(after === undefined ? [] : [sql<SqlBool>`id > ${after}`]),
    ];
    parts.push(select(conditions, [driver.column, id]));
  }
  if (isPending !== "false") {
    const conditions = [
      sql<SqlBool>`due is not null`,
      ...wanted
        .filter(({ column }) => column !== STATE)
        .map(({ column, value }) => isEqual(dialect, column, value)),
      ...ofIssuers(dialect, filter.issuers),
      ...(after === undefined ? [] : [sql<SqlBool>`${pendingId} > ${after}`]),
    ];
    parts.push(select(conditions, [pendingId]));
  }
  const ids = sql`(select id from (${sql.join(parts, sql` union all `)}) as found order by id
    ${limit === undefined ? sql`` : sql`limit ${sql.lit(limit)}`})`;
  return db.selectFrom("rollcall_outbox").selectAll().where(dialect.isAmong(id, ids)).orderBy("id");
}

function isEqual(dialect: SqlDialect, column: TextColumn, value: string): RawBuilder<SqlBool> {
  return dialect.rowByRow(column, (text) => sql`${text} = ${value}`);
}

function ofIssuers(dialect: SqlDialect, issuers: ShortList | undefined): RawBuilder<SqlBool>[] {
  if (issuers === undefined) return [];
  const issuer = sql.ref<string | null>("issuer");
  return [dialect.rowByRow(issuer, (issuer) => dialect.isInShortList(issuer, issuers))];
}

async function retry(work: WorkUnits, id: string, now: number): Promise<boolean> {
  const { db, dialect } = work;
  const isSelected = (id: string) => {
    const hasFailed = dialect.rowByRow(
      sql.ref<string>("state"),
      (state) => sql`${state} = 'failed'`,
    );
    return sql<SqlBool>`id = ${id} and ${hasFailed}`;
  };
  const locked = work.statement("failed, locked", { id }, ({ id }) =>
    db.selectFrom("rollcall_outbox").select("id").where(isSelected(id)).forUpdate(),
  );
  const change = work.statement("retry", { id, now }, ({ id, now }) => {
    const query = db
      .updateTable("rollcall_outbox")
      .set({ state: "pending", due: now, settled: null })
      .where(isSelected(id));
    return dialect.hasMysqlSyntax ? query : query.returning("id");
  });
  return await changesOne(work, { locked, change });
}

async function prune(
  work: WorkUnits,
  settledBefore: SettledBefore,
  limit: number,
): Promise<number> {
  let pruned = 0;
  for (const state of ["delivered", "failed"] as const) {
    const batch = {
      name: `prune ${state}`,
      change: sql`delete from rollcall_outbox`,
      table: "rollcall_outbox",
      key: "id",
      index: "rollcall_outbox_settled",
      found: (before: number) =>
        sql`state = ${sql.lit(state)} and settled < ${before} order by settled`,
    };
    pruned += await changeBatch(work, batch, settledBefore[state], limit - pruned);
    if (pruned >= limit) break;
  }
  return pruned;
}

const COLUMNS = [
  ["id", "text"],
  ["kind", "text"],
  ["client_id", "text"],
  ["logout_uri", "text"],
  ["subject_id", "text"],
  ["session_id", "text"],
  ["issuer", "text"],
  ["reason", "text"],
  ["created", "integer"],
  ["state", "text"],
  ["attempts", "integer"],
  ["due", "integer"],
] as const satisfies (readonly [keyof OutboxTable, LiteralType])[];

/** Records the notifications whose ids don't exist yet. */
function recordingSteps(work: WorkUnits, entries: readonly CheckedNotification[]): Step[] {
  return jsonChunks(entries, work.dialect.listLength).map((some) => recordingStep(work, some));
}

function recordingStep(
  { db, dialect, statement }: WorkUnits,
  entries: readonly CheckedNotification[],
): Step {
  const rows = entries.map((entry) => {
    const row = toRow(entry);
    return COLUMNS.map(([name]) => row[name] ?? null);
  });
  const { locksRows, hasMysqlSyntax } = dialect;
  const insert = statement("record", { rows: JSON.stringify(rows) }, ({ rows }) => {
    const inserted = db
      .insertInto("rollcall_outbox")
      .columns(COLUMNS.map(([name]) => name))
      .expression((eb) =>
        eb
          .selectFrom(dialect.rows(rows, COLUMNS.length).as("entry"))
          .select(
            COLUMNS.map(([name, type], index) =>
              dialect.rowColumn<never>("entry", index, type).as(name),
            ),
          )
          // Otherwise SQLite would parse `on` as part of a join.
          .where(sql<SqlBool>`true`)
          .$if(locksRows, (query) => query.orderBy("id")),
      );
    // Not `ignore` on MySQL, which would also truncate values that are too long.
    return hasMysqlSyntax
      ? inserted.onDuplicateKeyUpdate({ id: sql.ref<string>("rollcall_outbox.id") })
      : inserted.onConflict((conflict) => conflict.column("id").doNothing());
  });
  return step(insert);
}

const STATE = sql.ref<string>("state");

/**
 * The members of a filter with their columns and indexes, the one that leaves the fewest rows
 * first. As in the sessions, that one drives.
 */
const MEMBERS = [
  // MySQL's name for a primary key.
  ["id", sql.ref<string>("id"), "PRIMARY"],
  ["sessionId", sql.ref<string | null>("session_id"), "rollcall_outbox_session"],
  ["subjectId", sql.ref<string | null>("subject_id"), "rollcall_outbox_subject"],
  ["clientId", sql.ref<string>("client_id"), "rollcall_outbox_client"],
  ["state", STATE, "rollcall_outbox_state"],
] as const;

function wantedValues(filter: Omit<OutboxFilter, "issuers">) {
  return MEMBERS.flatMap(([member, column, index]) => {
    const value = filter[member];
    return value === undefined ? [] : [{ column, index, value }];
  });
}

function toRow(entry: CheckedNotification): Insertable<OutboxTable> {
  return {
    id: entry.id,
    kind: entry.kind ?? "logout",
    client_id: entry.clientId,
    logout_uri: entry.logoutUri ?? null,
    subject_id: entry.subjectId ?? null,
    session_id: entry.sessionId ?? null,
    issuer: entry.issuer ?? null,
    reason: entry.reason,
    created: entry.created,
    state: "pending",
    attempts: entry.attempt,
    due: entry.notBefore ?? entry.created,
  };
}

function toNotification(row: OutboxRow): LogoutNotification {
  const notification: LogoutNotification = {
    id: row.id,
    clientId: row.client_id,
    reason: row.reason,
    attempt: toNumber(row.attempts),
    created: toNumber(row.created),
  };
  if (row.kind !== "logout") notification.kind = row.kind;
  if (row.logout_uri !== null) notification.logoutUri = row.logout_uri;
  if (row.subject_id !== null) notification.subjectId = row.subject_id;
  if (row.session_id !== null) notification.sessionId = row.session_id;
  if (row.issuer !== null) notification.issuer = row.issuer;
  return notification;
}

function toDelivery(row: OutboxRow): Delivery {
  const delivery: Delivery = {
    id: row.id,
    clientId: row.client_id,
    state: row.state,
    attempts: toNumber(row.attempts),
  };
  if (row.kind !== "logout") delivery.kind = row.kind;
  if (row.subject_id !== null) delivery.subjectId = row.subject_id;
  if (row.session_id !== null) delivery.sessionId = row.session_id;
  if (row.issuer !== null) delivery.issuer = row.issuer;
  if (row.status !== null) delivery.status = toNumber(row.status);
  if (row.error !== null) delivery.error = row.error;
  if (row.due !== null) delivery.nextAttempt = new Date(toNumber(row.due));
  return delivery;
}
