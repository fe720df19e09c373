/**
 * Converts sessions to rows and back.
 *
 * @module
 */

import { type RawBuilder, type Selectable, sql, type Updateable } from "kysely";
import { fromAttributesJson, fromJson } from "../stores/json.js";
import type { CheckedClient, CheckedSession } from "../stores/session.js";
import type { CheckedChange } from "../stores/session-change.js";
import type {
  ClientSession,
  RemovedSession,
  StoredSession,
  StoredSessionChange,
} from "../types.js";
import type { SqlDialect } from "./dialect.js";
import { createdAt } from "./row-id.js";
import { type SessionsTable, toNumber } from "./tables.js";
import { ticketFromHex, ticketToHex } from "./ticket-bytes.js";

/**
 * A session as it is read. Drivers read 64-bit integers, bytes and JSON differently, so they are
 * selected as strings.
 */
export type SessionRow = Omit<
  Selectable<SessionsTable>,
  "id" | "key" | "clients" | "sids" | "ticket"
> & {
  id: string;
  key: string;
  clients: string;
  ticket: string | null;
};

/** The columns of a session. Its alias is `s`. */
export function sessionColumns(dialect: SqlDialect) {
  return [
    dialect.digits(sql.ref("s.id")).as("id"),
    dialect.hex(sql.ref("s.key")).as("key"),
    "s.scheme",
    "s.subject_id",
    "s.session_id",
    "s.display_name",
    "s.display_name_folded",
    "s.issuer",
    "s.renewed",
    "s.expires",
    "s.ip_address",
    "s.user_agent",
    "s.attributes",
    dialect.clients.asJson().as("clients"),
    dialect.hex(sql.ref("s.ticket")).as("ticket"),
  ] as const;
}

/** The columns of a removed session. */
export type RemovedRow = Pick<
  SessionRow,
  "key" | "subject_id" | "session_id" | "issuer" | "clients"
>;

/** The columns of a removed session. Its alias is `s`. */
export function removedColumns(dialect: SqlDialect): RawBuilder<unknown> {
  return sql`${dialect.hex(sql.ref("s.key"))} as ${sql.ref("key")}, s.subject_id, s.session_id, s.issuer, ${dialect.clients.asJson()} as clients`;
}

/** Converts it to the type of the port. */
export function toRemoved(row: RemovedRow): RemovedSession {
  const session: RemovedSession = {
    key: row.key,
    subjectId: row.subject_id,
    sessionId: row.session_id,
    clients: fromClientsJson(row.clients) ?? [],
  };
  if (row.issuer !== null) session.issuer = row.issuer;
  return session;
}

/** Converts a row to a session of the port: a null column becomes an absent member. */
export function fromRow(row: SessionRow): StoredSession {
  const session: StoredSession = {
    key: row.key,
    scheme: row.scheme,
    subjectId: row.subject_id,
    sessionId: row.session_id,
    created: createdAt(BigInt(row.id)),
    renewed: toNumber(row.renewed),
    // The core treats a row without a list of clients as unreadable.
    clients: fromClientsJson(row.clients) as ClientSession[],
  };
  if (row.display_name !== null) session.displayName = row.display_name;
  if (row.display_name_folded !== null) session.displayNameFolded = row.display_name_folded;
  if (row.issuer !== null) session.issuer = row.issuer;
  if (row.expires !== null) session.expires = toNumber(row.expires);
  if (row.ip_address !== null) session.ipAddress = row.ip_address;
  if (row.user_agent !== null) session.userAgent = row.user_agent;
  if (row.attributes !== null) session.attributes = fromAttributesJson(row.attributes);
  if (row.ticket !== null) session.ticket = ticketFromHex(row.ticket);
  return session;
}

/**
 * Client ids, or pairs with a `sid`. `undefined` for anything else: a damaged row must not fail its
 * page.
 */
function fromClientsJson(json: string): ClientSession[] | undefined {
  const clients = fromJson(json);
  if (!Array.isArray(clients) || !clients.every(isClient)) return undefined;
  return clients.map((client) => {
    const [clientId, sid] = typeof client === "string" ? [client] : client;
    return sid == null ? { clientId } : { clientId, sessionId: sid };
  });
}

function isClient(client: unknown): client is string | [clientId: string, sid?: string | null] {
  return typeof client === "string" || (Array.isArray(client) && typeof client[0] === "string");
}

/**
 * The clients of a new session, each once; if a client has several `sessionId`s, the last one
 * counts.
 */
export function clientsToJson(clients: readonly CheckedClient[]): string {
  const sids = new Map<string, string | null>();
  for (const { clientId, sessionId } of clients) {
    sids.set(clientId, sessionId ?? sids.get(clientId) ?? null);
  }
  return JSON.stringify([...sids]);
}

/** A new session as the values of a statement. */
export function sessionValues(session: CheckedSession) {
  return {
    key: session.key,
    scheme: session.scheme,
    subjectId: session.subjectId,
    sessionId: session.sessionId,
    displayName: session.displayName ?? null,
    displayNameFolded: session.displayNameFolded ?? null,
    issuer: session.issuer ?? null,
    renewed: session.renewed,
    expires: session.expires ?? null,
    ipAddress: session.ipAddress ?? null,
    userAgent: session.userAgent ?? null,
    attributes: session.attributes === undefined ? null : JSON.stringify(session.attributes),
    ticket: session.ticket === undefined ? null : ticketToHex(session.ticket),
    clients: clientsToJson(session.clients),
  };
}

/** Converts them to a row. */
export function toRow(dialect: SqlDialect, id: string, values: ReturnType<typeof sessionValues>) {
  return {
    id: dialect.rowId(id),
    key: dialect.bytes(values.key),
    scheme: values.scheme,
    subject_id: values.subjectId,
    session_id: values.sessionId,
    display_name: values.displayName,
    display_name_folded: values.displayNameFolded,
    issuer: values.issuer,
    renewed: integer(dialect, values.renewed),
    expires: integer(dialect, values.expires),
    ip_address: values.ipAddress,
    user_agent: values.userAgent,
    attributes: values.attributes,
    ...dialect.clients.columns(values.clients),
    ticket: dialect.bytes(values.ticket),
  };
}

/** With its type: a selected row needs it, unlike one of `values`. */
function integer<T extends number | null>({ integerType }: SqlDialect, value: T): RawBuilder<T> {
  return sql`cast(${value} as ${sql.raw(integerType)})`;
}

/** A change as the values of a statement. */
export function changeValues(change: CheckedChange): ChangeValues {
  const values = change.map(([name, value]) => [name, changedValue(name, value)]);
  return Object.fromEntries(values);
}

type ChangeValues = { [Name in keyof StoredSessionChange]: string | number | null };

function changedValue(name: string, value: CheckedChange[number][1]): string | number | null {
  if (name === "ticket" && typeof value === "string") return ticketToHex(value);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

/** The columns that a change sets. */
export function toColumns(dialect: SqlDialect, values: ChangeValues): Updateable<SessionsTable> {
  const columns = Object.entries(values).map(([name, value]) => {
    const column = COLUMN_OF[name as keyof StoredSessionChange];
    const isBytes = column === "key" || column === "ticket";
    return [column, isBytes ? dialect.bytes(value as string | null) : value];
  });
  return Object.fromEntries(columns);
}

const COLUMN_OF: {
  readonly [Name in keyof StoredSessionChange]-?: keyof Updateable<SessionsTable>;
} = {
  key: "key",
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
