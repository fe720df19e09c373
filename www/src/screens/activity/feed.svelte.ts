/**
 * The rows of the activity on screen. New rows wait while the user reads.
 *
 * @module
 */

import type { LogEntry } from "../../state/event-log.svelte";
import { live } from "../../state/live.svelte";
import { GROUPS, type Group, groupOf } from "./event-words";

const STEP = 200;

export class Feed {
  readonly #groups: () => readonly Group[];
  /** Entries newer than this one wait; `undefined` if none do. */
  #heldAt = $state<number>();
  #limit = $state(STEP);

  /** @param groups the groups to show; empty for all */
  constructor(groups: () => readonly Group[]) {
    this.#groups = groups;
  }

  /** The number of events in each group. */
  readonly counts = $derived.by(() => {
    const counts = Object.fromEntries(GROUPS.map((group) => [group, 0])) as Record<Group, number>;
    for (const entry of live.entries) {
      if (entry.kind === "event") counts[groupOf(entry.event)] += 1;
    }
    return counts;
  });

  readonly #matching = $derived.by(() => {
    const groups = this.#groups();
    if (groups.length === 0) return live.entries;
    return live.entries.filter(
      (entry) => entry.kind === "gap" || groups.includes(groupOf(entry.event)),
    );
  });

  /** The number of waiting events. */
  readonly waiting = $derived.by(() => {
    const heldAt = this.#heldAt;
    if (heldAt === undefined) return 0;
    return this.#matching.filter(({ kind, key }) => kind === "event" && key > heldAt).length;
  });

  readonly #settled = $derived.by(() => {
    const heldAt = this.#heldAt;
    return heldAt === undefined
      ? this.#matching
      : this.#matching.filter(({ key }) => key <= heldAt);
  });

  /** The rows on the screen, the newest first. */
  readonly rows: readonly LogEntry[] = $derived(this.#settled.slice(0, this.#limit));

  /** The number of hidden older rows. */
  readonly rest = $derived(Math.max(0, this.#settled.length - this.#limit));

  /** Lets new events wait, so that the rows don't move. */
  hold(): void {
    this.#heldAt ??= live.entries[0]?.key ?? 0;
  }

  /** Shows the waiting events. */
  release(): void {
    this.#heldAt = undefined;
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
}

/** The number of rows that `showMore` adds. */
export const MORE = STEP;
