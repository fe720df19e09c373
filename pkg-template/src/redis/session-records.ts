/**
 * Sessions as records and back. The fields go by the names of the members; each client has a field
 * of its own.
 *
 * @module
 */

import { checkedChange } from "../stores/session-change.js";
import type { ClientSession, StoredSession, StoredSessionChange } from "../types.js";
import { checkedTime, type Fields, presentFields } from "./arguments.js";

/** The fields of a new record, without those of the clients. */
export function sessionFields({ clients, attributes, ...members }: StoredSession): Fields {
  checkedTime("created", members.created);
  checkedTime("renewed", members.renewed);
  if (members.expires !== undefined) {
    checkedTime("expires", members.expires);
  }
  return presentFields({ ...members, attributes: attributes && JSON.stringify(attributes) });
}

/** Clients and their sids, one behind the other. The scripts keep each client once. */
export function clientArguments(clients: readonly ClientSession[]): string[] {
  return clients.flatMap(({ clientId, sessionId }) => [
    clientId,
    sessionId === undefined ? "" : `:${sessionId}`,
  ]);
}

const CLIENT = "client:";

/** A session in the form of the port: what has no field is absent. */
export function toSession(record: ReadonlyMap<string, string>): StoredSession {
  const session: StoredSession = {
    key: record.get("key") ?? "",
    scheme: record.get("scheme") ?? "",
    subjectId: record.get("subjectId") ?? "",
    sessionId: record.get("sessionId") ?? "",
    created: Number(record.get("created")),
    renewed: Number(record.get("renewed")),
    clients: toClients(record),
  };
  const expires = record.get("expires");
  if (expires !== undefined) session.expires = Number(expires);
  const attributes = record.get("attributes");
  if (attributes !== undefined) session.attributes = JSON.parse(attributes);
  for (const name of [
    "displayName",
    "displayNameFolded",
    "issuer",
    "ipAddress",
    "userAgent",
    "ticket",
  ] as const) {
    const text = record.get(name);
    if (text !== undefined) session[name] = text;
  }
  return session;
}

function toClients(record: ReadonlyMap<string, string>): ClientSession[] {
  const clients: [arrival: number, client: ClientSession][] = [];
  for (const [field, value] of record) {
    if (field.startsWith(CLIENT)) {
      const clientId = field.slice(CLIENT.length);
      const colon = value.indexOf(":");
      const client = colon < 0 ? { clientId } : { clientId, sessionId: value.slice(colon + 1) };
      clients.push([Number.parseInt(value, 10), client]);
    }
  }
  // A hash promises no order.
  return clients.sort(([first], [second]) => first - second).map(([, client]) => client);
}

/**
 * What a change sets, and the names of what it clears.
 *
 * @throws {RollcallError} `invalid_argument` for a member that cannot be changed, or cannot be
 * cleared.
 */
export function changedFields(change: StoredSessionChange): { set: Fields; cleared: string[] } {
  const set: [string, string][] = [];
  const cleared: string[] = [];
  for (const [name, value] of checkedChange(change)) {
    if (value === null) {
      cleared.push(name);
    } else {
      set.push([name, fieldText(name, value)]);
    }
  }
  return { set, cleared };
}

function fieldText(name: string, value: string | number | Record<string, string>): string {
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "number" ? `${checkedTime(name, value)}` : value;
}
