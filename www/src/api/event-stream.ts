/**
 * The stream of events of `GET /v1/events` (Server-Sent Events, HTML standard, section 9.2). It is
 * read with `fetch`, because `EventSource` can't send an access token.
 *
 * @module
 */

import { EventSourceParserStream } from "eventsource-parser/stream";
import type { Api } from "./client";
import type { EventData } from "./types";

/** An item of the stream. */
export type StreamItem =
  /** The stream is open. */
  | { type: "hello" }
  /** Events were missed: list again. */
  | { type: "reset" }
  | { type: "event"; id: string; event: EventData };

/** The stream of one connection. It ends when the server closes it, and throws a `Failure`. */
export async function* eventStream(
  api: Api,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamItem & { id?: string | undefined }> {
  const { body } = await api.events(after, signal);
  if (body === null) return;
  const messages = body
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array<ArrayBuffer>, string>)
    .pipeThrough(new EventSourceParserStream());
  const reader = messages.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const { event, id, data } = value;
      if (event === "hello") yield { type: "hello", id };
      else if (event === "reset") yield { type: "reset", id };
      else if (id !== undefined) yield { type: "event", id, event: JSON.parse(data) };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
