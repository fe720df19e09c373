/**
 * Summaries of a report: its clients and the owners of its sessions.
 *
 * @module
 */

import type { Delivery, RemovalReport } from "../../api/types";
import { isolated } from "../../parts/isolated";
import type { EndTarget, KnownSession } from "../../state/ending.svelte";
import { ending as texts } from "../../texts";

/** The clients of a report. */
export interface ReportClients {
  /** The clients that are notified, in the order of the report. */
  notified: string[];
  /** The clients that can't be notified, by the reason. */
  skipped: Map<string, string[]>;
  /** Whether the report lists only a part of the notifications. */
  isPart: boolean;
}

/** The clients in the deliveries of a report. */
export function clientsOf({ deliveries, notifications }: RemovalReport): ReportClients {
  const notified = new Set<string>();
  const skipped = new Map<string, string[]>();
  for (const { state, clientId, error = "" } of deliveries) {
    if (state !== "skipped") notified.add(clientId);
    else skipped.set(error, [...(skipped.get(error) ?? []), clientId]);
  }
  return {
    notified: [...notified],
    skipped,
    isPart: totalOf(notifications) > deliveries.length,
  };
}

/** The number of notifications in all states. */
export function totalOf(counts: Record<Delivery["state"], number>): number {
  return counts.delivered + counts.pending + counts.failed + counts.skipped;
}

/** Whether the report changes nothing. */
export function isEmpty(report: RemovalReport): boolean {
  const { sessionsRemoved, tokensRevoked, consentsRevoked, otherGrantsRevoked } = report;
  const { delivered, pending, failed } = report.notifications;
  const grants = tokensRevoked + consentsRevoked + otherGrantsRevoked;
  return sessionsRemoved + grants + delivered + pending + failed === 0;
}

/** The owners of the sessions in words: one name, two names, or `5 users`. */
export function ownerOf(target: EndTarget): string {
  switch (target.kind) {
    case "subject":
      return isolated(target.displayName ?? target.subjectId);
    case "session":
      return isolated(target.session.displayName ?? target.session.subjectId);
    case "selection": {
      const names = new Map<string, string>();
      for (const { subjectId, displayName } of target.sessions) {
        names.set(subjectId, isolated(displayName ?? subjectId));
      }
      return names.size > 2 ? texts.users(names.size) : texts.list([...names.values()]);
    }
  }
}

/** The clients of the target's sessions, as far as they are known. */
export function knownClients(target: EndTarget): string[] {
  const sessions: readonly KnownSession[] =
    target.kind === "session"
      ? [target.session]
      : target.kind === "selection"
        ? target.sessions
        : [];
  return [...new Set(sessions.flatMap(({ clientIds = [] }) => clientIds))];
}
