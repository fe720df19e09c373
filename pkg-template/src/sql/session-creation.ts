/**
 * Adds sessions, optionally only if the subject has fewer than a limit.
 *
 * @module
 */

import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { CheckedSession } from "../stores/session.js";
import { duplicateKey } from "../stores/session-key.js";
import type { SqlDialect } from "./dialect.js";
import { leaveTakenIds, newRowId } from "./row-id.js";
import { hasSession } from "./session-condition.js";
import { allOf, isActive } from "./session-filter.js";
import { clientsToJson, sessionValues, toRow } from "./session-rows.js";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/**
 * The limit of active sessions of a subject, and the time; optionally only those of one issuer
 * count.
 */
interface Admission {
  limit: number;
  now: number;
  ofIssuer: string | undefined;
}

type NewRow = ReturnType<typeof sessionValues> & { id: string };

/** The number of attempts: another row may have the same id (see `row-id.ts`). */
const MAX_ATTEMPTS = 5;

/** Adds a session. */
export async function createSession(work: WorkUnits, session: CheckedSession): Promise<void> {
  await addSession(work, session, undefined);
}

/** Adds a session, unless its subject has reached the limit. */
export async function admitSession(
  work: WorkUnits,
  session: CheckedSession,
  admission: Admission,
): Promise<boolean> {
  return await addSession(work, session, admission);
}

async function addSession(
  work: WorkUnits,
  session: CheckedSession,
  admission: Admission | undefined,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const id = newRowId(session.created).toString();
    const values = { ...sessionValues(session), id };
    let isAdded = admission === undefined;
    const take = (rows: unknown[]) => {
      isAdded ||= rows.length > 0;
    };
    try {
      await work.all([
        ...lockSteps(work, values, admission),
        ...addSteps(work, values, admission, take),
      ]);
      return isAdded;
    } catch (error) {
      if (!work.dialect.isDuplicate(error)) throw error;
      // Within the host's transaction, no further statement is possible after an error.
      if (
        attempt === MAX_ATTEMPTS ||
        work.db.isTransaction ||
        (await hasSession(work, session.key))
      ) {
        // The engine's own error is not the cause, because some engines include the key in it.
        throw duplicateKey();
      }
      leaveTakenIds();
    }
  }
}

/** Makes admissions of a subject count and add one at a time. */
function lockSteps(
  { dialect, statement, raw }: WorkUnits,
  { subjectId }: NewRow,
  admission: Admission | undefined,
): Step[] {
  const { admissionLock } = dialect;
  if (admission === undefined || admissionLock === undefined) return [];
  const lock = statement("lock admissions", { subjectId }, ({ subjectId }) =>
    raw(admissionLock(subjectId)),
  );
  return [step(lock)];
}

/** Adds the row, and the listing of its clients: in one statement if the engine supports that. */
function addSteps(
  { dialect, statement, raw }: WorkUnits,
  row: NewRow,
  admission: Admission | undefined,
  take: (rows: unknown[]) => void,
): Step[] {
  const values = { ...row, ...admission };
  const hasClients = row.clients !== NO_CLIENTS;
  if (dialect.joinsChanges) {
    const all = statement(`create, ${hasClients}`, values, (values) => {
      const listed = sql`, listed as (${listing(dialect, values.clients, sql`created`)})`;
      return raw(sql`with created as (${insertion(dialect, values)} returning id)${hasClients ? listed : sql``}
        select 1 as one from created`);
    });
    return [step(all, take)];
  }
  const insert = statement("create", values, (values) =>
    raw(
      sql`${insertion(dialect, values)}${dialect.hasMysqlSyntax ? sql`` : sql` returning 1 as one`}`,
    ),
  );
  const { id, key, clients } = row;
  // Also by the key: if the session was not admitted, another row may have the id.
  const added = (id: string, key: string) =>
    sql`rollcall_sessions as s where s.id = ${dialect.rowId(id)} and ${dialect.unindexed(sql.ref("s.key"))} = ${dialect.bytes(key)}`;
  const list = statement("list clients", { id, key, clients }, ({ id, key, clients }) =>
    raw(listing(dialect, clients, sql`(select s.id from ${added(id, key)})`)),
  );
  const tell = statement("admitted", { id, key }, ({ id, key }) =>
    raw(sql`select 1 as one from ${added(id, key)}`),
  );
  return [
    step(insert, dialect.hasMysqlSyntax ? undefined : take),
    ...(hasClients ? [step(list)] : []),
    ...(dialect.hasMysqlSyntax && admission !== undefined ? [step(tell, take)] : []),
  ];
}

const NO_CLIENTS = clientsToJson([]);

function insertion(
  dialect: SqlDialect,
  { limit, now, ofIssuer, ...values }: NewRow & Partial<Admission>,
): RawBuilder<unknown> {
  const columns = Object.entries(toRow(dialect, values.id, values));
  const names = sql.join(columns.map(([name]) => sql.ref(name)));
  const row = sql.join(columns.map(([, value]) => sql`${value}`));
  const into = sql`insert into rollcall_sessions (${names})`;
  if (limit === undefined || now === undefined) return sql`${into} values (${row})`;
  const { unindexed } = dialect;
  const counted = [
    sql<SqlBool>`s.subject_id = ${values.subjectId}`,
    isActive(unindexed(sql.ref("s.expires")), now),
    ...(ofIssuer === undefined
      ? []
      : [sql<SqlBool>`${unindexed(sql.ref("s.issuer"))} = ${ofIssuer}`]),
  ];
  const active = sql`select 1 as one from rollcall_sessions as s where ${allOf(counted)} limit ${limit}`;
  return sql`${into} select ${row} ${dialect.hasMysqlSyntax ? sql`from dual` : sql``}
    where (select count(*) from (${active}) as active) < ${limit}`;
}

/** Lists the one session with the clients of `clientsToJson`. */
function listing(
  { clients }: SqlDialect,
  json: string,
  session: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`insert into rollcall_session_clients (client_id, id)
    select ${clients.inListing(sql.ref("client.client_id"))}, created.id from ${session} as created, ${clients.tableOf(json)} as client`;
}
