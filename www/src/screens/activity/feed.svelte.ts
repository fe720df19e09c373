/**
 * The rows of the activity on screen. New rows wait while the user reads.
 *
 * @module
 */

import { countOf, eventsOf, type LogEntry } from "../../state/event-entries";
import { live } from "../../state/live.svelte";
import { GROUPS, type Group, groupOf } from "./event-words";

const STEP = 200;

export class Feed {
  readonly #groups: () => readonly Group[];
  /** The entries that are shown while others wait; `undefined` if none wait. */
  #held = $state.raw<readonly LogEntry[]>();
  #limit = $state(STEP);

  /** @param groups the groups to show; empty for all */
  constructor(groups: () => readonly Group[]) {
    this.#groups = groups;
  }

  /** The number of events in each group. */
  readonly counts = $derived.by(() => {
    const counts = Object.fromEntries(GROUPS.map((group) => [group, 0])) as Record<Group, number>;
    for (const entry of live.entries) {
      const group = this.#groupOf(entry);
      if (group !== undefined) counts[group] += countOf(entry);
    }
    return counts;
  });

  readonly #matching = $derived.by(() => live.entries.filter((entry) => this.#matches(entry)));

  /** The number of waiting events. */
  readonly waiting = $derived.by(() => {
    const held = this.#held;
    if (held === undefined) return 0;
    // A summary that continues is on top, with the key of its first event.
    const newest = held.reduce((most, { key }) => Math.max(most, key), 0);
    const shown = new Set(held.filter(({ kind }) => kind === "summary").map(({ key }) => key));
    const ids = new Set(held.flatMap((entry) => (entry.kind === "event" ? entry.id : [])));
    let count = 0;
    for (const entry of this.#matching) {
      if (entry.key > newest) count += countOf(entry);
      else if (entry.kind === "summary" && !shown.has(entry.key)) {
        // Some of its events are still shown as rows of their own.
        count += entry.count - entry.events.filter(({ id }) => ids.has(id)).length;
      }
    }
    return count;
  });

  /** While entries wait, the others keep their places, and only their counts change. */
  readonly #settled = $derived.by(() => {
    if (this.#held === undefined) return this.#matching;
    const current = new Map(
      this.#matching.flatMap((entry) => (entry.kind === "summary" ? [[entry.key, entry]] : [])),
    );
    return this.#held
      .filter((entry) => this.#matches(entry))
      .map((entry) => (entry.kind === "summary" ? (current.get(entry.key) ?? entry) : entry));
  });

  /** The rows on the screen, the newest first. */
  readonly rows: readonly LogEntry[] = $derived(this.#settled.slice(0, this.#limit));

  /** The number of hidden older rows. */
  readonly rest = $derived(Math.max(0, this.#settled.length - this.#limit));

  /** Lets new events wait, so that the rows don't move. */
  hold(): void {
    this.#held ??= live.entries;
  }

  /** Shows the waiting events. */
  release(): void {
    this.#held = undefined;
  }

  showMore(): void {
    this.hold();
    this.#limit += STEP;
  }

  /** The newest rows again. */
  rewind(): void {
    this.release();
    this.#limit = STEP;
  }

  #matches(entry: LogEntry): boolean {
    const groups = this.#groups();
    const group = this.#groupOf(entry);
    return group === undefined || groups.length === 0 || groups.includes(group);
  }

  #groupOf(entry: LogEntry): Group | undefined {
    const [newest] = eventsOf(entry);
    return newest && groupOf(newest.event);
  }
}

/** The number of rows that `showMore` adds. */
export const MORE = STEP;
