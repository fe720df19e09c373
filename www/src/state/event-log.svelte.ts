/**
 * The events that arrived. They survive a reload in `sessionStorage`, so that the stream continues
 * after the last one.
 *
 * @module
 */

import { isEventData } from "../api/event-stream";
import type { EventData } from "../api/types";

/** An event, or a place where some are missing. The keys grow with time. */
export type LogEntry =
  | { key: number; kind: "event"; id: string; event: EventData }
  | { key: number; kind: "gap"; at: string };

interface Saved {
  /** The administrator who received the events. Another one may receive others. */
  owner: string;
  last: string | undefined;
  entries: readonly LogEntry[];
}

const STORAGE_KEY = "rollcall-console-events";
/** The maximum number of events in memory, and across a reload. */
const KEPT = 1_000;
const SAVED = 500;

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

  /** Adds events, the oldest first. */
  add(events: readonly { id: string; event: EventData }[]): void {
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
    this.#entries = [...added, ...this.#entries].slice(0, KEPT);
  }

  #save(): void {
    if (this.#owner === undefined) return;
    const saved: Saved = {
      owner: this.#owner,
      last: this.last,
      entries: this.#entries.slice(0, SAVED),
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

function isEntry(value: unknown): value is LogEntry {
  const { key, kind, at, id, event } = Object(value);
  if (!Number.isSafeInteger(key)) return false;
  return kind === "gap" ? typeof at === "string" : typeof id === "string" && isEventData(event);
}

/** The events of this page. */
export const eventLog = new EventLog();
