/**
 * The route that follows events (Server-Sent Events, HTML standard, section 9.2).
 *
 * @module
 */

import { observe } from "../core/events.js";
import type { ApiContext } from "./call.js";
import { authorized } from "./checks.js";
import type { FeedItem } from "./event-feed.js";
import type { Settings } from "./options.js";
import { EVENTS_QUERY, parse } from "./parameters.js";
import { Problem } from "./problem.js";
import { response } from "./response.js";
import { shownEvent } from "./scope.js";

/** How long a reader waits before it reconnects, in milliseconds. */
const RETRY = 3_000;
/** The interval of comments that keep the connection open, in milliseconds. */
const KEEP_ALIVE = 15_000;
/** The number of comments after which `authorize` is called again: every minute. */
const COMMENTS_UNTIL_CHECK = 4;

/** `GET /v1/events`. */
export function followEvents(c: ApiContext, settings: Settings): Response {
  const { events } = settings;
  const { types, lastEventId } = parse(EVENTS_QUERY, c.env.url.searchParams);
  if (events === undefined) {
    throw new Problem("not_configured", "events can't be followed: `adminApi` has no `events`");
  }
  const after = c.req.header("last-event-id") || lastEventId || undefined;
  const subscription = { ...(after !== undefined && { after }), ...(types && { types }) };
  const unsubscribe = new AbortController();
  const feed = events.subscribe({ ...subscription, signal: unsubscribe.signal });
  const body = streamOf(
    c,
    settings,
    feed[Symbol.asyncIterator](),
    unsubscribe,
    after !== undefined,
  );
  return response(body, { "content-type": "text/event-stream" });
}

/**
 * Reads the feed as fast as its reader does. Ends when the reader disconnects, the feed ends or the
 * actor loses its permission.
 *
 * @param unsubscribe ends the subscription
 * @param isResumed whether the reader has reconnected
 */
function streamOf(
  c: ApiContext,
  settings: Settings,
  items: AsyncIterator<FeedItem>,
  unsubscribe: AbortController,
  isResumed: boolean,
): ReadableStream<Uint8Array> {
  const { signal } = c.req.raw;
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setInterval> | undefined;
  let writer: ReadableStreamDefaultController<Uint8Array> | undefined;

  async function end(): Promise<void> {
    if (unsubscribe.signal.aborted) return;
    clearInterval(timer);
    signal.removeEventListener("abort", onDisconnect);
    unsubscribe.abort();
    await items.return?.();
  }

  function onDisconnect(): void {
    close().catch(report);
  }

  async function close(): Promise<void> {
    if (!unsubscribe.signal.aborted) writer?.close();
    await end();
  }

  function report(error: unknown): void {
    observe("onError", () => settings.onError(error));
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      writer = controller;
      signal.addEventListener("abort", onDisconnect);
      controller.enqueue(encoder.encode(`retry: ${RETRY}\n\n`));
      let comments = 0;
      timer = setInterval(async () => {
        try {
          comments += 1;
          const asks = comments % COMMENTS_UNTIL_CHECK === 0;
          if (asks && !(await isStillPermitted(c, settings))) return await close();
          const waits = (controller.desiredSize ?? 0) > 0;
          if (waits && !unsubscribe.signal.aborted) controller.enqueue(encoder.encode(":\n\n"));
        } catch (error) {
          report(error);
        }
      }, KEEP_ALIVE);
    },
    async pull(controller) {
      try {
        for (;;) {
          const { done, value } = await items.next();
          if (unsubscribe.signal.aborted) return;
          if (done) return await close();
          const text = written(c, value, isResumed);
          if (text === undefined) continue;
          controller.enqueue(encoder.encode(text));
          return;
        }
      } catch (error) {
        report(error);
        await close();
      }
    },
    cancel: end,
  });
}

async function isStillPermitted(c: ApiContext, settings: Settings): Promise<boolean> {
  try {
    c.set("actor", await authorized(c.req.raw, { permission: "read" }, settings));
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Problem)) observe("onError", () => settings.onError(thrown));
    return false;
  }
}

/** The lines of one item; `undefined` if the actor may not see it. */
function written(c: ApiContext, item: FeedItem, isResumed: boolean): string | undefined {
  switch (item.type) {
    case "hello":
      // A reader that reconnects hasn't received the events until `last` yet.
      return entry(
        "hello",
        { now: new Date(), last: item.last },
        isResumed ? undefined : item.last,
      );
    case "reset":
      return entry("reset", {}, item.last);
    case "event": {
      const event = shownEvent(c.var.actor, item.event);
      return event && entry(event.type, event, item.id);
    }
  }
}

function entry(type: string, data: object, id: string | undefined): string {
  const lines = [`event: ${oneLine(type)}`, `data: ${JSON.stringify(data)}`, "", ""];
  return (id === undefined ? lines : [`id: ${oneLine(id)}`, ...lines]).join("\n");
}

/** The host's own feed may contain line breaks. */
function oneLine(text: string): string {
  return String(text).replace(/[\r\n\0]/g, "");
}
