/**
 * Rows of a session store as callers see them. The core imports this file by name, and passes on
 * the objects that the store returned.
 *
 * @module
 */

import { RollcallError } from "../errors.js";
import type { StoredSession, TicketSession, UserSession } from "../types.js";

/** The rows of a page as users see them, and the rows that couldn't be read completely. */
export interface ShownRows {
  sessions: UserSession[];
  /** Their ids and issuers, as far as they can be read, and the reason. */
  unreadable: { subjectId: string; sessionId: string; issuer?: string; error: string }[];
}

/**
 * The rows at these indexes, each without its key and with its ticket if it was opened. A damaged
 * row doesn't fail the page: it is returned without its unreadable members, or left out if its ids
 * or times are among them. If that leaves no rows, the call fails with `store_failed`.
 */
export function userSessions(
  rows: unknown[],
  indexes: Uint32Array,
  tickets: unknown[] | undefined,
): ShownRows {
  const shown: ShownRows = { sessions: [], unreadable: [] };
  let failure: RollcallError | undefined;
  for (const [place, index] of indexes.entries()) {
    const { members, wrong } = readableMembers(rows[index]);
    const [first] = wrong;
    if (first !== undefined) {
      const error = badRow("sessions.list", first.reason);
      const { subjectId = "", sessionId = "", issuer } = members;
      const ids = { subjectId, sessionId, ...(typeof issuer === "string" && { issuer }) };
      shown.unreadable.push({ ...ids, error: error.message });
      if (!isWhole(members)) {
        failure ??= error;
        continue;
      }
    }
    if (isWhole(members)) shown.sessions.push(userSession(members, wrong, tickets?.[place]));
  }
  if (failure !== undefined && shown.sessions.length === 0) throw failure;
  return shown;
}

/** A session that can be shown. */
type Shown = Partial<StoredSession> &
  Pick<StoredSession, "subjectId" | "sessionId" | "created" | "renewed">;

function isWhole(row: Partial<StoredSession>): row is Shown {
  const { subjectId, sessionId, created, renewed } = row;
  return ![subjectId, sessionId, created, renewed].includes(undefined);
}

function userSession(row: Shown, wrong: readonly Wrong[], ticket: unknown): UserSession {
  const session: UserSession = {
    subjectId: row.subjectId,
    sessionId: row.sessionId,
    created: new Date(row.created),
    renewed: new Date(row.renewed),
    clientIds: (row.clients ?? []).map((client) => client.clientId),
  };
  if (row.displayName != null) session.displayName = row.displayName;
  if (row.issuer != null) session.issuer = row.issuer;
  if (row.expires != null) session.expires = new Date(row.expires);
  if (row.ipAddress != null) session.ipAddress = row.ipAddress;
  if (row.userAgent != null) session.userAgent = row.userAgent;
  if (row.attributes != null) session.attributes = row.attributes;
  if (ticket !== undefined) session.authenticationTicket = ticket;
  if (wrong.length > 0) {
    session.unreadable = wrong.map(({ name }) => (name === "clients" ? "clientIds" : name));
  }
  return session;
}

/** A row for the sign-in path, without its key and with its ticket opened. */
export function ticketSession(value: unknown, ticket: unknown): TicketSession {
  const row: Members = Object(value);
  const reason = firstReason(row);
  if (reason !== undefined) throw badRow("sessions.get", reason);
  const {
    key: _key,
    displayNameFolded: _folded,
    ticket: _sealed,
    ...session
  } = row as StoredSession;
  return ticket === undefined ? session : { ...session, ticket };
}

/** The ids and issuer of an ended session. */
export type SessionIds = Pick<StoredSession, "subjectId" | "sessionId" | "issuer">;

/** A copy of a list of ended sessions; `undefined` if it isn't one. */
export function endedSessions(list: unknown): SessionIds[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const sessions = new Array<SessionIds>(list.length);
  for (let index = 0; index < sessions.length; index += 1) {
    const members: { [Name in keyof SessionIds]?: unknown } = Object(list[index]);
    const { subjectId, sessionId, issuer } = members;
    if (typeof subjectId !== "string" || typeof sessionId !== "string") return undefined;
    const session: SessionIds = { subjectId, sessionId };
    if (typeof issuer === "string") session.issuer = issuer;
    else if (issuer != null) return undefined;
    sessions[index] = session;
  }
  return sessions;
}

type Members = { [Name in keyof StoredSession]?: unknown };

const CHECKED = [
  ...(["subjectId", "sessionId", "created", "renewed", "expires"] as const),
  ...(["clients", "attributes"] as const),
];
const UNCHECKED = ["displayName", "issuer", "ipAddress", "userAgent"] as const;

type MemberName = (typeof CHECKED | typeof UNCHECKED)[number];

/** An unreadable member, and the reason. */
interface Wrong {
  name: MemberName;
  reason: string;
}

const NOTHING_WRONG: readonly Wrong[] = [];

/** The members of a row that callers see, without the unreadable ones. */
function readableMembers(value: unknown): {
  members: Partial<StoredSession>;
  wrong: readonly Wrong[];
} {
  const row: Members = Object(value);
  try {
    if (firstReason(row) === undefined) {
      return { members: row as StoredSession, wrong: NOTHING_WRONG };
    }
  } catch {
    // A getter threw.
  }
  const members: Members = {};
  const wrong: Wrong[] = [];
  for (const name of [...CHECKED, ...UNCHECKED]) {
    try {
      const member = row[name];
      const reason = reasonOf(name, member);
      if (reason === undefined) members[name] = member;
      else wrong.push({ name, reason });
    } catch {
      wrong.push({ name, reason: `\`${name}\` can't be read` });
    }
  }
  return { members: members as Partial<StoredSession>, wrong };
}

function firstReason(row: Members): string | undefined {
  for (const name of CHECKED) {
    const reason = reasonOf(name, row[name]);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Why a member can't be shown; `undefined` if it can. */
function reasonOf(name: MemberName, value: unknown): string | undefined {
  switch (name) {
    case "subjectId":
    case "sessionId":
      return typeof value === "string" ? undefined : `\`${name}\` is not a string`;
    case "expires":
    case "created":
    case "renewed": {
      const isRight = isTime(value) || (name === "expires" && value == null);
      return isRight ? undefined : `\`${name}\` is not epoch milliseconds that a \`Date\` can have`;
    }
    case "clients":
      return reasonOfClients(value);
    case "attributes":
      return value == null || isStrings(value) ? undefined : "`attributes` are not strings by name";
    default:
      return undefined;
  }
}

function reasonOfClients(clients: unknown): string | undefined {
  if (!Array.isArray(clients)) return "`clients` is not a list";
  const isClient = (client: { clientId?: unknown } | null | undefined) =>
    typeof client?.clientId === "string";
  const index = clients.findIndex((client) => !isClient(client));
  return index < 0 ? undefined : `\`clients.${index}.clientId\` is not a string`;
}

function isStrings(value: unknown): boolean {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every((text) => typeof text === "string");
}

function badRow(source: string, reason: string): RollcallError {
  const message = `\`${source}\` returned a row whose ${reason}: see \`StoredSession\``;
  return new RollcallError("store_failed", message);
}

function isTime(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(new Date(value).getTime());
}
