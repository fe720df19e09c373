/**
 * Sessions as rows and back.
 *
 * @module
 */

import { type Insertable, type Selectable, sql, type Updateable } from "kysely";
import type { CheckedSession } from "../stores/session.js";
import type { CheckedChange } from "../stores/session-change.js";
import type { ClientSession, StoredSession, StoredSessionChange } from "../types.js";
import type { SqlDialect } from "./dialect.js";
import { type SessionsTable, toNumber } from "./tables.js";

/** A session as it is read, with its clients as JSON. */
export type SessionRow = Selectable<SessionsTable> & { clients: string };

/** All that is read of a session. The sessions go by the name `s`. */
export const SESSION_COLUMNS = [
  "s.id",
  "s.key",
  "s.scheme",
  "s.subject_id",
  "s.session_id",
  "s.display_name",
  "s.display_name_folded",
  "s.issuer",
  "s.created",
  "s.renewed",
  "s.expires",
  "s.ip_address",
  "s.user_agent",
  "s.attributes",
  "s.ticket",
] as const;

/** The clients of the session in the same row: one statement reads a page and all its clients. */
export function sessionClients(dialect: SqlDialect) {
  return dialect.clientsAsJson(sql.ref<number>("s.id")).as("clients");
}

/** A session in the form of the port: what is null in the row is absent. */
export function fromRow(row: SessionRow): StoredSession {
  const session: StoredSession = {
    key: row.key,
    scheme: row.scheme,
    subjectId: row.subject_id,
    sessionId: row.session_id,
    created: toNumber(row.created),
    renewed: toNumber(row.renewed),
    clients: fromClientsJson(row.clients),
  };
  if (row.display_name !== null) session.displayName = row.display_name;
  if (row.display_name_folded !== null) session.displayNameFolded = row.display_name_folded;
  if (row.issuer !== null) session.issuer = row.issuer;
  if (row.expires !== null) session.expires = toNumber(row.expires);
  if (row.ip_address !== null) session.ipAddress = row.ip_address;
  if (row.user_agent !== null) session.userAgent = row.user_agent;
  if (row.attributes !== null) session.attributes = JSON.parse(row.attributes);
  if (row.ticket !== null) session.ticket = row.ticket;
  return session;
}

function fromClientsJson(json: string): ClientSession[] {
  const rows: [ordinal: number, clientId: string, sid: string | null][] = JSON.parse(json);
  // An aggregate promises no order.
  rows.sort(([first], [second]) => first - second);
  return rows.map(([, clientId, sid]) =>
    sid === null ? { clientId } : { clientId, sessionId: sid },
  );
}

/** A new row. The clients go into a table of their own. */
export function toRow(session: CheckedSession): Insertable<SessionsTable> {
  return {
    key: session.key,
    scheme: session.scheme,
    subject_id: session.subjectId,
    session_id: session.sessionId,
    display_name: session.displayName ?? null,
    display_name_folded: session.displayNameFolded ?? null,
    issuer: session.issuer ?? null,
    created: session.created,
    renewed: session.renewed,
    expires: session.expires ?? null,
    ip_address: session.ipAddress ?? null,
    user_agent: session.userAgent ?? null,
    attributes: toJson(session.attributes),
    ticket: session.ticket ?? null,
  };
}

const COLUMN_OF: {
  readonly [Name in keyof StoredSessionChange]-?: keyof Updateable<SessionsTable>;
} = {
  scheme: "scheme",
  subjectId: "subject_id",
  sessionId: "session_id",
  displayName: "display_name",
  displayNameFolded: "display_name_folded",
  issuer: "issuer",
  renewed: "renewed",
  expires: "expires",
  ipAddress: "ip_address",
  userAgent: "user_agent",
  attributes: "attributes",
  ticket: "ticket",
};

/** The columns that a change sets. */
export function toColumns(change: CheckedChange): Updateable<SessionsTable> {
  const columns = change.map(([name, value]) => [
    COLUMN_OF[name],
    typeof value === "object" ? toJson(value) : value,
  ]);
  return Object.fromEntries(columns);
}

function toJson(attributes: Record<string, string> | null | undefined): string | null {
  return attributes == null ? null : JSON.stringify(attributes);
}
