/**
 * The entries of the event log. Many alike events, such as those of a purge, become one entry.
 *
 * @module
 */

import type { EventData } from "../api/types";

/** An event with its id in the stream. */
export interface SeenEvent {
  id: string;
  event: EventData;
}

/** Several alike events as one entry. */
export interface EventSummary {
  key: number;
  kind: "summary";
  count: number;
  /** The time of the first event. */
  from: string;
  /** The newest events, newest first. */
  events: readonly [SeenEvent, ...SeenEvent[]];
}

/** An event, several alike events, or a place where some are missing. New keys grow with time. */
export type LogEntry =
  | ({ key: number; kind: "event" } & SeenEvent)
  | EventSummary
  | { key: number; kind: "gap"; at: string };

type EventEntry = Exclude<LogEntry, { kind: "gap" }>;

/** Alike events that follow each other. */
interface Run {
  /** The oldest first. */
  members: EventEntry[];
  count: number;
  /** The times of the first and the last event, in epoch milliseconds. */
  first: number;
  last: number;
}

/** The maximum number of alike events that stay single. */
const MOST_SINGLE = 10;
/** The longest pause between two events of one summary, in milliseconds. */
const PAUSE = 60_000;
/** The longest summary of notifications. A busy client would otherwise only ever have one. */
const LONGEST = 600_000;
/** The number of events in a summary that are kept. */
const KEPT = 1_000;

/** The events of an entry, newest first. */
export function eventsOf(entry: LogEntry): readonly SeenEvent[] {
  if (entry.kind === "gap") return [];
  return entry.kind === "event" ? [entry] : entry.events;
}

/** The number of events that an entry stands for. */
export function countOf(entry: LogEntry): number {
  if (entry.kind === "gap") return 0;
  return entry.kind === "event" ? 1 : entry.count;
}

/** Replaces runs of alike events by summaries. Entries are newest first. */
export function summarized(entries: readonly LogEntry[]): readonly LogEntry[] {
  const oldestFirst = entries.toReversed();
  const runs = runsIn(oldestFirst);
  return oldestFirst
    .flatMap((entry) => {
      const run = runs.get(entry.key);
      if (run === undefined || run.count <= MOST_SINGLE || run.members.length === 1) return entry;
      return run.members.at(-1) === entry ? summaryOf(run) : [];
    })
    .reverse();
}

/** Limits the entries of each kind, so that many of one kind don't push out the others. */
export function limited(entries: readonly LogEntry[], quota: number): readonly LogEntry[] {
  const counts = new Map<string, number>();
  return entries.filter((entry) => {
    const kind = kindOf(entry);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= quota;
  });
}

function runsIn(oldestFirst: readonly LogEntry[]): Map<number, Run> {
  const open = new Map<string, Run>();
  const runs = new Map<number, Run>();
  for (const entry of oldestFirst) {
    // The number of missing events isn't known, so no summary continues after them.
    if (entry.kind === "gap") open.clear();
    else {
      const likeness = likenessOf(entry);
      if (likeness === undefined) continue;
      const run = joined(open.get(likeness), entry);
      open.set(likeness, run);
      runs.set(entry.key, run);
    }
  }
  return runs;
}

/** Adds an entry to a run, or starts another one. */
function joined(run: Run | undefined, entry: EventEntry): Run {
  const { event } = newestOf(entry);
  const last = Date.parse(event.at);
  const first = entry.kind === "event" ? last : Date.parse(entry.from);
  const isNotification = event.type !== "session_removed";
  const continues =
    run !== undefined &&
    first - run.last <= PAUSE &&
    !(isNotification && last - run.first > LONGEST);
  if (!continues) return { members: [entry], count: countOf(entry), first, last };
  run.members.push(entry);
  run.count += countOf(entry);
  run.last = last;
  return run;
}

/** The key is the one of the first event, so that the row stays the same as events are added. */
function summaryOf({ members, count }: Run): LogEntry {
  const events = members.toReversed().flatMap(eventsOf).slice(0, KEPT);
  const [newest, ...others] = events;
  const [oldest] = members;
  if (newest === undefined || oldest === undefined) throw new Error("a run has no events");
  const from = oldest.kind === "event" ? oldest.event.at : oldest.from;
  return { key: oldest.key, kind: "summary", count, from, events: [newest, ...others] };
}

function newestOf(entry: EventEntry): SeenEvent {
  return entry.kind === "event" ? entry : entry.events[0];
}

/** The members that the events of one summary share; `undefined` for events that stay single. */
function likenessOf(entry: EventEntry): string | undefined {
  const { event } = newestOf(entry);
  switch (event.type) {
    case "session_removed": {
      const { type, logoutReason, actor, reason } = event;
      // Users who sign out are unrelated to each other.
      if (logoutReason !== "terminated") return undefined;
      return JSON.stringify([type, actor, reason]);
    }
    case "notification_delivered":
    case "notification_failed":
    case "notification_given_up":
      return JSON.stringify([event.type, event.clientId]);
    default:
      return undefined;
  }
}

function kindOf(entry: LogEntry): string {
  if (entry.kind !== "event") return entry.kind;
  const { event } = entry;
  return event.type === "session_removed" ? `${event.type} ${event.logoutReason}` : event.type;
}
