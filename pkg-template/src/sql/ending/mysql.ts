/**
 * Ends sessions on MySQL and MariaDB, with several statements in one interactive transaction.
 *
 * The sessions are picked without a lock, then locked by the primary key with the condition checked
 * again (`../mysql/locked.ts` explains why). There is no RETURNING, so the notifications and grants
 * are read in advance.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import { RollcallError } from "../../errors.js";
import { jsonChunks } from "../../stores/chunks.js";
import type { CheckedStep } from "../../stores/ending.js";
import { zeroCounts } from "../../stores/grant-filter.js";
import type { EndedSessions, GrantCounts } from "../../types.js";
import type { SqlDialect } from "../dialect.js";
import { addCounts, grantRemovalSteps } from "../grants.js";
import {
  deleteLocked,
  HAS_READABLE_CLIENTS,
  hasId,
  isReadable,
  type LockedRow,
  SESSIONS_BY_ID,
} from "../mysql/locked.js";
import { column } from "../session-filter.js";
import { toNumber } from "../tables.js";
import type { RunInTransaction, WorkUnits } from "../unit-of-work.js";
import {
  type NoticeParts,
  type NoticeValues,
  planNotices,
  type RecordedRow,
  toNotification,
  wantedClients,
} from "./notices.js";
import { type PlannedPick, pickedSessions, planPick, readOf } from "./pick.js";
import { type EndedRow, lastPosition, toDetails } from "./position.js";
import { revocationValues, sessionGrantConditions } from "./revocation.js";

/** Runs one step. */
export async function endOnMysql(work: WorkUnits, step: CheckedStep): Promise<EndedSessions> {
  const pick = await planPick(work, step);
  return await work.interactive((run) => endWithin(run, work, step, pick));
}

async function endWithin(
  run: RunInTransaction,
  work: WorkUnits,
  step: CheckedStep,
  pick: PlannedPick,
): Promise<EndedSessions> {
  const { notify, revoke, details, order, limit } = step;
  const id = work.dialect.digits(column.id).as("id");
  const picked = await run(pickedSessions(work, pick, pick.values).select(id));
  const ended = picked.length === 0 ? [] : await run(lockedSessions(work, pick, picked));
  const dependsOnClients = notify !== undefined || revoke?.ofSessions?.ofParticipants === true;
  if (dependsOnClients && !ended.every(isReadable)) {
    // The same result as where unreadable JSON fails by itself: the caller ends the other sessions
    // without this one.
    throw new RollcallError("store_failed", "the clients of a session can't be read");
  }
  const counts = zeroCounts();
  const notices = await recordNotices(run, work, notify, ended);
  if (revoke !== undefined) await revokeGrants(run, work, revoke, ended, counts);
  await deleteLocked(run, work, ended);
  const last = lastPosition(ended, order);
  return {
    ...counts,
    ended: ended.length,
    ...(details && { sessions: ended.map(toDetails) }),
    ...notices,
    // A surplus session that was renewed meanwhile is kept, and another one must end instead.
    more: picked.length >= limit || (step.surplus !== undefined && ended.length < picked.length),
    ...(last !== undefined && { last }),
  };
}

/**
 * In the order of their ids. In the order of expiry, locked sessions are skipped: another instance
 * is ending or renewing them.
 */
function lockedSessions(work: WorkUnits, pick: PlannedPick, picked: readonly { id: string }[]) {
  // Only the primary index is used, by the ids.
  const { condition } = readOf(work, { ...pick, driver: "created" }, pick.values);
  return work.raw(sql<
    EndedRow & LockedRow
  >`select ${work.dialect.digits(column.id)} as id, ${HAS_READABLE_CLIENTS} as readable, s.expires, s.subject_id, s.session_id, s.issuer
    from ${SESSIONS_BY_ID} where ${hasId(picked)} and ${condition} order by s.id for update ${pick.order === "expiry" ? sql`skip locked` : sql``}`);
}

async function recordNotices(
  run: RunInTransaction,
  { dialect, raw }: WorkUnits,
  notify: CheckedStep["notify"],
  ended: readonly EndedRow[],
): Promise<Pick<EndedSessions, "recorded" | "notifications">> {
  const none = { recorded: 0, notifications: [] };
  const planned = planNotices(notify);
  if (notify === undefined || planned === undefined || ended.length === 0) return none;
  const { reason, created, due, returned } = planned.values;
  const notices = sql`(${noticesOf(dialect, planned.values, planned.parts, ended)}) as notices`;
  const [first, ...others] = await run(
    // No other transaction can record these, because their sessions are locked.
    raw(sql<
      RecordedRow & { total: number | bigint | string }
    >`select count(*) over () as total, notices.*
      from ${notices} left join rollcall_outbox as o on o.id = notices.id
      where o.id is null limit ${sql.lit(Math.max(returned, 1))}`),
  );
  if (first === undefined) return none;
  await run(
    // Not `ignore`, which would also truncate values that are too long.
    raw(sql`insert into rollcall_outbox
        (id, kind, client_id, logout_uri, subject_id, session_id, issuer, reason, created, state, attempts, due)
      select notices.*, ${reason}, ${created}, 'pending', 0, ${due} from ${notices} order by notices.id
      on duplicate key update id = rollcall_outbox.id`),
  );
  return {
    recorded: toNumber(first.total),
    notifications: [first, ...others].slice(0, returned).map((row) => toNotification(row, notify)),
  };
}

/** A query for all notifications of these sessions. */
function noticesOf(
  dialect: SqlDialect,
  values: NoticeValues,
  { bySubject, bySession, others }: NoticeParts,
  ended: readonly EndedRow[],
): RawBuilder<unknown> {
  const listed = dialect.clients.tableOf(sql.ref<string>("s.clients"));
  const wanted = sql`(${wantedClients(dialect, values)}) as wanted on wanted.client_id = c.client_id`;
  const idOf = (scope: string, id: RawBuilder<unknown>) =>
    sql`concat(case wanted.kind when 'session_revoked' then 'event:' else '' end, ${sql.lit(`${scope}:`)}, ${id}, ':', c.client_id) as id`;
  const notices: RawBuilder<unknown>[] = [];
  if (bySubject) {
    notices.push(sql`select ${idOf("subject", sql`max(s.id)`)}, wanted.kind, c.client_id, max(wanted.logout_uri) as logout_uri,
        s.subject_id, null as session_id, s.issuer
      from ${SESSIONS_BY_ID} straight_join ${listed} as c straight_join ${wanted}
      where ${hasId(ended)} and wanted.scope = 'subject'
      group by c.client_id, wanted.kind, s.subject_id, s.issuer`);
  }
  if (bySession) {
    const isOther = others ? sql`or wanted.client_id is null` : sql``;
    notices.push(sql`select ${idOf("session", sql`s.id`)}, coalesce(wanted.kind, 'logout') as kind, c.client_id, wanted.logout_uri,
        s.subject_id, coalesce(c.sid, s.session_id) as session_id, s.issuer
      from ${SESSIONS_BY_ID} straight_join ${listed} as c left join ${wanted}
      where ${hasId(ended)} and (wanted.scope = 'session' ${isOther})`);
  }
  return sql.join(notices, sql` union all `);
}

async function revokeGrants(
  run: RunInTransaction,
  work: WorkUnits,
  { matching, ofSessions }: NonNullable<CheckedStep["revoke"]>,
  ended: readonly EndedRow[],
  counts: GrantCounts,
): Promise<void> {
  for (const filter of matching) {
    for (const { query, take } of grantRemovalSteps(work, filter, counts)) {
      take({ rows: await run(query) });
    }
  }
  if (ofSessions === undefined || ended.length === 0) return;

  const { db, dialect, raw } = work;
  const values = revocationValues(dialect, { matching: [], ofSessions }).ofSessions ?? {};
  const conditions = [hasId(ended), ...sessionGrantConditions(dialect, values)];
  if (ofSessions.ofParticipants) {
    const clients = dialect.clients.tableOf(sql.ref<string>("s.clients"));
    conditions.push(sql`g.client_id in (select c.client_id from ${clients} as c)`);
  }
  const found = await run(
    raw(sql<{ key: string }>`select g.key from ${SESSIONS_BY_ID} straight_join rollcall_grants as g
      on g.session_id = s.session_id and ${dialect.unindexed(sql.ref("g.subject_id"))} = s.subject_id
      where ${sql.join(conditions, sql` and `)}`),
  );
  const keys = [...new Set(found.map(({ key }) => key))].sort();
  for (const some of jsonChunks(keys, dialect.listLength)) {
    const isSelected = dialect.isOneOf(sql.ref("key"), some);
    const locked = db.selectFrom("rollcall_grants").select("type").where(isSelected).forUpdate();
    const types = await run(
      raw(
        sql<{
          type: string;
          count: number;
        }>`select type, count(*) as count from ${locked.orderBy("key")} as deleted group by type`,
      ),
    );
    addCounts(types, counts);
    await run(db.deleteFrom("rollcall_grants").where(isSelected));
  }
}

/** The clients of the sessions of a pick. */
export async function clientsOnMysql(work: WorkUnits, pick: PlannedPick): Promise<string[]> {
  const clients = work.dialect.clients.tableOf(sql.ref<string>("picked.clients"));
  const { rows } = await work.one(
    work.raw(sql<{ client_id: string }>`select distinct c.client_id
      from ${pickedSessions(work, pick, pick.values).select("s.clients")} as picked straight_join ${clients} as c`),
  );
  return rows.map(({ client_id }) => client_id);
}
