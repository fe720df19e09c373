/**
 * The clients of the sessions in a preview.
 *
 * @module
 */

import type { Session } from "../../api/types";

/** A client, and how many of the sessions use it. */
export interface ClientCount {
  clientId: string;
  count: number;
}

/** The clients of these sessions, the most used first. */
export function clientCounts(sessions: readonly Session[]): ClientCount[] {
  const counts = new Map<string, number>();
  for (const clientId of sessions.flatMap(({ clientIds }) => [...new Set(clientIds)])) {
    counts.set(clientId, (counts.get(clientId) ?? 0) + 1);
  }
  return [...counts]
    .map(([clientId, count]) => ({ clientId, count }))
    .sort((a, b) => b.count - a.count || (a.clientId < b.clientId ? -1 : 1));
}

/** The sessions that other clients use as well. */
export function sharedSessions(sessions: readonly Session[], clientId: string): Session[] {
  return sessions.filter(({ clientIds }) => clientIds.some((id) => id !== clientId));
}
