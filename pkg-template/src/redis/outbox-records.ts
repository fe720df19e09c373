/**
 * Converts records of the outbox to the types of the port. A missing field becomes an absent
 * member.
 *
 * @module
 */

import type {
  Delivery,
  DeliveryState,
  LogoutNotification,
  LogoutReason,
  NotificationKind,
} from "../types.js";

/** A notification to send. */
export function toNotification(record: ReadonlyMap<string, string>): LogoutNotification {
  const notification: LogoutNotification = {
    id: record.get("id") ?? "",
    clientId: record.get("clientId") ?? "",
    reason: record.get("reason") as LogoutReason,
    attempt: Number(record.get("attempts")),
    created: Number(record.get("created")),
  };
  const kind = kindOf(record);
  if (kind !== undefined) notification.kind = kind;
  for (const name of ["logoutUri", "subjectId", "sessionId", "issuer"] as const) {
    const text = record.get(name);
    if (text !== undefined) notification[name] = text;
  }
  return notification;
}

/** The delivery state of a notification. */
export function toDelivery(record: ReadonlyMap<string, string>): Delivery {
  const delivery: Delivery = {
    id: record.get("id") ?? "",
    clientId: record.get("clientId") ?? "",
    state: record.get("state") as DeliveryState,
    attempts: Number(record.get("attempts")),
  };
  const kind = kindOf(record);
  if (kind !== undefined) delivery.kind = kind;
  for (const name of ["subjectId", "sessionId", "issuer", "error"] as const) {
    const text = record.get(name);
    if (text !== undefined) delivery[name] = text;
  }
  const status = record.get("status");
  if (status !== undefined) delivery.status = Number(status);
  const due = record.get("due");
  if (due !== undefined) delivery.nextAttempt = new Date(Number(due));
  return delivery;
}

function kindOf(record: ReadonlyMap<string, string>): NotificationKind | undefined {
  return record.get("kind") as NotificationKind | undefined;
}
