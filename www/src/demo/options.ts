/**
 * The options of the browser mode, from the query of the page's address.
 *
 * @module
 */

import type { Actor } from "rollcall/http";

export interface DemoOptions {
  /** The number of made-up sessions. */
  sessions: number;
  /** Whether there is no activity in the background. */
  isStill: boolean;
  permissions: Actor["permissions"];
  redact: NonNullable<Actor["redact"]>;
  requireReason: boolean;
  /** Whether ending many sessions needs a recent sign-in. */
  needsStepUp: boolean;
  /** Whether `window.rollcallFaults` may answer requests. */
  hasFaults: boolean;
}

const DEFAULT_SESSIONS = 10_000;
const MOST_SESSIONS = 1_000_000;

const PERMISSIONS = ["read", "remove", "purge"] as const;
const FIELDS = ["ipAddress", "userAgent", "attributes"] as const;

/**
 * Reads `sessions`, `still`, `permissions`, `redact`, `requireReason`, `stepUp` and `faults`.
 * Invalid values are corrected.
 */
export function demoOptions(query: URLSearchParams): DemoOptions {
  const permissions = query.get("permissions");
  return {
    sessions: checkedCount(query.get("sessions")),
    isStill: query.has("still"),
    permissions: permissions === null ? PERMISSIONS : chosen(permissions, PERMISSIONS),
    redact: chosen(query.get("redact") ?? "", FIELDS),
    requireReason: query.has("requireReason"),
    needsStepUp: query.has("stepUp"),
    hasFaults: query.has("faults"),
  };
}

function checkedCount(text: string | null): number {
  const count = text === null || text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isNaN(count)) return DEFAULT_SESSIONS;
  return Math.min(Math.max(Math.round(count), 0), MOST_SESSIONS);
}

/** The words of a list such as `read,remove`; unknown ones are ignored. */
function chosen<Word extends string>(text: string, words: readonly Word[]): Word[] {
  const given = text.split(",").map((word) => word.trim());
  return words.filter((word) => given.includes(word));
}
