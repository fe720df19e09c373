/**
 * The grants: tokens, codes and consents.
 *
 * @module
 */

import { type Compilable, type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { grantKind } from "../grant-types.js";
import { bare } from "../plain-object.js";
import type { GrantAdapter } from "../stores/checked-stores.js";
import { jsonChunks } from "../stores/chunks.js";
import type { CheckedGrant } from "../stores/grant.js";
import { zeroCounts } from "../stores/grant-filter.js";
import type { GrantCounts, GrantFilter, PersistedGrant } from "../types.js";
import { changeBatch } from "./changed-batch.js";
import type { SqlDialect, TextColumn } from "./dialect.js";
import { type GrantRow, type GrantsTable, toNumber } from "./tables.js";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/** The grant store of this database. */
export function grantStore(work: WorkUnits): GrantAdapter {
  return {
    store: (grant) => storeGrant(work, grant),
    get: (key) => getGrant(work, key),
    list: (filter) => listGrants(work, filter),
    count: (filter) => countGrants(work, filter),
    remove: (filter) => removeGrants(work, filter),
    removeExpired: (now, limit) => changeBatch(work, EXPIRED, now, limit),
  };
}

const EXPIRED = {
  name: "remove expired grants",
  change: sql`delete from rollcall_grants`,
  table: "rollcall_grants",
  key: "key",
  index: "rollcall_grants_expiry",
  found: (now: number) => sql`expires <= ${now} order by expires`,
};

async function storeGrant(work: WorkUnits, grant: CheckedGrant): Promise<void> {
  const query = work.statement("store grant", toRow(grant), (row) => {
    const insert = work.db.insertInto("rollcall_grants").values(row);
    return work.dialect.hasMysqlSyntax
      ? insert.onDuplicateKeyUpdate(row)
      : insert.onConflict((conflict) => conflict.column("key").doUpdateSet(row));
  });
  await work.one(query);
}

async function getGrant(work: WorkUnits, key: string): Promise<PersistedGrant | undefined> {
  const query = work.statement("get grant", { key }, ({ key }) =>
    work.db.selectFrom("rollcall_grants").selectAll().where("key", "=", key),
  );
  const { rows } = await work.one(query);
  return rows[0] && fromRow(rows[0]);
}

async function listGrants(work: WorkUnits, filter: GrantFilter): Promise<PersistedGrant[]> {
  const grants: PersistedGrant[] = [];
  const queries = statements(work, "list grants", filter, (condition) =>
    work.db.selectFrom("rollcall_grants").selectAll().where(condition),
  );
  for (const query of queries) {
    const { rows } = await work.one(query);
    for (const row of rows) {
      grants.push(fromRow(row));
    }
  }
  return grants;
}

async function countGrants(work: WorkUnits, filter: GrantFilter): Promise<GrantCounts> {
  const counts = zeroCounts();
  for (const count of countSteps(work, filter, counts)) {
    await work.all([count]);
  }
  return counts;
}

async function removeGrants(work: WorkUnits, filter: GrantFilter): Promise<GrantCounts> {
  const counts = zeroCounts();
  await work.all(grantRemovalSteps(work, filter, counts));
  return counts;
}

/**
 * Removes the grants that match, and adds their number to `counts`. The database counts them: a
 * subject may have too many grants to load into memory.
 */
export function grantRemovalSteps(
  work: WorkUnits,
  filter: GrantFilter,
  counts: GrantCounts,
): Step[] {
  const { db, dialect } = work;
  const removals = () =>
    statements(work, "remove grants", filter, (condition) =>
      db.deleteFrom("rollcall_grants").where(condition),
    ).map((query) => step(query));
  if (!dialect.locksRows) return [...countSteps(work, filter, counts), ...removals()];

  // Another transaction may be about to remove the same grants, so only locked or actually removed
  // ones count.
  const removed = statements(work, "lock and count grants", filter, (condition) => {
    const locked = db.selectFrom("rollcall_grants").where(condition).orderBy("key").forUpdate();
    const deleted = dialect.hasMysqlSyntax
      ? db.selectFrom(locked.select("type").as("deleted"))
      : db
          .with("deleted", (cte) =>
            cte
              .deleteFrom("rollcall_grants")
              .where(dialect.isAmong(sql.ref("key"), locked.select("key")))
              .returning("type"),
          )
          .selectFrom("deleted");
    return deleted.select((eb) => ["type", eb.fn.countAll().as("count")]).groupBy("type");
  });
  const counted = removed.map((query) => step(query, (rows) => addCounts(rows, counts)));
  return dialect.hasMysqlSyntax ? [...counted, ...removals()] : counted;
}

function countSteps(work: WorkUnits, filter: GrantFilter, counts: GrantCounts): Step[] {
  return statements(work, "count grants", filter, (condition) => countQuery(work, condition)).map(
    (query) => step(query, (rows) => addCounts(rows, counts)),
  );
}

/**
 * The statements that together process the matching grants: see `grantConditions`. Most filters
 * have no list, and their statements are compiled once. Lists are inlined, because databases look
 * up their items in an index more reliably than those of a JSON list.
 */
function statements<Row>(
  work: WorkUnits,
  name: string,
  filter: GrantFilter,
  build: (condition: RawBuilder<SqlBool>) => Query<Row>,
): Query<Row>[] {
  const { dialect } = work;
  const [values, ...others] = grantFilterValues(dialect, filter);
  const hasList = values?.clientIds !== undefined || values?.types !== undefined;
  return values === undefined || hasList || others.length > 0
    ? grantConditions(dialect, filter).map(build)
    : [work.statement(name, values, (values) => build(conditionOfValues(dialect, values)))];
}

type Query<Row> = Pick<Compilable<Row>, "compile">;

/** The number of grants that meet the condition, by type. */
export function countQuery({ db, dialect }: WorkUnits, condition: Expression<SqlBool>) {
  // Otherwise the planner could choose the index of the types, which has this order.
  const type = dialect.unindexed(sql.ref<string>("type"));
  return db
    .selectFrom("rollcall_grants")
    .select((eb) => [type.as("type"), eb.fn.countAll().as("count")])
    .where(condition)
    .groupBy(type);
}

/** Adds numbers of grants by type. */
export function addCounts(
  rows: readonly { type: string; count: number | bigint | string }[],
  counts: GrantCounts,
): void {
  for (const { type, count } of rows) {
    counts[grantKind(type)] += toNumber(count);
  }
}

/**
 * The conditions that together are the filter: each matching grant meets exactly one. There are
 * several only if the lists are too long for one statement.
 */
function grantConditions(dialect: SqlDialect, filter: GrantFilter): RawBuilder<SqlBool>[] {
  const { subjectId, sessionId, clientIds, types } = filter;
  const ids = bare({
    ...(subjectId !== undefined && { subjectId }),
    ...(sessionId !== undefined && { sessionId }),
  });
  const oneOf = (some: readonly string[]) => (column: TextColumn) => dialect.isOneOf(column, some);
  return listsOf(dialect, clientIds).flatMap((clients) =>
    listsOf(dialect, types).map((types) =>
      grantCondition(dialect, ids, clients && oneOf(clients), types && oneOf(types)),
    ),
  );
}

/** A filter of grants as the values of a statement. Lists are JSON. */
export type GrantFilterValues = {
  subjectId?: string;
  sessionId?: string;
  clientIds?: string;
  types?: string;
};

/** The filters that together are this one: several only if the lists are very long. */
export function grantFilterValues(dialect: SqlDialect, filter: GrantFilter): GrantFilterValues[] {
  const { clientIds, types, subjectId, sessionId } = filter;
  return listsOf(dialect, clientIds).flatMap((clients) =>
    listsOf(dialect, types).map((types) =>
      bare({
        ...(subjectId !== undefined && { subjectId }),
        ...(sessionId !== undefined && { sessionId }),
        ...(clients !== undefined && { clientIds: JSON.stringify(clients) }),
        ...(types !== undefined && { types: JSON.stringify(types) }),
      }),
    ),
  );
}

/** The condition for these values. */
export function conditionOfValues(
  dialect: SqlDialect,
  values: GrantFilterValues,
): RawBuilder<SqlBool> {
  const { clientIds, types } = values;
  const inJson = (json: string) => (column: TextColumn) => dialect.isInJson(column, json);
  return grantCondition(
    dialect,
    values,
    clientIds === undefined ? undefined : inJson(clientIds),
    types === undefined ? undefined : inJson(types),
  );
}

/** Splits the list as the dialect requires; an empty one is no condition. */
function listsOf(
  { listLength }: SqlDialect,
  list: readonly string[] = [],
): (string[] | undefined)[] {
  return list.length === 0 ? [undefined] : jsonChunks([...new Set(list)], listLength);
}

type Test = (column: TextColumn) => RawBuilder<SqlBool>;

/** As with sessions, one index drives: that of the member that leaves the fewest rows. */
function grantCondition(
  { unindexed }: SqlDialect,
  { subjectId, sessionId }: Pick<GrantFilterValues, "subjectId" | "sessionId">,
  ofClients: Test | undefined,
  ofTypes: Test | undefined,
): RawBuilder<SqlBool> {
  const driver =
    sessionId !== undefined
      ? "session_id"
      : subjectId !== undefined
        ? "subject_id"
        : ofClients !== undefined
          ? "client_id"
          : "type";
  const column = (name: keyof GrantsTable, drives = name === driver) =>
    drives ? sql.ref<string | null>(name) : unindexed(sql.ref<string | null>(name));
  const conditions: RawBuilder<SqlBool>[] = [];
  if (subjectId !== undefined) conditions.push(sql`${column("subject_id")} = ${subjectId}`);
  if (sessionId !== undefined) conditions.push(sql`${column("session_id")} = ${sessionId}`);
  if (ofClients !== undefined) conditions.push(ofClients(column("client_id")));
  if (ofTypes !== undefined) {
    // In the index of the clients, the next column is the type.
    conditions.push(ofTypes(column("type", driver === "type" || driver === "client_id")));
  }
  return sql.join(conditions, sql` and `);
}

function toRow(grant: CheckedGrant) {
  return {
    key: grant.key,
    type: grant.type,
    subject_id: grant.subjectId ?? null,
    session_id: grant.sessionId ?? null,
    client_id: grant.clientId,
    created: grant.created,
    expires: grant.expires ?? null,
    consumed: grant.consumed ?? null,
    description: grant.description ?? null,
    data: grant.data,
  };
}

function fromRow(row: GrantRow): PersistedGrant {
  const grant: PersistedGrant = {
    key: row.key,
    type: row.type,
    clientId: row.client_id,
    created: toDate(row.created),
    data: row.data,
  };
  if (row.subject_id !== null) grant.subjectId = row.subject_id;
  if (row.session_id !== null) grant.sessionId = row.session_id;
  if (row.expires !== null) grant.expires = toDate(row.expires);
  if (row.consumed !== null) grant.consumed = toDate(row.consumed);
  if (row.description !== null) grant.description = row.description;
  return grant;
}

function toDate(epoch: number | bigint | string): Date {
  return new Date(toNumber(epoch));
}
