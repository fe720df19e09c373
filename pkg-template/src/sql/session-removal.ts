/**
 * Removing sessions by their keys.
 *
 * @module
 */

import { sql } from "kysely";
import { jsonChunks } from "../stores/chunks.js";
import type { RemovedSession, SessionCondition } from "../types.js";
import { recordEnded } from "./ending/ended-listings.js";
import {
  deleteLocked,
  HAS_READABLE_CLIENTS,
  hasId,
  type LockedRow,
  SESSIONS_BY_ID,
} from "./mysql/locked.js";
import { type ConditionValues, conditionOf, conditionValues } from "./session-condition.js";
import { column } from "./session-filter.js";
import { type RemovedRow, removedColumns, toRemoved } from "./session-rows.js";
import { unlist } from "./sqlite/clients.js";
import { type Step, step, type WorkUnits } from "./unit-of-work.js";

/** Removes the existing sessions that meet the condition, and returns them. */
export async function removeSessions(
  work: WorkUnits,
  keys: readonly string[],
  condition: SessionCondition,
): Promise<RemovedSession[]> {
  const lists = jsonChunks([...new Set(keys)].sort(), work.dialect.listLength).map((some) =>
    JSON.stringify(some),
  );
  if (work.dialect.hasMysqlSyntax) {
    return await removeLocked(work, lists, condition);
  }
  const removed: RemovedSession[] = [];
  const values = conditionValues(condition);
  await work.all(
    lists.flatMap((keys) =>
      removalSteps(work, { keys, if: values }, (rows) => {
        for (const row of rows) removed.push(toRemoved(row));
      }),
    ),
  );
  return removed;
}

type RemovalValues = { keys: string; if: ConditionValues };

function removalSteps(
  { dialect, statement, raw }: WorkUnits,
  values: RemovalValues,
  take: (rows: RemovedRow[]) => void,
): Step[] {
  const conditionOn = ({ keys, if: condition }: RemovalValues) =>
    sql`${dialect.isOneOfKeys(column.key, keys)} and ${conditionOf(dialect, condition)}`;
  const columns = removedColumns(dialect);
  if (dialect.joinsChanges) {
    const removal = statement("remove", values, (values) =>
      raw(sql<RemovedRow>`with locked as materialized (
          select s.id from rollcall_sessions as s where ${conditionOn(values)} order by s.id for update),
        deleted as (delete from rollcall_sessions as s where s.id = any(array(select id from locked)) returning
          s.id, s.key, s.subject_id, s.session_id, s.issuer, s.clients, s.sids),
        ended_listings as ${recordEnded("deleted")}
        select ${columns} from deleted as s`),
    );
    return [step(removal, take)];
  }
  const unlisting = statement("remove from the listing", values, (values) =>
    raw(unlist(conditionOn(values))),
  );
  // `returning` doesn't know the table's alias.
  const removal = statement("remove", values, (values) =>
    raw(sql<RemovedRow>`delete from rollcall_sessions as s where ${conditionOn(values)}
      returning ${dialect.hex(sql.ref("key"))} as key, subject_id, session_id, issuer, clients`),
  );
  return [step(unlisting), step(removal, take)];
}

async function removeLocked(
  work: WorkUnits,
  lists: readonly string[],
  condition: SessionCondition,
): Promise<RemovedSession[]> {
  const { db, dialect } = work;
  const meets = conditionOf(dialect, conditionValues(condition));
  return await work.interactive(async (run) => {
    const removed: RemovedSession[] = [];
    for (const keys of lists) {
      const hasKey = dialect.isOneOfKeys(column.key, keys);
      const ids = await run(
        db
          .selectFrom("rollcall_sessions as s")
          .select(dialect.digits(column.id).as("id"))
          .where(hasKey),
      );
      if (ids.length === 0) continue;
      // With the keys again, because a row can have another key by now.
      const locked = sql<
        RemovedRow & LockedRow
      >`select ${dialect.digits(column.id)} as id, ${HAS_READABLE_CLIENTS} as readable, ${removedColumns(dialect)}
        from ${SESSIONS_BY_ID} where ${hasId(ids)} and ${hasKey} and ${meets} order by s.id for update`;
      const rows = await run(work.raw(locked));
      await deleteLocked(run, work, rows);
      for (const row of rows) removed.push(toRemoved(row));
    }
    return removed;
  });
}
