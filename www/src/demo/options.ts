/**
 * The options of the browser mode, from the query of the page's address.
 *
 * @module
 */

import type { Actor } from "rollcall/http";
import { demo } from "../texts";

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
  /** For tests: `window.rollcallFaults` may answer requests, and clients answer at once. */
  hasFaults: boolean;
  /** A sentence for each value that was corrected. */
  corrections: readonly string[];
}

const { corrections: texts } = demo;

const DEFAULT_SESSIONS = 10_000;
const MOST_SESSIONS = 1_000_000;

const PERMISSIONS = ["read", "remove", "purge"] as const;
const FIELDS = ["ipAddress", "userAgent", "attributes"] as const;

const NAMES = [
  "demo",
  "sessions",
  "still",
  "permissions",
  "redact",
  "requireReason",
  "stepUp",
  "faults",
];

/**
 * Reads `sessions`, `still`, `permissions`, `redact`, `requireReason`, `stepUp` and `faults`.
 * Invalid values are corrected.
 */
export function demoOptions(query: URLSearchParams): DemoOptions {
  const corrections: string[] = [];
  const permissions = query.get("permissions");
  for (const name of new Set(query.keys())) {
    if (!NAMES.includes(name)) corrections.push(texts.unknown(name));
  }
  return {
    sessions: checkedCount(query.get("sessions"), corrections),
    isStill: query.has("still"),
    permissions:
      permissions === null
        ? PERMISSIONS
        : chosen("permissions", permissions, PERMISSIONS, corrections),
    redact: chosen("redact", query.get("redact") ?? "", FIELDS, corrections),
    requireReason: query.has("requireReason"),
    needsStepUp: query.has("stepUp"),
    hasFaults: query.has("faults"),
    corrections,
  };
}

function checkedCount(text: string | null, corrections: string[]): number {
  if (text === null || text.trim() === "") return DEFAULT_SESSIONS;
  const given = Number(text);
  const count = Number.isNaN(given)
    ? DEFAULT_SESSIONS
    : Math.min(Math.max(Math.round(given), 0), MOST_SESSIONS);
  if (count !== given) corrections.push(texts.sessions(text, MOST_SESSIONS, count));
  return count;
}

/** The words of a list such as `read,remove`. */
function chosen<Word extends string>(
  name: string,
  text: string,
  words: readonly Word[],
  corrections: string[],
): Word[] {
  const given = text.split(",").map((word) => word.trim());
  for (const word of given) {
    const isKnown = words.some((known) => known === word);
    if (word !== "" && !isKnown) corrections.push(texts.word(name, word, words));
  }
  return words.filter((word) => given.includes(word));
}
