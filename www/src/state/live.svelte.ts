/**
 * Live updates: the stream of events, or a tick every 15 seconds where the API has none.
 *
 * @module
 */

import { untrack } from "svelte";
import { eventStream, type StreamItem } from "../api/event-stream";
import { Failure } from "../api/failure";
import type { EventData } from "../api/types";
import { Backoff } from "./backoff";
import { connection } from "./connection.svelte";
import { EventBatch } from "./event-batch";
import { eventLog, type LogEntry } from "./event-log.svelte";

/**
 * - `live`: events arrive as they happen.
 * - `polling`: the API has no events; screens refresh every 15 seconds.
 * - `paused`: the user paused updates.
 * - `offline`: the connection was lost, and is being retried.
 * - `refused`: the sign-in is no longer valid.
 */
export type LiveState = "live" | "polling" | "paused" | "offline" | "refused";

/** A listener for updates. */
export interface LiveListener {
  /** An event happened. */
  onEvent?(event: EventData, id: string): void;
  /** Data may be out of date: events were missed, or the API has none. */
  onStale?(): void;
}

const POLL = 15_000;
/** The server sends a comment every 15 seconds, so a stream without three of them is stalled. */
const STALLED = 45_000;
const CHECK = 5_000;
/** A stream that ends sooner was refused rather than closed. */
const SHORT = 5_000;

class Live {
  #state = $state<LiveState>("offline");
  #isPaused = $state(false);
  #meanwhile = $state<number>();
  readonly #listeners = new Set<LiveListener>();
  readonly #batch = new EventBatch((events) => this.#notify(events));
  /** Whether updates are started. They may be paused. */
  #isStarted = false;
  /** Ends the current stream or timer. */
  #run: AbortController | undefined;
  readonly #backoff = new Backoff();
  /** Ends the current connection or pause, and connects again. */
  #reconnect: (() => void) | undefined;

  constructor() {
    addEventListener("online", () => this.#reconnect?.());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#backoff.skip();
    });
  }

  get state(): LiveState {
    return this.#isPaused ? "paused" : this.#state;
  }

  /** The log of the events that arrived, newest first. */
  get entries(): readonly LogEntry[] {
    return eventLog.entries;
  }

  /** How many events happened during the last pause; `undefined` if that isn't known. */
  get meanwhile(): number | undefined {
    return this.#meanwhile;
  }

  /** Adds a listener; the result removes it. Call it in `$effect`. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts updates for the connection. The result stops them. */
  start(): () => void {
    return untrack(() => {
      const { isDemo, me } = connection;
      // The browser mode starts a new feed on each load.
      eventLog.open(`${isDemo ? "demo" : location.pathname} ${me.actor}`, !isDemo);
      this.#isStarted = true;
      if (!this.#isPaused) this.#begin();
      return () => {
        this.#isStarted = false;
        this.#end();
        this.#state = connection.lapsed === undefined ? "offline" : "refused";
      };
    });
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#meanwhile = undefined;
    this.#end();
  }

  /** Resumes updates. Events that happened meanwhile arrive now. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isStarted) return;
    this.#begin(true);
  }

  #begin(isResumed = false): void {
    this.#end();
    const run = new AbortController();
    this.#run = run;
    if (connection.me.capabilities.events && connection.may("read")) {
      this.#follow(run.signal, isResumed);
    } else {
      this.#poll(run.signal);
      if (isResumed) this.#notifyStale();
    }
  }

  #end(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#batch.flush();
  }

  /** Connects until `stopped`. */
  async #follow(stopped: AbortSignal, isResumed: boolean): Promise<void> {
    let isFirst = true;
    let isCatchingUp = isResumed;
    this.#backoff.reset();
    while (!stopped.aborted) {
      const began = performance.now();
      const failure = await this.#connect(stopped, { isFirst, isCatchingUp });
      if (stopped.aborted) return;
      const hasOpened = this.#state === "live";
      if (failure?.code === "not_signed_in") {
        this.#state = "refused";
        connection.noteRefusal(failure);
        return;
      }
      // The API no longer grants the stream, so poll.
      if (failure?.status === 403 || failure?.status === 501) return this.#poll(stopped);
      // The server closes the stream when it restarts or rechecks the permission.
      const isClosed = failure === undefined && performance.now() - began > SHORT;
      if (isClosed) this.#backoff.reset();
      else {
        this.#state = "offline";
        await this.#backoff.wait(stopped);
      }
      isFirst = false;
      isCatchingUp &&= !hasOpened;
    }
  }

  /** Connects once, until the stream ends. The result is the failure, if it wasn't closed. */
  async #connect(
    stopped: AbortSignal,
    { isFirst, isCatchingUp }: { isFirst: boolean; isCatchingUp: boolean },
  ): Promise<Failure | undefined> {
    const lost = new AbortController();
    const signal = AbortSignal.any([stopped, lost.signal]);
    let lastBytes = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - lastBytes > STALLED) lost.abort();
    }, CHECK);
    this.#reconnect = () => {
      this.#backoff.hurry();
      lost.abort();
    };
    const after = eventLog.last;
    let caughtUp = isCatchingUp ? Number.NEGATIVE_INFINITY : undefined;
    const onBytes = () => {
      lastBytes = performance.now();
    };
    try {
      for await (const item of eventStream(connection.api, { after, signal, onBytes })) {
        if (item.type === "hello") {
          this.#state = "live";
          // Without an id to continue from, events may have happened before.
          if (after === undefined && (!isFirst || isCatchingUp)) this.#notifyStale();
          else if (caughtUp !== undefined) {
            caughtUp = item.now;
            this.#meanwhile = 0;
          }
        }
        this.#receive(item, caughtUp);
        this.#backoff.reset();
      }
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Failure) return thrown;
      // The connection broke while the stream was read, or it stalled.
      return new Failure("offline", "the stream of events broke", { cause: thrown });
    } finally {
      clearInterval(watch);
    }
  }

  #receive(item: StreamItem, caughtUp: number | undefined): void {
    if (item.id !== undefined) eventLog.last = item.id;
    if (item.type === "reset") {
      this.#batch.flush();
      this.#meanwhile = undefined;
      eventLog.addGap();
      this.#notifyStale();
    }
    if (item.type !== "event") return;
    if (caughtUp !== undefined && Date.parse(item.event.at) <= caughtUp) {
      this.#meanwhile = (this.#meanwhile ?? 0) + 1;
    }
    this.#batch.add({ id: item.id, event: item.event });
  }

  #poll(stopped: AbortSignal): void {
    this.#state = "polling";
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") this.#notifyStale();
    }, POLL);
    stopped.addEventListener("abort", () => clearInterval(timer));
  }

  #notify(events: readonly { id: string; event: EventData }[]): void {
    eventLog.add(events);
    for (const { id, event } of events) {
      for (const { onEvent } of [...this.#listeners]) onEvent?.(event, id);
    }
  }

  #notifyStale(): void {
    for (const { onStale } of [...this.#listeners]) onStale?.();
  }
}

/** The live updates of this page. */
export const live = new Live();
