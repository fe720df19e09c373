/**
 * Writes the sessions of the demo to IndexedDB, after changes.
 *
 * @module
 */

import type { MemoryContents } from "rollcall";
import { type MemoryStores, memoryContents } from "rollcall/memory";
import { forgetContents, keepContents, keptNotes, LOCK } from "./kept";

/** The maximum size of a demo that is kept. Writing a larger one would block the page. */
const MOST_KEPT = 50_000;

/**
 * The pause before changes are written, in milliseconds. It's longer for the background, because a
 * write takes a noticeable part of a second. A hidden or closed page writes at once.
 */
const SOON = 2_000;
const LATER = 60_000;

export class Keeper {
  readonly #stores: MemoryStores;
  readonly #count: number;
  #isChanged = false;
  #isStopped = false;
  /** Whether this tab is the writer. */
  #isWriter = false;
  /** When the next write is due, by `performance.now()`. */
  #due = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Contents of the stores that aren't written yet. */
  #contents: MemoryContents | undefined;

  /** @param count the number of sessions in the page's address */
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

  /** Removes the kept contents, and stops writing. */
  async forget(): Promise<void> {
    this.#isStopped = true;
    await forgetContents();
  }

  /** Waits to become the writer. The first tab is the writer until it's closed. */
  #acquire(): void {
    const begin = () => {
      this.#isWriter = true;
      if (this.#isChanged) this.noteChange({ isUsers: true });
    };
    // Web Locks need TLS.
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
