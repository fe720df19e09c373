/**
 * Rows of a session store as callers see them. The core imports this file by name: it passes on the
 * objects that the store returned.
 *
 * @module
 */

import { RollcallError } from "../errors.js";
import type { StoredSession, TicketSession, UserSession } from "../types.js";

/** The rows from `start` to `end`, each without its key and with its ticket if it was opened. */
export function userSessions(
  rows: unknown[],
  start: number,
  end: number,
  tickets: unknown[] | undefined,
): UserSession[] {
  const sessions = new Array<UserSession>(end - start);
  for (let index = start; index < end; index += 1) {
    sessions[index - start] = userSession(rows[index], tickets?.[index - start]);
  }
  return sessions;
}

function userSession(value: unknown, ticket: unknown): UserSession {
  const row = storedSession(value, "sessions.list");
  const session: UserSession = {
    subjectId: row.subjectId,
    sessionId: row.sessionId,
    created: new Date(row.created),
    renewed: new Date(row.renewed),
    clientIds: row.clients.map((client) => client.clientId),
  };
  if (row.displayName != null) session.displayName = row.displayName;
  if (row.issuer != null) session.issuer = row.issuer;
  if (row.expires != null) session.expires = new Date(row.expires);
  if (row.ipAddress != null) session.ipAddress = row.ipAddress;
  if (row.userAgent != null) session.userAgent = row.userAgent;
  if (row.attributes != null) session.attributes = row.attributes;
  if (ticket !== undefined) session.authenticationTicket = ticket;
  return session;
}

/** A row for the sign-in path, without its key and with its ticket opened. */
export function ticketSession(value: unknown, ticket: unknown): TicketSession {
  const row = storedSession(value, "sessions.get");
  const { key: _key, displayNameFolded: _folded, ticket: _sealed, ...session } = row;
  return ticket === undefined ? session : { ...session, ticket };
}

/** The ids of a session that ended. */
export type SessionIds = Pick<StoredSession, "subjectId" | "sessionId">;

/** A copy of a list of sessions that ended; `undefined` if it is none. */
export function endedSessions(list: unknown): SessionIds[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const sessions = new Array<SessionIds>(list.length);
  for (let index = 0; index < sessions.length; index += 1) {
    const { subjectId, sessionId }: { [Name in keyof SessionIds]?: unknown } = Object(list[index]);
    if (typeof subjectId !== "string" || typeof sessionId !== "string") return undefined;
    sessions[index] = { subjectId, sessionId };
  }
  return sessions;
}

/** The row, checked as far as callers see it. */
function storedSession(value: unknown, source: string): StoredSession {
  const row: { [Name in keyof StoredSession]?: unknown } = Object(value);
  const wrong = wrongMember(row);
  if (wrong !== undefined) {
    const message = `\`${source}\` returned a row whose ${wrong}: see \`StoredSession\``;
    throw new RollcallError("store_failed", message);
  }
  return row as StoredSession;
}

function wrongMember(row: { [Name in keyof StoredSession]?: unknown }): string | undefined {
  for (const name of ["subjectId", "sessionId"] as const) {
    if (typeof row[name] !== "string") return `\`${name}\` is not a string`;
  }
  for (const name of ["created", "renewed", "expires"] as const) {
    const isAbsent = name === "expires" && row[name] == null;
    if (!isAbsent && !Number.isFinite(row[name])) return `\`${name}\` is not epoch milliseconds`;
  }
  if (!Array.isArray(row.clients)) return "`clients` is not a list";
  const isClient = (client: { clientId?: unknown } | null | undefined) =>
    typeof client?.clientId === "string";
  const index = row.clients.findIndex((client) => !isClient(client));
  return index < 0 ? undefined : `\`clients.${index}.clientId\` is not a string`;
}
