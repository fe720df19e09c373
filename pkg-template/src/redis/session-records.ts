/**
 * Converts sessions to records and back. Fields have the names of the members; each client has its
 * own field.
 *
 * @module
 */

import { fromAttributesJson } from "../stores/json.js";
import type { CheckedClient, CheckedSession } from "../stores/session.js";
import type { CheckedChange } from "../stores/session-change.js";
import type { ClientSession, RemovedSession, SessionCondition, StoredSession } from "../types.js";
import {
  type Fields,
  fieldsArgument,
  listArgument,
  optionalArgument,
  presentFields,
} from "./arguments.js";
import { partitionText } from "./position.js";

/** A new session as script arguments. */
export function newSessionArguments(session: CheckedSession, partition: number): string[] {
  return [
    session.key,
    partitionText(partition),
    ...fieldsArgument(sessionFields(session)),
    ...listArgument(clientArguments(session.clients)),
  ];
}

/** The fields of a new record, without those of the clients. */
function sessionFields({ clients, attributes, ...members }: CheckedSession): Fields {
  return presentFields({ ...members, attributes: attributes && JSON.stringify(attributes) });
}

/** Clients and their sids, alternating. The scripts keep each client once. */
export function clientArguments(clients: readonly CheckedClient[]): string[] {
  return clients.flatMap(({ clientId, sessionId }) => [clientId, optionalArgument(sessionId)]);
}

const CLIENT = "client:";

/** A session in the type of the port. A missing field becomes an absent member. */
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
  if (attributes !== undefined) session.attributes = fromAttributesJson(attributes);
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

/** A removed session, with the members that the port needs. */
export function toRemovedSession(record: ReadonlyMap<string, string>): RemovedSession {
  const session: RemovedSession = {
    key: record.get("key") ?? "",
    subjectId: record.get("subjectId") ?? "",
    sessionId: record.get("sessionId") ?? "",
    clients: toClients(record),
  };
  const issuer = record.get("issuer");
  if (issuer !== undefined) session.issuer = issuer;
  return session;
}

/** A condition as script arguments: an empty value means that the member must be absent. */
export function conditionArgument(condition: SessionCondition): string[] {
  return listArgument(
    Object.entries(condition).flatMap(([name, value]) => [name, `${value ?? ""}`]),
  );
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
  // A hash doesn't guarantee an order.
  return clients.sort(([first], [second]) => first - second).map(([, client]) => client);
}

/** The fields that a change sets, and the names of the fields that it clears. */
export function changedFields(change: CheckedChange): { set: Fields; cleared: string[] } {
  const set: [string, string][] = [];
  const cleared: string[] = [];
  for (const [name, value] of change) {
    if (value === null) {
      cleared.push(name);
    } else {
      set.push([name, fieldText(value)]);
    }
  }
  return { set, cleared };
}

/** The new key of the session, if the change has one. */
export function changedKey(change: CheckedChange): string | undefined {
  const key = change.find(([name]) => name === "key")?.[1];
  return typeof key === "string" ? key : undefined;
}

function fieldText(value: string | number | Record<string, string>): string {
  return typeof value === "object" ? JSON.stringify(value) : `${value}`;
}
