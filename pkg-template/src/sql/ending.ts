/**
 * Ends sessions as a set: sessions, notifications and grants in one transaction.
 *
 * @module
 */

import { bare } from "../plain-object.js";
import type { EndingAdapter } from "../stores/checked-stores.js";
import type { CheckedPick, CheckedStep } from "../stores/ending.js";
import type { EndedSessions } from "../types.js";
import { clientsOnMysql, endOnMysql } from "./ending/mysql.js";
import { planPick } from "./ending/pick.js";
import { clientsOnPostgres, endOnPostgres } from "./ending/postgres.js";
import { clientsOnSqlite, endOnSqlite } from "./ending/sqlite.js";
import { admitSession } from "./session-creation.js";
import type { WorkUnits } from "./unit-of-work.js";

/** The atomic ending of this database. */
export function atomicEnding(work: WorkUnits): EndingAdapter {
  return {
    clientsOf: (pick) => clientsOf(work, pick),
    endSessions: (step) => endSessions(work, step),
    admit: (session, limit, now, issuer) =>
      admitSession(work, session, bare({ limit, now, ofIssuer: issuer })),
  };
}

async function clientsOf(work: WorkUnits, pick: CheckedPick): Promise<string[]> {
  const { hasMysqlSyntax, joinsChanges } = work.dialect;
  const planned = await planPick(work, pick);
  if (hasMysqlSyntax) return await clientsOnMysql(work, planned);
  return await (joinsChanges ? clientsOnPostgres : clientsOnSqlite)(work, planned);
}

async function endSessions(work: WorkUnits, step: CheckedStep): Promise<EndedSessions> {
  const { hasMysqlSyntax, joinsChanges } = work.dialect;
  if (hasMysqlSyntax) return await endOnMysql(work, step);
  return await (joinsChanges ? endOnPostgres : endOnSqlite)(work, step);
}
