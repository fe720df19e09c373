/**
 * The session store.
 *
 * @module
 */

import { type RawBuilder, sql } from "kysely";
import type { SessionAdapter } from "../stores/checked-stores.js";
import type { CheckedClient } from "../stores/session.js";
import type { CheckedChange } from "../stores/session-change.js";
import { duplicateKey } from "../stores/session-key.js";
import type { SessionCondition, StoredSession } from "../types.js";
import { changeBatch } from "./changed-batch.js";
import { changeLocked } from "./mysql/locked.js";
import { firstIdAt } from "./row-id.js";
import { conditionOf, conditionValues, hasSession, ONE } from "./session-condition.js";
import { createSession } from "./session-creation.js";
import { isActive } from "./session-filter.js";
import { countSessions, listSessions } from "./session-list.js";
import { removeSessions } from "./session-removal.js";
import {
  changeValues,
  fromRow,
  type SessionRow,
  sessionColumns,
  toColumns,
} from "./session-rows.js";
import { step, type WorkUnits } from "./unit-of-work.js";

/** The session store of this database. */
export function sessionStore(work: WorkUnits): SessionAdapter {
  return {
    create: (session) => createSession(work, session),
    get: (key) => getSession(work, key),
    update: (key, change, condition) => updateSession(work, key, change, condition),
    addClient: (key, client, now) => addClient(work, key, client, now),
    list: (request) => listSessions(work, request),
    count: (filter, upTo) => countSessions(work, filter, upTo),
    remove: (keys, condition) => removeSessions(work, keys, condition),
    forgetDevices: (createdBefore, limit) => forgetDevices(work, createdBefore, limit),
  };
}

async function forgetDevices(
  work: WorkUnits,
  createdBefore: number,
  limit: number,
): Promise<number> {
  const batch = {
    name: "forget devices",
    change: sql`update rollcall_sessions set ip_address = null, user_agent = null`,
    table: "rollcall_sessions",
    key: "id",
    index: "rollcall_sessions_devices",
    found: (before: string) => work.dialect.hasDevice(before),
  };
  return await changeBatch(work, batch, `${firstIdAt(createdBefore)}`, limit);
}

async function getSession(work: WorkUnits, key: string): Promise<StoredSession | undefined> {
  const { db, dialect } = work;
  const query = work.statement("get", { key }, ({ key }) =>
    db
      .selectFrom("rollcall_sessions as s")
      .select(sessionColumns(dialect))
      .where("s.key", "=", dialect.bytes(key)),
  );
  const { rows } = await work.one<SessionRow>(query);
  return rows[0] && fromRow(rows[0]);
}

async function updateSession(
  work: WorkUnits,
  key: string,
  change: CheckedChange,
  condition: SessionCondition,
): Promise<boolean> {
  if (change.length === 0) {
    return await hasSession(work, key, condition);
  }
  const { db, dialect } = work;
  const conditions = conditionValues(condition);
  const changed = changeValues(change);
  const updated = (values: typeof changed) =>
    db.updateTable("rollcall_sessions").set(toColumns(dialect, values));
  try {
    if (dialect.hasMysqlSyntax) {
      return await changeLocked(work, key, conditionOf(dialect, conditions), async (run, isIt) => {
        await run(updated(changed).where(isIt));
      });
    }
    const update = work.statement(
      "update",
      { ...changed, of: key, if: conditions },
      ({ of, if: conditions, ...changed }) =>
        updated(changed)
          .where("key", "=", dialect.bytes(of))
          .where(conditionOf(dialect, conditions))
          .returning(ONE),
    );
    return (await work.one(update)).rows.length > 0;
  } catch (error) {
    throw dialect.isDuplicate(error) ? duplicateKey() : error;
  }
}

/**
 * Adds the client to the row (or sets the `sid` of an existing one), and the session to the listing
 * of the client. Changes of a row wait for each other, so concurrent ones are not lost.
 */
async function addClient(
  work: WorkUnits,
  key: string,
  client: CheckedClient,
  now: number,
): Promise<boolean> {
  const { db, dialect } = work;
  const values = { key, now, clientId: client.clientId, sid: client.sessionId ?? null };
  const updated = ({ clientId, sid }: Pick<typeof values, "clientId" | "sid">) =>
    db.updateTable("rollcall_sessions").set(dialect.clients.with(clientId, sid));
  const isActiveAt = (now: number) =>
    isActive(dialect.unindexed(sql.ref<number | null>("expires")), now);
  const listed = (clientId: string, sessions: RawBuilder<unknown>) =>
    db
      .insertInto("rollcall_session_clients")
      .columns(["client_id", "id"])
      .expression(sql`select ${dialect.clients.inListing(clientId)}, id from ${sessions}`)
      .$if(!dialect.hasMysqlSyntax, (query) => query.onConflict((conflict) => conflict.doNothing()))
      .$if(dialect.hasMysqlSyntax, (query) =>
        query.onDuplicateKeyUpdate({ client_id: sql.ref("rollcall_session_clients.client_id") }),
      );
  if (dialect.hasMysqlSyntax) {
    return await changeLocked(work, key, isActiveAt(now), async (run, isIt) => {
      await run(updated(values).where(isIt));
      await run(listed(client.clientId, sql`rollcall_sessions where ${isIt}`));
    });
  }
  const updatedByKey = ({ key, now, ...client }: typeof values) =>
    updated(client).where("key", "=", dialect.bytes(key)).where(isActiveAt(now));
  if (dialect.joinsChanges) {
    const all = work.statement("add client", values, (values) =>
      db
        .with("changed", () => updatedByKey(values).returning("id"))
        .with("listed", () => listed(values.clientId, sql`changed`))
        .selectFrom("changed")
        .select(ONE),
    );
    return (await work.one(all)).rows.length > 0;
  }
  let isThere = false;
  const update = work.statement("add client", values, (values) =>
    updatedByKey(values).returning(ONE),
  );
  const list = work.statement("list session", { key, now, clientId: client.clientId }, (values) =>
    listed(
      values.clientId,
      sql`rollcall_sessions where ${sql.ref("key")} = ${dialect.bytes(values.key)} and ${isActiveAt(values.now)}`,
    ),
  );
  await work.all([
    step(update, (rows) => {
      isThere = rows.length > 0;
    }),
    step(list),
  ]);
  return isThere;
}
