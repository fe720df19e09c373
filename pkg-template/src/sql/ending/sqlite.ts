/**
 * Ends sessions on SQLite: a few statements as one unit of work, which can also run as a batch.
 *
 * Each statement picks the same sessions again, because nothing else writes in the meantime. The
 * first one writes, so the unit has the write lock from the beginning.
 *
 * @module
 */

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { CheckedStep } from "../../stores/ending.js";
import { zeroCounts } from "../../stores/grant-filter.js";
import type { EndedSessions, GrantCounts } from "../../types.js";
import { addCounts, conditionOfValues, countQuery } from "../grants.js";
import { unlist } from "../sqlite/clients.js";
import { type Step, step, type WorkUnits } from "../unit-of-work.js";
import {
  type NoticeParts,
  type NoticeValues,
  nameOf,
  noticeId,
  planNotices,
  type RecordedRow,
  toNotification,
  wantedClients,
} from "./notices.js";
import {
  type PickValues,
  type PlannedPick,
  pickedSessions,
  planPick,
  withoutListing,
} from "./pick.js";
import { type EndedRow, lastPosition, toDetails } from "./position.js";
import { type RevocationValues, revocationValues, sessionGrantConditions } from "./revocation.js";

/** Runs one step. */
export async function endOnSqlite(work: WorkUnits, wanted: CheckedStep): Promise<EndedSessions> {
  const { notify, revoke, details, order, limit } = wanted;
  const pick = await withoutListing(work, await planPick(work, wanted));
  const notices = planNotices(notify);
  const counts = zeroCounts();
  let ended: EndedRow[] = [];
  let recorded: RecordedRow[] = [];
  await work.all([
    unlistingStep(work, pick),
    ...(notices === undefined
      ? []
      : [
          recordingStep(work, pick, notices.parts, notices.values, (rows) => {
            recorded = rows;
          }),
        ]),
    ...(revoke === undefined
      ? []
      : revocationSteps(
          work,
          pick,
          revocationValues(work.dialect, revoke),
          revoke.ofSessions?.ofParticipants ?? false,
          counts,
        )),
    removalStep(work, pick, details, (rows) => {
      ended = rows;
    }),
  ]);
  const last = lastPosition(ended, order);
  return {
    ...counts,
    ended: ended.length,
    ...(details && { sessions: ended.map(toDetails) }),
    recorded: recorded.length,
    notifications:
      notify === undefined
        ? []
        : recorded.slice(0, notify.returned).map((row) => toNotification(row, notify)),
    more: (pick.found ?? ended.length) >= limit,
    ...(last !== undefined && { last }),
  };
}

/** Whether a session is among those that the step ends. */
function isPicked(
  work: WorkUnits,
  pick: PlannedPick,
  values: PickValues,
  id: string,
): RawBuilder<SqlBool> {
  return sql`${sql.ref(id)} in ${pickedSessions(work, pick, values).select("s.id")}`;
}

function unlistingStep(work: WorkUnits, pick: PlannedPick): Step {
  const query = work.statement(
    `unlist ${pick.name}`,
    pick.values,
    (values) => work.raw(unlist(isPicked(work, pick, values, "s.id"))),
    pick,
  );
  return step(query);
}

function removalStep(
  work: WorkUnits,
  pick: PlannedPick,
  details: boolean,
  take: (rows: EndedRow[]) => void,
): Step {
  const columns = [
    sql`${work.dialect.digits(sql.ref("id"))} as id`,
    ...(pick.order === "expiry" ? [sql`expires`] : []),
    ...(details ? [sql`subject_id, session_id, issuer`] : []),
  ];
  const query = work.statement(
    `end ${pick.name}, ${details}`,
    pick.values,
    (values) =>
      work.raw(sql<EndedRow>`delete from rollcall_sessions where ${isPicked(work, pick, values, "id")}
        returning ${sql.join(columns)}`),
    pick,
  );
  return step(query, take);
}

/** By subject, equal lists of clients are grouped before they are read. */
function recordingStep(
  work: WorkUnits,
  pick: PlannedPick,
  parts: NoticeParts,
  notify: NoticeValues,
  take: (rows: RecordedRow[]) => void,
): Step {
  const { bySubject, bySession, others } = parts;
  const query = work.statement(
    `record ${pick.name}, ${nameOf(parts)}`,
    { pick: pick.values, notify },
    ({ pick: values, notify }) => {
      const { reason, created, due } = notify;
      const isEnded = isPicked(work, pick, values, "id");
      const notices: RawBuilder<unknown>[] = [];
      // A `cross join` is evaluated in this order, so the JSON of a list is read once.
      if (bySubject) {
        const lists = sql`select clients, subject_id, issuer, max(id) as id
          from rollcall_sessions where ${isEnded} group by clients, subject_id, issuer`;
        notices.push(sql`select ${noticeId("subject", sql`max(lists.id)`, sql`wanted.client_id`)}, wanted.kind, wanted.client_id, wanted.logout_uri,
            lists.subject_id, null, lists.issuer
          from (${lists}) as lists cross join json_each(lists.clients) as c
          cross join wanted on wanted.client_id = c.value ->> 0
          where wanted.scope = 'subject'
          group by wanted.client_id, wanted.kind, wanted.logout_uri, lists.subject_id, lists.issuer`);
      }
      if (bySession) {
        const isDue = others
          ? sql`(wanted.scope = 'session' or wanted.client_id is null)`
          : sql`wanted.scope = 'session'`;
        notices.push(sql`select ${noticeId("session", sql`ended.id`, sql`(c.value ->> 0)`)}, coalesce(wanted.kind, 'logout'), c.value ->> 0,
            wanted.logout_uri, ended.subject_id, coalesce(c.value ->> 1, ended.session_id), ended.issuer
          from rollcall_sessions as ended cross join json_each(ended.clients) as c
          ${others ? sql`left` : sql`cross`} join wanted on wanted.client_id = c.value ->> 0
          where ${isPicked(work, pick, values, "ended.id")} and ${isDue}`);
      }
      return work.raw(sql<RecordedRow>`insert into rollcall_outbox
          (id, kind, client_id, logout_uri, subject_id, session_id, issuer, reason, created, state, attempts, due)
        with wanted as materialized (${wantedClients(work.dialect, notify)}),
        notices (id, kind, client_id, logout_uri, subject_id, session_id, issuer) as (${sql.join(notices, sql` union all `)})
        select notices.*, ${reason}, ${created}, 'pending', 0, ${due} from notices where true
        on conflict (id) do nothing
        returning id, kind, client_id, logout_uri, subject_id, session_id, issuer`);
    },
    pick,
  );
  return step(query, take);
}

function revocationSteps(
  work: WorkUnits,
  pick: PlannedPick,
  { matching, ofSessions }: RevocationValues,
  ofParticipants: boolean,
  counts: GrantCounts,
): Step[] {
  const { dialect, db } = work;
  const take = (rows: { type: string; count: number | bigint | string }[]) =>
    addCounts(rows, counts);
  const steps = Object.values(matching).flatMap((filter) => [
    step(
      work.statement("count grants", filter, (filter) =>
        countQuery(work, conditionOfValues(dialect, filter)),
      ),
      take,
    ),
    step(
      work.statement("revoke grants", filter, (filter) =>
        db.deleteFrom("rollcall_grants").where(conditionOfValues(dialect, filter)),
      ),
    ),
  ]);
  if (ofSessions === undefined) return steps;

  const values = { pick: pick.values, ofSessions };
  const isSelected = ({ pick: picked, ofSessions }: typeof values): RawBuilder<SqlBool> => {
    const conditions = [
      isPicked(work, pick, picked, "ended.id"),
      sql`g.session_id = ended.session_id`,
      sql`${dialect.unindexed(sql.ref("g.subject_id"))} = ended.subject_id`,
      ...sessionGrantConditions(dialect, ofSessions),
    ];
    if (ofParticipants) {
      conditions.push(
        sql`exists (select 1 from json_each(ended.clients) as c where c.value ->> 0 = g.client_id)`,
      );
    }
    // The sessions first.
    return sql`key in (select g.key from rollcall_sessions as ended cross join rollcall_grants as g
      where ${sql.join(conditions, sql` and `)})`;
  };
  const name = `${pick.name}, ${ofParticipants}`;
  return [
    ...steps,
    step(
      work.statement(
        `count grants of ${name}`,
        values,
        (values) => countQuery(work, isSelected(values)),
        pick,
      ),
      take,
    ),
    step(
      work.statement(
        `revoke grants of ${name}`,
        values,
        (values) => db.deleteFrom("rollcall_grants").where(isSelected(values)),
        pick,
      ),
    ),
  ];
}

/** The clients of the sessions of a pick. */
export async function clientsOnSqlite(work: WorkUnits, pick: PlannedPick): Promise<string[]> {
  const query = work.statement(
    `clients of ${pick.name}`,
    pick.values,
    (values) =>
      work.raw(sql<{ client_id: string }>`select distinct c.value ->> 0 as client_id
        from (select distinct clients from ${pickedSessions(work, pick, values).select("s.clients")} as picked) as lists,
          json_each(lists.clients) as c`),
    pick,
  );
  const { rows } = await work.one(query);
  return rows.map(({ client_id }) => client_id);
}
