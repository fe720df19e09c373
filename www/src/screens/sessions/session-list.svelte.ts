/**
 * The list of sessions on screen: one page, kept up to date in place.
 *
 * @module
 */

import { SvelteSet } from "svelte/reactivity";
import { type Failure, isAborted } from "../../api/failure";
import type { EventData, Page, Session, SessionQuery } from "../../api/types";
import { announcer } from "../../state/announcer.svelte";
import { clock } from "../../state/clock.svelte";
import { connection } from "../../state/connection.svelte";
import { asFailure } from "../../state/failures";
import { attributeNames } from "./columns";
import { type Ended, EndedRows, endedBy } from "./ended-rows.svelte";
import { isFiltered } from "./filter-fields";
import { merged } from "./merge";
import { keyOf } from "./selection.svelte";

/** Updates that arrive within this time are fetched together, in milliseconds. */
const BATCH = 700;
/** The interval at which a filtered list looks for new sessions, in milliseconds. */
const LOOK = 3_000;
/** The maximum number of new sessions that are counted. */
export const MOST_ADDED = 1_000;
/** Up to this many renewed sessions are fetched one by one; for more, the page is read. */
const FEW = 3;

export class SessionList {
  #page = $state.raw<Page>();
  #rows = $state.raw<readonly Session[]>([]);
  /** The keys of the rows, as a set because a server can have a thousand events a second. */
  #keys: ReadonlySet<string> = new Set();
  #failure = $state.raw<Failure>();
  #readAt = $state<number>();
  #isBusy = $state(false);
  /** New sessions that the first page doesn't show yet. */
  readonly #added = new SvelteSet<string>();
  /** The attributes of all pages so far, so that no column disappears on a page without it. */
  #attributes = $state.raw<readonly string[]>([]);
  readonly #ended = new EndedRows();
  #query: SessionQuery = {};
  #reading: AbortController | undefined;
  #quiet: AbortController | undefined;
  readonly #renewed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  get page(): Page | undefined {
    return this.#page;
  }

  get rows(): readonly Session[] {
    return this.#rows;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** When the rows were read. */
  get readAt(): number | undefined {
    return this.#readAt;
  }

  /** Whether a page is being read that the user asked for. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** The number of new sessions that aren't shown yet. */
  get added(): number {
    return this.#added.size;
  }

  get attributes(): readonly string[] {
    return this.#attributes;
  }

  ended(key: string): Ended | undefined {
    return this.#ended.get(key);
  }

  /**
   * Reads a page and shows it. The result is true if it's shown now.
   *
   * @param announce the sentence about the page
   */
  async show(query: SessionQuery, announce?: (page: Page) => string): Promise<boolean> {
    this.#query = query;
    this.#reading?.abort();
    this.#quiet?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#isBusy = true;
    try {
      const page = await connection.api.sessions(query, reading.signal);
      // A transport may answer after the abort.
      if (reading.signal.aborted) return false;
      this.#replace(page);
      if (announce !== undefined) announcer.say(announce(page));
    } catch (thrown) {
      if (isAborted(thrown, reading.signal)) return false;
      this.#failure = asFailure(thrown);
      connection.noteRefusal(this.#failure);
    }
    this.#isBusy = false;
    return this.#failure === undefined;
  }

  /** Reads the page again and changes its rows in place, without a visible wait. */
  async update(): Promise<void> {
    if (this.#isBusy || this.#page === undefined) return;
    this.#quiet?.abort();
    const quiet = new AbortController();
    this.#quiet = quiet;
    try {
      const page = await connection.api.sessions(this.#query, quiet.signal);
      if (!quiet.signal.aborted) this.#merge(page);
    } catch (thrown) {
      if (isAborted(thrown, quiet.signal)) return;
      this.#failure = asFailure(thrown);
      connection.noteRefusal(this.#failure);
    }
  }

  /** Takes an event into account. */
  handle(event: EventData): void {
    switch (event.type) {
      case "session_created":
        this.#noteCreated(keyOf(event));
        break;
      case "session_renewed":
        if (this.has(keyOf(event))) this.#renewed.add(keyOf(event));
        if (this.#renewed.size > 0) this.#later(BATCH, () => this.#readRenewed());
        break;
      case "session_removed":
      case "session_expired":
        this.#mark(keyOf(event), endedBy(event));
        break;
    }
  }

  /** Forgets a failure that the caller corrects. */
  forgetFailure(): void {
    this.#failure = undefined;
  }

  /** Marks rows that this user ended. */
  markEnded(keys: readonly string[]): void {
    const { actor } = connection.me;
    for (const key of keys) this.#mark(key, { kind: "ended", at: Date.now(), actor });
  }

  stop(): void {
    this.#reading?.abort();
    this.#quiet?.abort();
    clearTimeout(this.#timer);
  }

  #replace(page: Page): void {
    this.#page = page;
    this.#rows = page.results;
    this.#keys = new Set(page.results.map(keyOf));
    const names = attributeNames(page.results).filter((name) => !this.#attributes.includes(name));
    if (names.length > 0) this.#attributes = [...this.#attributes, ...names];
    this.#ended.clear();
    this.#noteAdded([]);
    this.#renewed.clear();
    this.#noteRead();
  }

  #merge(page: Page): void {
    const { order = "newest" } = this.#query;
    const { rows, gone, added } = merged(this.#rows, page, order);
    this.#rows = rows;
    this.#page = { ...page, results: [...rows] };
    for (const key of gone) this.#mark(key, { kind: "gone", at: Date.now() });
    if (this.#showsNewest) {
      const [first] = rows;
      const isNewer = ({ created }: Session) => first === undefined || created >= first.created;
      const keys = new Set(page.results.filter(isNewer).map(keyOf));
      this.#noteAdded(added.filter((key) => keys.has(key)));
    }
    this.#noteRead();
  }

  #noteRead(): void {
    this.#failure = undefined;
    this.#readAt = Date.now();
    clock.set();
  }

  /** New sessions only appear on the first page, newest first. */
  get #showsNewest(): boolean {
    return this.#query.order !== "oldest" && this.#page?.hasPrevResults === false;
  }

  #noteCreated(key: string): void {
    if (!this.#showsNewest || this.has(key)) return;
    // Only the server can say whether a new session matches a filter.
    if (isFiltered(this.#query)) this.#later(LOOK, () => this.update());
    else if (this.#added.size < MOST_ADDED) this.#added.add(key);
  }

  #noteAdded(keys: readonly string[]): void {
    this.#added.clear();
    for (const key of keys) this.#added.add(key);
  }

  #mark(key: string, ended: Ended): void {
    this.#added.delete(key);
    if (this.has(key)) this.#ended.mark(key, ended);
  }

  /** Whether the session is on screen. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  #later(delay: number, act: () => void): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      act();
    }, delay);
  }

  async #readRenewed(): Promise<void> {
    const keys = [...this.#renewed];
    this.#renewed.clear();
    if (keys.length > FEW) return this.update();
    const wanted = this.#rows.filter((session) => keys.includes(keyOf(session)));
    try {
      const read = await Promise.all(
        wanted.map(({ sessionId, subjectId }) => connection.api.session({ sessionId, subjectId })),
      );
      const newer = new Map(read.map((session) => [keyOf(session), session]));
      this.#rows = this.#rows.map((session) => newer.get(keyOf(session)) ?? session);
    } catch (thrown) {
      const failure = asFailure(thrown);
      // A session that ended in the meantime has its own event.
      if (failure.code !== "session_not_found") connection.noteRefusal(failure);
    }
  }
}
