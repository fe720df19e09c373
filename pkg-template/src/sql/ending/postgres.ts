/**
 * Ends sessions on PostgreSQL: one statement does the whole step.
 *
 * All parts of a statement share one snapshot. A part that waits for another transaction sees the
 * newest version of the row that it waited for, and none of that transaction's other changes. So
 * the clients come from the deleted rows, and the condition is in the part that deletes or locks
 * them.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import { RollcallError } from "../../errors.js";
import { bare } from "../../plain-object.js";
import type { CheckedStep } from "../../stores/ending.js";
import { zeroCounts } from "../../stores/grant-filter.js";
import type { EndedSessions, NotificationKind } from "../../types.js";
import type { SqlDialect } from "../dialect.js";
import { addCounts, conditionOfValues } from "../grants.js";
import { encodePosition } from "../position.js";
import { column } from "../session-filter.js";
import type { WorkUnits } from "../unit-of-work.js";
import { recordEnded, recordLists, removeEndedListings } from "./ended-listings.js";
import {
  type NoticeParts,
  type NoticeValues,
  nameOf,
  noticeId,
  planNotices,
  toNotification,
  wantedClients,
} from "./notices.js";
import { type PickValues, type PlannedPick, pickedSessions, planPick, readOf } from "./pick.js";
import { type RevocationValues, revocationValues, sessionGrantConditions } from "./revocation.js";

type StepValues = { pick: PickValues; notify?: NoticeValues; revoke?: RevocationValues };

/**
 * The result of the statement, as one JSON string, because drivers parse numbers and JSON
 * differently.
 */
type Outcome = [
  ended: number | null,
  picked: number,
  hasMore: boolean,
  lastId: string | null,
  lastExpires: string | null,
  sessions: [subjectId: string, sessionIds: string[], issuer: string | null][] | null,
  recorded: number,
  notifications: NotificationTuple[] | null,
  grants: [type: string, count: number][] | null,
];

type NotificationTuple = [
  id: string,
  kind: NotificationKind,
  clientId: string,
  logoutUri: string | null,
  subjectId: string,
  sessionId: string | null,
  issuer: string | null,
];

/** Runs one step. */
export async function endOnPostgres(work: WorkUnits, step: CheckedStep): Promise<EndedSessions> {
  const { notify, revoke, details } = step;
  // Before the step, so that an error here can't lose its result.
  if (step.order === "expiry") await removeEndedListings(work);
  const pick = await planPick(work, step);
  const notices = planNotices(notify);
  const values: StepValues = bare({
    pick: pick.values,
    ...(notices !== undefined && { notify: notices.values }),
    ...(revoke !== undefined && { revoke: revocationValues(work.dialect, revoke) }),
  });
  const options = {
    details,
    parts: notices?.parts,
    ofParticipants: revoke?.ofSessions?.ofParticipants ?? false,
    returns: (notify?.returned ?? 0) > 0,
    isOneSubject: step.filter.subjectId !== undefined && "equals" in step.filter.subjectId,
  };
  const name = [
    `end ${pick.name}`,
    details && "with details",
    notices && `notify ${nameOf(notices.parts)}`,
    options.returns && "return notifications",
    options.ofParticipants && "of participants",
  ];
  const statement = work.statement(
    name.filter(Boolean).join(", "),
    values,
    (values) => work.raw(endingStatement(work, pick, values, options)),
    pick,
  );
  const { rows } = await work.one(statement);
  const [row] = rows;
  if (row === undefined) throw new RollcallError("store_failed", "the database returned no row");
  return toResult(JSON.parse(row.outcome), step, pick);
}

function toResult(
  [ended, picked, hasMore, lastId, lastExpires, sessions, recorded, notifications, grants]: Outcome,
  { notify, details }: CheckedStep,
  pick: PlannedPick,
): EndedSessions {
  const counts = zeroCounts();
  addCounts(
    (grants ?? []).map(([type, count]) => ({ type, count })),
    counts,
  );
  const result: EndedSessions = {
    ...counts,
    ended: ended ?? 0,
    recorded,
    notifications: [],
    // A surplus session that was renewed meanwhile is kept, and another one must end instead.
    more: hasMore || (pick.values.surplus !== undefined && (ended ?? 0) < picked),
  };
  if (details) {
    result.sessions = (sessions ?? []).flatMap(([subjectId, sessionIds, issuer]) =>
      sessionIds.map((sessionId) =>
        issuer === null ? { subjectId, sessionId } : { subjectId, sessionId, issuer },
      ),
    );
  }
  if (notify !== undefined) {
    result.notifications = (notifications ?? []).map(
      ([id, kind, client_id, logout_uri, subject_id, session_id, issuer]) =>
        toNotification({ id, kind, client_id, logout_uri, subject_id, session_id, issuer }, notify),
    );
  }
  if (lastId !== null) {
    result.last = encodePosition({
      id: BigInt(lastId),
      ...(lastExpires !== null && { expires: Number(lastExpires) }),
    });
  }
  return result;
}

/** The SQL of the statement depends on these, on the pick and on which values are present. */
interface Options {
  details: boolean;
  parts: NoticeParts | undefined;
  ofParticipants: boolean;
  /** Whether notifications are returned. */
  returns: boolean;
  /** Whether all sessions have the same subject. */
  isOneSubject: boolean;
}

function endingStatement(
  work: WorkUnits,
  pick: PlannedPick,
  values: StepValues,
  options: Options,
): RawBuilder<{ outcome: string }> {
  const { details, parts, returns, isOneSubject } = options;
  const isExpiry = pick.order === "expiry";
  const revocations = revocationParts(work, values.revoke, options.ofParticipants);
  const columns = [
    "id",
    "clients",
    ...(isExpiry ? ["expires"] : []),
    ...(parts || details || values.revoke?.ofSessions ? ["subject_id"] : []),
    ...(parts || details ? ["issuer"] : []),
    ...(parts?.bySession || details || values.revoke?.ofSessions ? ["session_id"] : []),
    ...(parts?.bySession ? ["sids"] : []),
  ];
  const ctes = [
    ...removalParts(work, pick, values.pick, columns),
    listsPart(options),
    ["ended_listings", isOneSubject ? recordLists("lists") : recordEnded("deleted")] as const,
    ...(parts && values.notify ? recordingParts(work.dialect, parts, values.notify) : []),
    ...revocations,
  ];
  const last = isExpiry
    ? sql`select id::text, expires::text from deleted order by deleted.expires desc, deleted.id desc limit 1`
    : sql`select max(id)::text as id, null::text as expires from lists`;
  const sessions = sql`(select json_agg(json_build_array(subject_id, session_ids, issuer)) from lists)`;
  const types = sql.join(
    revocations.map(([name]) => sql`select type from ${sql.ref(name)}`),
    sql` union all `,
  );
  const grants = sql`(select json_agg(json_build_array(type, n))
    from (select type, count(*) as n from (${types}) as types group by type) as counted)`;
  const notifications =
    values.notify === undefined || !returns
      ? sql`null`
      : sql`(select json_agg(json_build_array(id, kind, client_id, logout_uri, subject_id, session_id, issuer))
          from (select * from recorded limit ${values.notify.returned}) as returned)`;
  const outcome = sql.join([
    sql`(select sum(n) from lists)`,
    sql`(select n from picked)`,
    sql`(select ${hasMore(work, pick, values.pick)} from picked)`,
    sql`last.id`,
    sql`last.expires`,
    details ? sessions : sql`null`,
    parts === undefined ? sql`0` : sql`(select count(*) from recorded)`,
    notifications,
    revocations.length === 0 ? sql`null` : grants,
  ]);
  return sql`with ${sql.join(ctes.map(([name, query]) => sql`${sql.ref(name)} as ${query}`))}
    select json_build_array(${outcome})::text as outcome from (select) as one left join (${last}) as last on true`;
}

/** Whether more sessions may match. Only checked if a step is full. */
function hasMore(work: WorkUnits, pick: PlannedPick, values: PickValues): RawBuilder<boolean> {
  const isFull = sql<boolean>`n >= ${sql.lit(pick.limit)}`;
  if (locksFirst(pick)) return isFull;
  const { condition, order, inOrder } = readOf(work, pick, values);
  const id = inOrder ? column.id : work.dialect.unindexed(column.id);
  return sql`${isFull} and (select s.id from rollcall_sessions as s
    where ${condition} and ${id} > (select greatest from picked) order by ${sql.join(order)} limit 1) is not null`;
}

/** A part of the statement: its name and its query. */
type Part = readonly [name: string, query: RawBuilder<unknown>];

/**
 * If an index has the order of the step, the deletion walks along it up to the limit. That is much
 * faster than deleting by a list of ids.
 *
 * Otherwise the sessions are locked first. In the order of expiry, locked sessions are skipped:
 * another instance is ending or renewing them.
 */
function removalParts(
  work: WorkUnits,
  pick: PlannedPick,
  values: PickValues,
  columns: readonly string[],
): Part[] {
  const deleted = sql.join(columns.map((name) => sql.ref(`s.${name}`)));
  if (locksFirst(pick)) {
    const locked = pickedSessions(work, pick, values)
      .select("s.id")
      .forUpdate("s")
      .$if(pick.order === "expiry", (query) => query.skipLocked());
    return [
      ["locked", sql`materialized ${locked}`],
      ["picked", sql`(select count(*) as n from locked)`],
      [
        "deleted",
        sql`(delete from rollcall_sessions as s where s.id = any(array(select id from locked)) returning ${deleted})`,
      ],
    ];
  }
  const bounds = boundsOf(work, pick, values);
  return [
    ["picked", bounds.picked],
    [
      "deleted",
      sql`(delete from rollcall_sessions as s where ${bounds.within} returning ${deleted})`,
    ],
  ];
}

/**
 * A pick by the smallest and largest id of its sessions: the part `picked`, which also counts them,
 * and the condition on the sessions between. It only reads the index. The rows between are then
 * read in any order, where a limit would need a sort. The smallest id is for the planner, which
 * assumes that a range with two ends is narrow.
 */
function boundsOf(work: WorkUnits, pick: PlannedPick, values: PickValues) {
  const sessions = pickedSessions(work, pick, values).select("s.id");
  const { condition, inOrder } = readOf(work, pick, values);
  const id = inOrder ? column.id : work.dialect.unindexed(column.id);
  return {
    picked: sql`materialized (select min(id) as least, max(id) as greatest, count(*) as n from ${sessions} as first)`,
    within: sql`${condition} and ${id} >= (select least from picked) and ${id} <= (select greatest from picked)`,
  };
}

function locksFirst({ order, driver }: PlannedPick): boolean {
  return order === "expiry" || driver === "clientId";
}

/**
 * Groups the sessions with equal lists of clients: most sessions share theirs with many others, and
 * one list is faster to read than one per session.
 */
function listsPart({ details, parts }: Options): Part {
  const by = [
    sql`clients`,
    ...(details || parts !== undefined ? [sql`subject_id`, sql`issuer`] : []),
  ];
  const sessionIds = details ? sql`, array_agg(session_id) as session_ids` : sql``;
  return [
    "lists",
    sql`materialized (select ${sql.join(by)}, count(*) as n, max(id) as id, array_agg(id) as ids${sessionIds}
      from deleted group by ${sql.join(by)})`,
  ];
}

function recordingParts(
  dialect: SqlDialect,
  { bySubject, bySession, others }: NoticeParts,
  values: NoticeValues,
): Part[] {
  const { reason, created, due } = values;
  const parts: Part[] = [["wanted", sql`materialized (${wantedClients(dialect, values)})`]];
  const notices: RawBuilder<unknown>[] = [];
  if (bySubject) {
    parts.push([
      "of_subjects",
      sql`(select client_id, subject_id, issuer, max(id) as id
        from (select unnest(clients) as client_id, subject_id, issuer, id from lists) as each
        group by client_id, subject_id, issuer)`,
    ]);
    notices.push(sql`select ${noticeId("subject", sql`id`, sql`client_id`)} as id, kind, client_id, logout_uri, subject_id, null::text as session_id, issuer
      from of_subjects join wanted using (client_id) where scope = 'subject'`);
  }
  if (bySession) {
    const isDue = sql`not clients <@ array(select client_id from wanted where scope is distinct from 'session')`;
    parts.push([
      "of_sessions",
      sql`(select unnest(clients) as client_id, unnest(sids) as sid, subject_id, session_id, issuer, id
        from deleted where (select bool_or(${isDue}) from lists) and ${isDue})`,
    ]);
    notices.push(sql`select ${noticeId("session", sql`id`, sql`client_id`)} as id, coalesce(kind, 'logout') as kind, client_id, logout_uri, subject_id,
        coalesce(sid, session_id) as session_id, issuer
      from of_sessions left join wanted using (client_id)
      where scope = 'session' ${others ? sql`or wanted.client_id is null` : sql``}`);
  }
  const all = sql.join(notices, sql` union all `);
  parts.push([
    "recorded",
    sql`(insert into rollcall_outbox (id, kind, client_id, logout_uri, subject_id, session_id, issuer, reason, created, state, attempts, due)
      select id, kind, client_id, logout_uri, subject_id, session_id, issuer, ${reason}::text, ${created}::bigint, 'pending', 0, ${due}::bigint
      from (${all}) as notices order by id
      on conflict (id) do nothing returning id, kind, client_id, logout_uri, subject_id, session_id, issuer)`,
  ]);
  return parts;
}

/**
 * Each query deletes grants in the order of their keys. If two of them delete the same grant, only
 * one returns it.
 */
function revocationParts(
  { dialect }: WorkUnits,
  revoke: RevocationValues | undefined,
  ofParticipants: boolean,
): Part[] {
  if (revoke === undefined) return [];
  const keys = Object.values(revoke.matching).map(
    (filter) =>
      sql`select key from rollcall_grants where ${conditionOfValues(dialect, filter)} order by key for update`,
  );
  if (revoke.ofSessions !== undefined) {
    const conditions = [
      sql`${dialect.unindexed(sql.ref("g.subject_id"))} = deleted.subject_id`,
      ...sessionGrantConditions(dialect, revoke.ofSessions),
      ...(ofParticipants ? [sql`g.client_id = any(deleted.clients)`] : []),
    ];
    keys.push(sql`select g.key from deleted join rollcall_grants as g on g.session_id = deleted.session_id
      where ${sql.join(conditions, sql` and `)} order by g.key for update of g`);
  }
  return keys.map((keys, number) => [
    `revoked_${number}`,
    sql`(delete from rollcall_grants where key = any(array(${keys})) returning type)`,
  ]);
}

/** The clients of the sessions of a pick. */
export async function clientsOnPostgres(work: WorkUnits, pick: PlannedPick): Promise<string[]> {
  const query = work.statement(
    `clients of ${pick.name}`,
    pick.values,
    (values) => work.raw(clientsStatement(work, pick, values)),
    pick,
  );
  const { rows } = await work.one(query);
  return rows.map(({ client_id }) => client_id);
}

function clientsStatement(
  work: WorkUnits,
  pick: PlannedPick,
  values: PickValues,
): RawBuilder<{ client_id: string }> {
  const ofLists = sql`select distinct unnest(clients) as client_id from`;
  if (locksFirst(pick)) {
    const sessions = pickedSessions(work, pick, values).select("s.clients");
    return sql`${ofLists} (select distinct clients from ${sessions} as picked) as lists`;
  }
  const { picked, within } = boundsOf(work, pick, values);
  return sql`with picked as ${picked}
    ${ofLists} (select distinct clients from rollcall_sessions as s where ${within}) as lists`;
}
