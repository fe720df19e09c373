/**
 * Writes the sessions of the demo to IndexedDB, after changes.
 *
 * @module
 */

import type { MemoryContents } from "rollcall";
import { type MemoryStores, memoryContents } from "rollcall/memory";
import { forgetContents, keepContents, keptNotes, LOCK } from "./kept";

/** Larger demos aren't kept: writing them would make the page stutter. */
const MOST_KEPT = 50_000;

/**
 * How soon changes are written, in milliseconds. A write takes a part of a second, so those of the
 * background wait longer. A page that is hidden or closed writes at once.
 */
const SOON = 2_000;
const LATER = 60_000;

export class Keeper {
  readonly #stores: MemoryStores;
  readonly #count: number;
  #isChanged = false;
  #isStopped = false;
  /** Whether this tab is the one that writes. */
  #isWriter = false;
  /** When the next write is due, by `performance.now()`. */
  #due = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Contents that were read and not yet written. */
  #contents: MemoryContents | undefined;

  /** @param count how many sessions were asked for */
  constructor(stores: MemoryStores, count: number) {
    this.#stores = stores;
    this.#count = count;
    if (count > MOST_KEPT) {
      keptNotes.add("too_many");
      return;
    }
    addEventListener("pagehide", () => this.#writeNow());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#writeNow();
    });
    this.#acquire();
  }

  /** Notes that the stores changed. A change by the user is written soon. */
  noteChange({ isUsers }: { isUsers: boolean }): void {
    this.#isChanged = true;
    const wait = isUsers ? SOON : LATER;
    const due = performance.now() + wait;
    if (!this.#isWriter || due >= this.#due) return;
    this.#due = due;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#writeWhenIdle(), wait);
  }

  /** Removes the kept contents, and writes no others. */
  async forget(): Promise<void> {
    this.#isStopped = true;
    await forgetContents();
  }

  /** Waits until no other tab writes. The first one does until it is closed. */
  #acquire(): void {
    const begin = () => {
      this.#isWriter = true;
      if (this.#isChanged) this.noteChange({ isUsers: true });
    };
    // Absent at addresses without TLS.
    if (!("locks" in navigator)) {
      begin();
      return;
    }
    navigator.locks
      .request(LOCK, () => {
        begin();
        return new Promise<never>(() => undefined);
      })
      .catch(() => keptNotes.add("unavailable"));
  }

  /** Reads and writes in two tasks, so that neither blocks the page for long. */
  #writeWhenIdle(): void {
    requestIdle(() => {
      this.#read();
      requestIdle(() => this.#write());
    });
  }

  #writeNow(): void {
    this.#read();
    this.#write();
  }

  #read(): void {
    if (!this.#isChanged || !this.#isWriter) return;
    this.#contents = memoryContents(this.#stores);
    this.#isChanged = false;
    this.#due = Number.POSITIVE_INFINITY;
  }

  #write(): void {
    if (this.#contents === undefined || this.#isStopped) return;
    keepContents(this.#contents, this.#count);
    this.#contents = undefined;
  }
}

/** Safari has no idle callbacks. */
function requestIdle(work: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 1_000 });
  else setTimeout(work);
}
