/**
 * Computes the result of a step over plain arrays: the slow and obvious way. The order and the ids
 * of the rows depend on the store, so they are read from it.
 *
 * @module
 */

import type {
  EndingGrants,
  EndingNotices,
  EndingPick,
  LogoutNotification,
  PersistedGrant,
  StoredSession,
} from "../types.js";
import type { Places } from "./ending-samples.js";
import { matchingGrants } from "./grant-model.js";
import { matches } from "./model.js";

/** The sessions that match a pick, in its order. Its `limit` is not applied. */
export function matchingPick(
  rows: readonly StoredSession[],
  pick: EndingPick,
  places: Places,
): StoredSession[] {
  const { filter, keys, exceptSessionIds, surplus, order, after } = pick;
  const surplusRows = surplus && surplusOf(rows, filter, surplus, places);
  const firstPlace = after === undefined ? 0 : places[order].positions.indexOf(after) + 1;
  return inOrder(rows, order, places).filter(
    (row) =>
      matches(filter, row) &&
      (keys === undefined || keys.includes(row.key)) &&
      !(exceptSessionIds ?? []).includes(row.sessionId) &&
      (surplusRows === undefined || surplusRows.includes(row)) &&
      places[order].keys.indexOf(row.key) >= firstPlace,
  );
}

function surplusOf(
  rows: readonly StoredSession[],
  filter: EndingPick["filter"],
  { keep, by, activeAt }: NonNullable<EndingPick["surplus"]>,
  places: Places,
): StoredSession[] {
  const active = inOrder(rows, "oldest", places).filter(
    (row) => matches(filter, row) && matches({ activeAt }, row),
  );
  // `sort` leaves rows of the same time in the order `oldest`.
  const sorted = active.sort((one, other) => one[by] - other[by]);
  return sorted.slice(0, Math.max(0, sorted.length - keep));
}

/** The rows in an order; `expiry` leaves out rows that never expire. */
function inOrder(
  rows: readonly StoredSession[],
  order: EndingPick["order"],
  places: Places,
): StoredSession[] {
  return places[order].keys.flatMap((key) => rows.filter((row) => row.key === key));
}

/** The ids of the clients of these sessions, without duplicates, sorted. */
export function clientIdsOf(rows: readonly StoredSession[]): string[] {
  return [
    ...new Set(rows.flatMap(({ clients }) => clients.map(({ clientId }) => clientId))),
  ].sort();
}

/** The notifications for the end of these sessions, each with a `kind`. */
export function noticesOf(
  ended: readonly StoredSession[],
  { clients, others, ...common }: EndingNotices,
  places: Places,
  rowIdOf: (key: string) => string,
): LogoutNotification[] {
  const notices = new Map<string, LogoutNotification>();
  for (const session of inOrder(ended, "oldest", places)) {
    for (const client of session.clients) {
      const { by, ways } = clients.find(({ clientId }) => clientId === client.clientId) ?? {
        by: "session" as const,
        ways: others ? [{ kind: "logout" as const }] : [],
      };
      for (const way of ways) {
        const prefix = way.kind === "session_revoked" ? "event:" : "";
        const entry: LogoutNotification = {
          id: `${prefix}${by}:${rowIdOf(session.key)}:${client.clientId}`,
          ...way,
          clientId: client.clientId,
          subjectId: session.subjectId,
          ...(by === "session" && { sessionId: client.sessionId ?? session.sessionId }),
          ...(session.issuer !== undefined && { issuer: session.issuer }),
          reason: common.reason,
          attempt: 0,
          created: common.created,
          ...(common.notBefore !== undefined && { notBefore: common.notBefore }),
        };
        // By subject, a later session replaces an earlier one.
        const isFor = by === "session" ? [session.key] : [session.subjectId, session.issuer];
        notices.set(JSON.stringify([by, way.kind, client.clientId, ...isFor]), entry);
      }
    }
  }
  return [...notices.values()];
}

/** The grants that a step removes when it ends these sessions. */
export function grantsRemoved(
  grants: readonly PersistedGrant[],
  { matching = [], ofSessions }: EndingGrants,
  ended: readonly StoredSession[],
): PersistedGrant[] {
  return grants.filter(
    (grant) =>
      matching.some((filter) => matchingGrants(filter, [grant]).length > 0) ||
      (ofSessions !== undefined && ended.some((session) => isGrantOf(session, grant, ofSessions))),
  );
}

function isGrantOf(
  session: StoredSession,
  grant: PersistedGrant,
  { types, clientIds, exceptClientIds, ofParticipants }: NonNullable<EndingGrants["ofSessions"]>,
): boolean {
  const participants = session.clients.map(({ clientId }) => clientId);
  return (
    grant.subjectId === session.subjectId &&
    grant.sessionId === session.sessionId &&
    (types.length === 0 || types.includes(grant.type)) &&
    (clientIds === undefined || clientIds.includes(grant.clientId)) &&
    (exceptClientIds === undefined || !exceptClientIds.includes(grant.clientId)) &&
    (ofParticipants !== true || participants.includes(grant.clientId))
  );
}
