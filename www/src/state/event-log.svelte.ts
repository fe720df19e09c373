/**
 * The events that arrived. They survive a reload in `sessionStorage`, so that the stream continues
 * after the last one.
 *
 * @module
 */

import { isEventData } from "../api/event-stream";
import { eventsOf, type LogEntry, limited, type SeenEvent, summarized } from "./event-entries";

export type { LogEntry } from "./event-entries";

interface Saved {
  /** The administrator who received the events. Another one may receive others. */
  owner: string;
  last: string | undefined;
  entries: readonly LogEntry[];
}

const STORAGE_KEY = "rollcall-console-events";
/** The maximum number of entries of each kind, in memory and across a reload. */
const KEPT = 300;
const SAVED = 60;
/** The maximum number of events that a summary keeps across a reload. */
const SAVED_EVENTS = 20;

class EventLog {
  /** The newest first. */
  #entries = $state.raw<readonly LogEntry[]>([]);
  #owner: string | undefined;
  #key = 0;
  /** The id of the last event, or of the position after which the stream continues. */
  last: string | undefined;

  constructor() {
    addEventListener("pagehide", () => this.#save());
    document.addEventListener("visibilitychange", () => {
      // A phone may end a page in the background without `pagehide`.
      if (document.visibilityState === "hidden") this.#save();
    });
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /**
   * Opens the log of an administrator, with the events from before a reload.
   *
   * @param isResumable whether ids are still valid after a reload
   */
  open(owner: string, isResumable: boolean): void {
    if (owner === this.#owner) return;
    this.#owner = owner;
    const saved = read();
    const entries = saved?.owner === owner ? saved.entries : [];
    this.#entries = entries;
    this.#key = Math.max(0, ...entries.map(({ key }) => key));
    this.last = isResumable && saved?.owner === owner ? saved.last : undefined;
  }

  /** The events that are kept, newest first, with those in summaries. */
  *events(): Generator<SeenEvent> {
    for (const entry of this.#entries) yield* eventsOf(entry);
  }

  /** Adds events, the oldest first. */
  add(events: readonly SeenEvent[]): void {
    const added = events.map(({ id, event }): LogEntry => {
      this.#key += 1;
      return { key: this.#key, kind: "event", id, event };
    });
    this.#put(added.toReversed());
  }

  /** Notes that events are missing here. */
  addGap(): void {
    if (this.#entries.length === 0 || this.#entries[0]?.kind === "gap") return;
    this.#key += 1;
    this.#put([{ key: this.#key, kind: "gap", at: new Date().toISOString() }]);
  }

  #put(added: readonly LogEntry[]): void {
    this.#entries = limited(summarized([...added, ...this.#entries]), KEPT);
  }

  #save(): void {
    if (this.#owner === undefined) return;
    const saved: Saved = {
      owner: this.#owner,
      last: this.last,
      entries: limited(this.#entries, SAVED).map(shortened),
    };
    try {
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify(saved));
    } catch {
      // Storage is full or forbidden, so the log is empty after a reload.
    }
  }
}

function read(): Saved | undefined {
  try {
    const saved: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "null");
    const { owner, last, entries } = Object(saved);
    if (typeof owner !== "string" || !Array.isArray(entries)) return undefined;
    return {
      owner,
      last: typeof last === "string" ? last : undefined,
      entries: entries.filter(isEntry),
    };
  } catch {
    // Storage is forbidden, or the value is damaged.
    return undefined;
  }
}

function shortened(entry: LogEntry): LogEntry {
  if (entry.kind !== "summary") return entry;
  const [newest, ...others] = entry.events;
  return { ...entry, events: [newest, ...others.slice(0, SAVED_EVENTS - 1)] };
}

function isEntry(value: unknown): value is LogEntry {
  const { key, kind, at, count, from, events } = Object(value);
  if (!Number.isSafeInteger(key)) return false;
  switch (kind) {
    case "gap":
      return typeof at === "string";
    case "event":
      return isSeenEvent(value);
    case "summary": {
      const isCounted = Number.isSafeInteger(count) && typeof from === "string";
      return isCounted && Array.isArray(events) && events.length > 0 && events.every(isSeenEvent);
    }
    default:
      return false;
  }
}

function isSeenEvent(value: unknown): value is SeenEvent {
  const { id, event } = Object(value);
  return typeof id === "string" && isEventData(event);
}

/** The events of this page. */
export const eventLog = new EventLog();
