/**
 * The session store.
 *
 * @module
 */

import { type Compilable, type RawBuilder, sql } from "kysely";
import type { SessionAdapter } from "../stores/checked-stores.js";
import { jsonChunks } from "../stores/chunks.js";
import type { CheckedClient, CheckedSession } from "../stores/session.js";
import type { CheckedChange } from "../stores/session-change.js";
import { duplicateKey } from "../stores/session-key.js";
import type { StoredSession } from "../types.js";
import { changesOne } from "./change.js";
import type { SqlDialect } from "./dialect.js";
import { leaveTakenIds, newRowId } from "./row-id.js";
import { isActive } from "./session-filter.js";
import { countSessions, listSessions } from "./session-list.js";
import {
  changeValues,
  clientsToJson,
  fromRow,
  type SessionRow,
  sessionColumns,
  sessionValues,
  toColumns,
  toRow,
} from "./session-rows.js";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/** The session store of this database. */
export function sessionStore(work: WorkUnits): SessionAdapter {
  return {
    create: (session) => createSession(work, session),
    get: (key) => getSession(work, key),
    update: (key, change) => updateSession(work, key, change),
    addClient: (key, client, now) => addClient(work, key, client, now),
    list: (request) => listSessions(work, request),
    count: (filter, upTo) => countSessions(work, filter, upTo),
    remove: (keys) => removeSessions(work, keys),
  };
}

/** So often another row may have the same id already: see `row-id.ts`. */
const MOST_IDS = 5;

async function createSession(work: WorkUnits, session: CheckedSession): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const id = newRowId(session.created).toString();
    try {
      await work.all(creationSteps(work, { ...sessionValues(session), id }));
      return;
    } catch (error) {
      if (!work.dialect.isDuplicate(error)) {
        throw error;
      }
      // Within the host's transaction nothing more can be asked after an error.
      if (attempt === MOST_IDS || work.db.isTransaction || (await hasKey(work, session.key))) {
        // Without the engine's own error as the cause: some engines write the key into it.
        throw duplicateKey();
      }
      leaveTakenIds();
    }
  }
}

/** The row, and the sessions of its clients: one statement where the engine can do that. */
function creationSteps(work: WorkUnits, values: NewRow): Step[] {
  const { db, dialect } = work;
  const inserted = ({ id, ...values }: NewRow) =>
    db.insertInto("rollcall_sessions").values(toRow(dialect, id, values));
  if (values.clients === NO_CLIENTS) {
    return [step(work.statement("create", values, inserted))];
  }
  if (dialect.joinsChanges) {
    const both = work.statement("create with clients", values, (values) =>
      db
        .with("created", () => inserted(values).returning("id"))
        .insertInto("rollcall_session_clients")
        .columns(["client_id", "id"])
        .expression(
          sql`select ${dialect.clients.inListing(sql.ref("client_id"))}, created.id from created, ${dialect.clients.idsIn(values.clients)} as client`,
        ),
    );
    return [step(both)];
  }
  const { id, clients } = values;
  const listed = work.statement("list clients", { id, clients }, ({ id, clients }) =>
    db
      .insertInto("rollcall_session_clients")
      .columns(["client_id", "id"])
      .expression(
        sql`select ${dialect.clients.inListing(sql.ref("client_id"))}, ${dialect.rowId(id)} from ${dialect.clients.idsIn(clients)} as client`,
      ),
  );
  return [step(work.statement("create", values, inserted)), step(listed)];
}

type NewRow = ReturnType<typeof sessionValues> & { id: string };

const NO_CLIENTS = clientsToJson([]);

async function hasKey(work: WorkUnits, key: string): Promise<boolean> {
  const { rows } = await work.one(existing(work, key));
  return rows.length > 0;
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

/** One row if there is such a session. */
function existing(
  { db, dialect, statement }: WorkUnits,
  key: string,
): Pick<Compilable<{ id: string }>, "compile"> {
  return statement("existing", { key }, ({ key }) =>
    db.selectFrom("rollcall_sessions").select(rowId(dialect)).where("key", "=", dialect.bytes(key)),
  );
}

/** The same, locked; where a time is given, the session must be active then. */
function locked(
  { db, dialect, statement }: WorkUnits,
  values: { key: string; now?: number },
): Pick<Compilable<{ id: string }>, "compile"> {
  return statement("locked", values, ({ key, now }) =>
    db
      .selectFrom("rollcall_sessions")
      .select(rowId(dialect))
      .where("key", "=", dialect.bytes(key))
      .$if(now !== undefined, (query) => query.where(isActiveAt(dialect, now as number)))
      .forUpdate(),
  );
}

function rowId(dialect: SqlDialect) {
  return dialect.digits(sql.ref("id")).as("id");
}

/** By the row that was found, and by no index. */
function isActiveAt(dialect: SqlDialect, now: number) {
  return isActive(dialect.unindexed(sql.ref<number | null>("expires")), now);
}

async function updateSession(
  work: WorkUnits,
  key: string,
  change: CheckedChange,
): Promise<boolean> {
  if (change.length === 0) {
    return await hasKey(work, key);
  }
  const { db, dialect } = work;
  const values = { ...changeValues(change), of: key };
  const update = work.statement("update", values, ({ of, ...values }) => {
    const query = db
      .updateTable("rollcall_sessions")
      .set(toColumns(dialect, values))
      .where("key", "=", dialect.bytes(of));
    return dialect.speaksMysql ? query : query.returning(rowId(dialect));
  });
  try {
    return await changesOne(work, { locked: locked(work, { key }), change: update });
  } catch (error) {
    throw dialect.isDuplicate(error) ? duplicateKey() : error;
  }
}

/**
 * Adds the client to the row, or the `sid` of one that is there, and the session to the listing of
 * the client. Each change of a row waits for the others, so that of several at once none is lost.
 */
async function addClient(
  work: WorkUnits,
  key: string,
  client: CheckedClient,
  now: number,
): Promise<boolean> {
  const { db, dialect } = work;
  const values = { key, now, clientId: client.clientId, sid: client.sessionId ?? null };
  const updated = ({ key, now, clientId, sid }: typeof values) =>
    db
      .updateTable("rollcall_sessions")
      .set(dialect.clients.with(clientId, sid))
      .where("key", "=", dialect.bytes(key))
      .where(isActiveAt(dialect, now));
  const listed = (clientId: string, sessions: RawBuilder<unknown>) =>
    db
      .insertInto("rollcall_session_clients")
      .columns(["client_id", "id"])
      .expression(sql`select ${dialect.clients.inListing(clientId)}, id from ${sessions}`)
      .$if(!dialect.speaksMysql, (query) => query.onConflict((conflict) => conflict.doNothing()))
      .$if(dialect.speaksMysql, (query) =>
        query.onDuplicateKeyUpdate({ client_id: sql.ref("rollcall_session_clients.client_id") }),
      );
  if (dialect.joinsChanges) {
    const all = work.statement("add client", values, (values) =>
      db
        .with("changed", () => updated(values).returning("id"))
        .with("listed", () => listed(values.clientId, sql`changed`))
        .selectFrom("changed")
        .select(rowId(dialect)),
    );
    return (await work.one(all)).rows.length > 0;
  }
  const update = work.statement("add client", values, (values) =>
    dialect.speaksMysql ? updated(values) : updated(values).returning(rowId(dialect)),
  );
  const list = work.statement("list session", { key, now, clientId: client.clientId }, (values) =>
    listed(
      values.clientId,
      sql`rollcall_sessions where ${sql.ref("key")} = ${dialect.bytes(values.key)} and ${isActiveAt(dialect, values.now)}`,
    ),
  );
  return await changesOne(work, { locked: locked(work, { key, now }), change: update }, step(list));
}

async function removeSessions(work: WorkUnits, keys: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  const { lock, remove } = removalSteps(work, keys, (key) => removed.push(key));
  await work.all([...lock, ...remove]);
  return removed;
}

/**
 * Removes the sessions that are still there, also from the listing of their clients, and reports
 * the keys of those. `lock` comes first in the unit of work: where rows are locked, all but one of
 * several transactions that are about to remove the same wait there, and find them gone.
 */
export function removalSteps(
  work: WorkUnits,
  keys: readonly string[],
  onRemoved: (key: string) => void,
): { lock: Step[]; remove: Step[] } {
  const { db, dialect } = work;
  const lock: Step[] = [];
  const remove: Step[] = [];
  const tell = (rows: { key: string }[]) => {
    for (const { key } of rows) onRemoved(key);
  };
  const key = dialect.hex(sql.ref("key")).as("key");
  for (const some of jsonChunks([...new Set(keys)].sort(), dialect.listLength)) {
    const isMeant = dialect.isOneOfKeys(some);
    remove.push(step({ compile: () => dialect.clients.unlist(isMeant).compile(db) }));
    const removal = db.deleteFrom("rollcall_sessions").where(isMeant);
    if (dialect.locksRows) {
      const meant = db.selectFrom("rollcall_sessions").select(key).where(isMeant);
      lock.push(step(meant.orderBy("rollcall_sessions.key").forUpdate(), tell));
      remove.push(step(removal));
    } else {
      remove.push(step(removal.returning(key), tell));
    }
  }
  return { lock, remove };
}
