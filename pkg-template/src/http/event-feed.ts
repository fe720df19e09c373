/**
 * The last events of one process, for readers that follow them.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import { optionsObject } from "../options.js";
import type { SessionEvent } from "../types.js";

/** The items that a reader of events receives, in order. */
export type FeedItem =
  /** The first item. `last` is the id of the last event so far, if there is one. */
  | { type: "hello"; last?: string }
  /**
   * Follows `hello` if the events after `after` are no longer known: the reader has missed some and
   * must list again.
   */
  | { type: "reset"; last?: string }
  | { type: "event"; id: string; event: SessionEvent };

/** The events that a reader requests. */
export interface Subscription {
  /** The id of the last event that the reader received. Absent: only new events. */
  after?: string | undefined;
  /** Only events of these types. Absent: all. */
  types?: readonly string[] | undefined;
  /** Ends the subscription. */
  signal?: AbortSignal | undefined;
}

/**
 * Delivers events to readers. The API calls `subscribe` once for each open `GET /v1/events`. An id
 * is a string without line breaks.
 */
export interface EventSource {
  subscribe(subscription: Subscription): AsyncIterable<FeedItem>;
}

/** Keeps the last events of one process and delivers them to readers. */
export interface EventFeed extends EventSource {
  /** Adds an event. Call it in the host's `onEvent`. */
  publish(event: SessionEvent): void;
}

const KEPT = 1_000;

/**
 * Keeps the last events in memory, for `GET /v1/events`.
 *
 * It serves one process: readers see the events of the process that they are connected to. With
 * several processes or on Cloudflare Workers, where requests can't wait for each other, pass
 * `adminApi` your own {@link EventSource} over Redis or a Durable Object.
 *
 * @example
 * const events = eventFeed();
 * const host = { ...stores, onEvent: events.publish };
 * const api = adminApi({ management: new SessionManagement(host), events, authorize });
 *
 * @param options `keep`: how many events it keeps, default 1,000. A reader that lags further behind
 *   is closed; it then connects again and gets `reset`.
 * @throws {RollcallError} `invalid_argument` for another `keep` than a whole number from 1
 */
export function eventFeed(options?: { keep?: number | undefined }): EventFeed {
  const { keep = KEPT } = optionsObject(options, "the options of `eventFeed`", ["keep"]);
  if (!Number.isSafeInteger(keep) || keep < 1) {
    throw invalidArgument("`keep` must be a whole number of events, 1 or more");
  }
  return memoryFeed(keep);
}

function memoryFeed(keep: number): EventFeed {
  // Ids of another process, or of an earlier run of this one, are unknown.
  let run = "";
  const kept: SessionEvent[] = [];
  let count = 0;
  const readers = new Set<() => void>();

  const idOf = (number: number) => {
    // Created with the first event or reader, because Workers have no random values in global
    // scope.
    run ||= crypto.getRandomValues(new Uint32Array(1)).at(0)?.toString(16) ?? "0";
    return `${run}-${number}`;
  };
  const last = () => (count === 0 ? {} : { last: idOf(count) });

  /** The number of the event with this id, if all later events are kept. */
  function numberOf(id: string): number | undefined {
    const number = Number(id.slice(id.indexOf("-") + 1));
    const isKnown =
      Number.isSafeInteger(number) && number >= count - kept.length && number <= count;
    return isKnown && idOf(number) === id ? number : undefined;
  }

  /** Waits for an event, or for the end of the subscription. */
  function change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        readers.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      readers.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }

  function subscribe({ after, types, signal }: Subscription): AsyncIterable<FeedItem> {
    const known = after === undefined ? count : numberOf(after);
    const first: FeedItem[] = [{ type: "hello", ...last() }];
    if (known === undefined) first.push({ type: "reset", ...last() });
    return follow(first, known ?? count, types, signal);
  }

  async function* follow(
    first: FeedItem[],
    after: number,
    types: readonly string[] | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<FeedItem> {
    yield* first;
    let seen = after;
    while (!signal?.aborted) {
      if (seen === count) await change(signal);
      // The reader was too slow: events that it hasn't received are no longer kept.
      if (seen < count - kept.length) return;
      while (seen < count && !signal?.aborted) {
        const event = kept[kept.length - (count - seen)];
        if (event === undefined) return;
        seen += 1;
        if (types === undefined || types.includes(event.type)) {
          yield { type: "event", id: idOf(seen), event };
        }
      }
    }
  }

  return {
    publish: (event) => {
      kept.push(event);
      if (kept.length > keep) kept.shift();
      count += 1;
      for (const wake of [...readers]) wake();
    },
    subscribe,
  };
}
