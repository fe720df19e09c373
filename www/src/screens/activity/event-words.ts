/**
 * Events in an administrator's words.
 *
 * @module
 */

import type { EventData } from "../../api/types";
import { hashOf } from "../../state/address.svelte";
import type { EventSummary } from "../../state/event-entries";
import { activity as texts } from "../../texts";

/** The groups that the list can be filtered by. `other` contains types of later versions. */
export const GROUPS = ["signIns", "ended", "notifications", "refused", "faults", "other"] as const;
export type Group = (typeof GROUPS)[number];

type Known = EventData["type"];

const GROUP_OF: Record<Known, Group> = {
  session_created: "signIns",
  session_renewed: "signIns",
  session_removed: "ended",
  session_expired: "ended",
  notification_delivered: "notifications",
  notification_failed: "notifications",
  notification_given_up: "notifications",
  session_denied: "refused",
  admin_denied: "refused",
  session_removal_failed: "faults",
  session_unreadable: "faults",
  client_unreadable: "faults",
  pruning_failed: "faults",
  ticket_unreadable: "faults",
};

/** The group of an event. */
export function groupOf({ type }: EventData): Group {
  // A later version of the API may send other types.
  return (GROUP_OF as Record<string, Group | undefined>)[type] ?? "other";
}

/** An event as a row. An absent or blank member is an empty cell. */
export interface EventRow {
  at: string;
  what: string;
  /** The session, user or delivery of the event. */
  href: string | undefined;
  tone: "good" | "bad" | "warn" | "plain";
  subjectId: string | undefined;
  /** The list of the user's sessions. */
  subjectHref: string | undefined;
  clientId: string | undefined;
  actor: string | undefined;
  reason: string | undefined;
  outcome: string | undefined;
}

/** The row of an event. `timeOf` writes a time. */
export function rowOf(event: EventData, timeOf: (at: string) => string): EventRow {
  const subjectId = text(event, "subjectId");
  const list = subjectId === undefined ? undefined : hashOf(["sessions"], { subjectId });
  return {
    at: event.at,
    what: wordsOf(event),
    href: hrefOf(event) ?? list,
    tone: toneOf(event),
    subjectId,
    subjectHref: list,
    clientId: text(event, "clientId"),
    actor: text(event, "actor"),
    reason: text(event, "reason"),
    outcome: outcomeOf(event, timeOf),
  };
}

/** A summary as a row. `timeOf` writes a time. */
export function summaryRowOf(
  { count, from, events }: EventSummary,
  timeOf: (at: string) => string,
): EventRow {
  const [{ event }] = events;
  const row = rowOf(event, timeOf);
  const words = texts.summaries[event.type] ?? texts.alike(row.what);
  const { subjectId: _, subjectHref: __, href: ___, ...shared } = row;
  const since = from === event.at ? "" : texts.since(timeOf(from));
  const error = event.type === "session_removed" ? undefined : text(event, "error");
  return {
    ...shared,
    what: words(count),
    href: undefined,
    subjectId: undefined,
    subjectHref: undefined,
    outcome: [since, error === undefined ? "" : texts.lastError(error)]
      .filter((part) => part !== "")
      .join(". "),
  };
}

function wordsOf({ type }: EventData): string {
  return (texts.types as Record<string, string | undefined>)[type] ?? type;
}

function toneOf(event: EventData): EventRow["tone"] {
  if (event.type === "notification_delivered") return "good";
  if (event.type === "notification_failed" || event.type === "session_denied") return "warn";
  if (event.type === "notification_given_up" || event.type === "admin_denied") return "bad";
  return groupOf(event) === "faults" ? "bad" : "plain";
}

/** The session if it still exists, or the deliveries of a notification. */
function hrefOf(event: EventData): string | undefined {
  switch (event.type) {
    case "session_created":
    case "session_renewed":
    case "session_removal_failed": {
      const { sessionId, subjectId } = event;
      return sessionId === "" ? undefined : hashOf(["sessions", sessionId], { subjectId });
    }
    case "notification_delivered":
    case "notification_failed":
    case "notification_given_up": {
      const { clientId, subjectId, sessionId } = event;
      return hashOf(["deliveries"], { clientId, subjectId, sessionId });
    }
    default:
      return undefined;
  }
}

function outcomeOf(event: EventData, timeOf: (at: string) => string): string | undefined {
  switch (event.type) {
    case "session_removed":
      return texts.logoutReasons[event.logoutReason];
    case "notification_delivered":
      return texts.delivered(event.status, event.duration, event.attempts);
    case "notification_failed":
      return texts.retried(event.error, event.attempts, timeOf(event.nextAttempt));
    case "notification_given_up":
      return texts.givenUp(event.error, event.attempts);
    case "admin_denied":
      return texts.denied(event.route, event.permission && texts.permissions[event.permission]);
    case "pruning_failed":
      return texts.pruning(texts.stores[event.store], event.error);
    default:
      return text(event, "error");
  }
}

function text(event: EventData, name: string): string | undefined {
  const value: unknown = Reflect.get(event, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
