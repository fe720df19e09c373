/**
 * The session store.
 *
 * @module
 */

import { type Compilable, sql } from "kysely";
import { RollcallError } from "../errors.js";
import type { SessionAdapter } from "../stores/checked-stores.js";
import { jsonChunks } from "../stores/chunks.js";
import type { CheckedClient, CheckedSession } from "../stores/session.js";
import type { CheckedChange } from "../stores/session-change.js";
import type { StoredSession } from "../types.js";
import { changesOne } from "./change.js";
import type { SqlDialect } from "./dialect.js";
import { isActive } from "./session-filter.js";
import { countSessions, listSessions } from "./session-list.js";
import { fromRow, SESSION_COLUMNS, sessionClients, toColumns, toRow } from "./session-rows.js";
import type { SessionClientsTable } from "./tables.js";
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

async function createSession(work: WorkUnits, session: CheckedSession): Promise<void> {
  const steps = [step(work.db.insertInto("rollcall_sessions").values(toRow(session)))];
  if (session.clients.length > 0) {
    steps.push(step(insertClients(work, session)));
  }
  try {
    await work.all(steps);
  } catch (error) {
    // Without the engine's own error as the cause: some engines write the key into it.
    throw work.dialect.isDuplicate(error)
      ? new RollcallError(
          "store_failed",
          "a session with this key is there already: make a new key",
        )
      : error;
  }
}

async function getSession(work: WorkUnits, key: string): Promise<StoredSession | undefined> {
  const query = work.db
    .selectFrom("rollcall_sessions as s")
    .select(SESSION_COLUMNS)
    .select(sessionClients(work.dialect))
    .where("s.key", "=", key);
  const { rows } = await work.one(query);
  return rows[0] && fromRow(rows[0]);
}

async function updateSession(
  work: WorkUnits,
  key: string,
  change: CheckedChange,
): Promise<boolean> {
  const columns = toColumns(change);
  if (Object.keys(columns).length === 0) {
    const { rows } = await work.one(
      work.db.selectFrom("rollcall_sessions").select("id").where("key", "=", key),
    );
    return rows.length > 0;
  }
  return await changesOne(work, {
    locked: work.db.selectFrom("rollcall_sessions").select("id").where("key", "=", key).forUpdate(),
    change: work.db.updateTable("rollcall_sessions").set(columns).where("key", "=", key),
    column: "id",
  });
}

/** One statement, or behind the lock of the session, so that of several at once none is lost. */
async function addClient(
  work: WorkUnits,
  key: string,
  client: CheckedClient,
  now: number,
): Promise<boolean> {
  const { db, dialect } = work;
  const { locksRows, numbersClients, speaksMysql } = dialect;
  const nextOrdinal = sql<number>`coalesce(
    (select max(ordinal) + 1 from rollcall_session_clients where session_id = ${sql.ref("s.id")}), 0)`;
  const query = db
    .insertInto("rollcall_session_clients")
    .columns(clientColumns(dialect))
    .expression((eb) =>
      eb
        .selectFrom("rollcall_sessions as s")
        .select([
          "s.id",
          eb.val(client.clientId).as("client_id"),
          eb.val(client.sessionId ?? null).as("sid"),
          "s.created",
        ])
        .$if(!numbersClients, (query) => query.select(nextOrdinal.as("ordinal")))
        .where("s.key", "=", key)
        .where(isActive(dialect.unindexed(sql.ref<number | null>("s.expires")), now))
        // A removal of the session waits, or this waits for it and then finds no session.
        .$if(locksRows && !speaksMysql, (query) => query.forKeyShare("s")),
    );
  const oldSid = sql.ref<string | null>("rollcall_session_clients.sid");
  return await changesOne(work, {
    locked: db
      .selectFrom("rollcall_sessions")
      .select("id as session_id")
      .where("key", "=", key)
      .where(isActive(dialect.unindexed(sql.ref<number | null>("expires")), now))
      .forUpdate(),
    change: speaksMysql
      ? query.onDuplicateKeyUpdate({ sid: sql`coalesce(values(sid), ${oldSid})` })
      : query.onConflict((conflict) =>
          conflict
            .columns(["session_id", "client_id"])
            .doUpdateSet((eb) => ({ sid: eb.fn.coalesce("excluded.sid", oldSid) })),
        ),
    column: "session_id",
  });
}

async function removeSessions(work: WorkUnits, keys: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  const { lock, remove } = removalSteps(work, keys, (key) => removed.push(key));
  await work.all([...lock, ...remove]);
  return removed;
}

/**
 * Removes the sessions that are still there with their clients, and tells the keys of those. `lock`
 * comes first in the unit of work: where rows are locked, all but one of several transactions that
 * are about to remove the same wait there, and find them gone.
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
  for (const some of jsonChunks([...new Set(keys)].sort(), dialect.listLength)) {
    const isMeant = dialect.isOneOf(sql.ref("key"), some);
    const meant = db.selectFrom("rollcall_sessions").where(isMeant);
    if (!dialect.removesClients) {
      const ofMeant = dialect.isAmong(sql.ref("session_id"), meant.select("id"));
      remove.push(step(db.deleteFrom("rollcall_session_clients").where(ofMeant)));
    }
    const removal = db.deleteFrom("rollcall_sessions").where(isMeant);
    if (dialect.locksRows) {
      lock.push(step(meant.select("key").orderBy("key").forUpdate(), tell));
      remove.push(step(removal));
    } else {
      remove.push(step(removal.returning("key"), tell));
    }
  }
  return { lock, remove };
}

/**
 * The clients of a new session, each once; of several `sessionId`s of one client the last one
 * counts.
 */
function insertClients({ db, dialect }: WorkUnits, session: CheckedSession): Compilable<unknown> {
  const sids = new Map<string, string | null>();
  for (const { clientId, sessionId } of session.clients) {
    sids.set(clientId, sessionId ?? sids.get(clientId) ?? null);
  }
  const rows = Array.from(sids, ([clientId, sid], index) => [index, clientId, sid]);
  const ordinal = dialect.rowColumn<number>("client", 0, "integer");
  return db
    .insertInto("rollcall_session_clients")
    .columns(clientColumns(dialect))
    .expression((eb) =>
      eb
        .selectFrom(["rollcall_sessions as s", dialect.rows(rows).as("client")])
        .select([
          "s.id",
          dialect.rowColumn<string>("client", 1, "text").as("client_id"),
          dialect.rowColumn<string | null>("client", 2, "text").as("sid"),
          "s.created",
        ])
        .$if(!dialect.numbersClients, (query) => query.select(ordinal.as("ordinal")))
        .where("s.key", "=", session.key)
        .$if(dialect.numbersClients, (query) => query.orderBy(ordinal)),
    );
}

/** What is stored of a client, in the order in which it is selected. */
function clientColumns({ numbersClients }: SqlDialect): (keyof SessionClientsTable)[] {
  return [
    "session_id",
    "client_id",
    "sid",
    "created",
    ...(numbersClients ? [] : ["ordinal" as const]),
  ];
}
