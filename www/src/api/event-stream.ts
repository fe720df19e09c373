/**
 * The stream of events of `GET /v1/events` (Server-Sent Events, HTML standard, section 9.2). It is
 * read with `fetch`, because `EventSource` can't send an access token.
 *
 * @module
 */

import type { EventSourceMessage } from "eventsource-parser";
import { EventSourceParserStream } from "eventsource-parser/stream";
import type { Api } from "./client";
import type { EventData } from "./types";

/** An item of the stream. */
export type StreamItem =
  /** The stream is open. `now` is the server's time in epoch milliseconds. */
  | { type: "hello"; now: number; id?: string | undefined }
  /** Events were missed, so lists must be read again. */
  | { type: "reset"; id?: string | undefined }
  | { type: "event"; id: string; event: EventData };

interface StreamOptions {
  /** The id of the last event so far. Absent: only new events. */
  after: string | undefined;
  signal: AbortSignal;
  /** Called when bytes arrive, including comments. */
  onBytes(): void;
}

/** The stream of one connection. It ends when the server closes it, and throws a `Failure`. */
export async function* eventStream(
  api: Api,
  { after, signal, onBytes }: StreamOptions,
): AsyncGenerator<StreamItem> {
  const { body } = await api.events(after, signal);
  if (body === null) return;
  const watched = new TransformStream<string, string>({
    transform(text, controller) {
      onBytes();
      controller.enqueue(text);
    },
  });
  const messages = body
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array<ArrayBuffer>, string>)
    .pipeThrough(watched)
    .pipeThrough(new EventSourceParserStream());
  const reader = messages.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield itemOf(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function itemOf({ event: name, id, data }: EventSourceMessage): StreamItem {
  const value = parsed(data);
  if (name === "hello") return { type: "hello", now: Date.parse(Object(value).now), id };
  // An unreadable event counts as missed.
  if (name === "reset" || id === undefined || !isEventData(value)) return { type: "reset", id };
  return { type: "event", id, event: value };
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** Whether a value has the members of every event. The others depend on its type. */
export function isEventData(value: unknown): value is EventData {
  const { type, at } = Object(value);
  return typeof type === "string" && typeof at === "string";
}
