/**
 * Live updates: the stream of events, or a tick every 15 seconds where the API has none.
 *
 * @module
 */

import { eventStream } from "../api/event-stream";
import { Failure } from "../api/failure";
import type { EventData } from "../api/types";
import { connection } from "./connection.svelte";

/**
 * - `live`: events arrive as they happen.
 * - `polling`: the API has no events; screens ask again every 15 seconds.
 * - `paused`: the user paused updates.
 * - `offline`: the connection was lost, and is tried again.
 */
export type LiveState = "live" | "polling" | "paused" | "offline";

/** A listener for updates. */
export interface LiveListener {
  /** An event happened. */
  onEvent?(event: EventData, id: string): void;
  /** Data may be out of date: events were missed, or the API has none. */
  onStale?(): void;
}

const POLL = 15_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 30_000;
/** Events that are kept for the screen "Activity". */
const KEPT = 1_000;

class Live {
  #state = $state<LiveState>("offline");
  #isPaused = $state(false);
  #events = $state.raw<readonly { id: string; event: EventData }[]>([]);
  readonly #listeners = new Set<LiveListener>();
  #stopped: AbortController | undefined;
  #last: string | undefined;

  get state(): LiveState {
    return this.#isPaused ? "paused" : this.#state;
  }

  /** The events that arrived, newest first. */
  get events(): readonly { id: string; event: EventData }[] {
    return this.#events;
  }

  /** Adds a listener; the result removes it. Call it in `$effect`. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts updates for the connection. The result stops them. */
  start(): () => void {
    const stopped = new AbortController();
    this.#stopped = stopped;
    const { capabilities } = connection.me;
    const isStream = capabilities.events && connection.may("read");
    if (isStream) this.#follow(stopped.signal);
    else this.#poll(stopped.signal);
    return () => stopped.abort();
  }

  pause(): void {
    this.#isPaused = true;
    this.#stopped?.abort();
  }

  /** Resumes updates. Events that happened meanwhile arrive now. */
  resume(): void {
    this.#isPaused = false;
    this.start();
  }

  async #follow(stopped: AbortSignal): Promise<void> {
    let wait = FIRST_RETRY;
    while (!stopped.aborted) {
      try {
        for await (const item of eventStream(connection.api, this.#last, stopped)) {
          wait = FIRST_RETRY;
          this.#state = "live";
          if (item.id !== undefined) this.#last = item.id;
          if (item.type === "reset") this.#notifyStale();
          if (item.type === "event") this.#notify(item.event, item.id);
        }
      } catch (thrown) {
        if (stopped.aborted) return;
        if (thrown instanceof Failure) {
          connection.noteRefusal(thrown);
          // The API stopped granting the stream: ask again in the other way.
          if (thrown.status === 403 || thrown.status === 501) return this.#poll(stopped);
        }
      }
      if (stopped.aborted) return;
      this.#state = "offline";
      await delay(wait, stopped);
      wait = Math.min(wait * 2, LAST_RETRY);
    }
  }

  #poll(stopped: AbortSignal): void {
    this.#state = "polling";
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") this.#notifyStale();
    }, POLL);
    stopped.addEventListener("abort", () => clearInterval(timer));
  }

  #notify(event: EventData, id: string): void {
    this.#events = [{ id, event }, ...this.#events].slice(0, KEPT);
    for (const { onEvent } of [...this.#listeners]) onEvent?.(event, id);
  }

  #notifyStale(): void {
    for (const { onStale } of [...this.#listeners]) onStale?.();
  }
}

function delay(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    stopped.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The live updates of this page. */
export const live = new Live();
