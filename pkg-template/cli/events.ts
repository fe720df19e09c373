/**
 * `rollcall events`: follows the events of an API (Server-Sent Events, HTML standard, section 9.2).
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { FORMS, hasForm } from "./answers.js";
import { type Client, parsed } from "./client.js";
import { EXIT, type ExitStatus, Failure, usage } from "./failure.js";
import type { Output } from "./output.js";
import { safe, safeJson } from "./text.js";

/** The flags of `events`. */
export interface EventFlags {
  type?: string[];
  since?: string;
}

/** The wait before a new connection, in milliseconds, where the API names none. */
const RETRY = 3_000;
/** The longest wait, in milliseconds. */
const LONGEST = 30_000;

/** `rollcall events`. It ends by Ctrl-C, or if the API refuses it. */
export async function followEvents(
  client: Client,
  output: Output,
  { type = [], since }: EventFlags,
): Promise<ExitStatus> {
  if (client.connection.isInProcess) {
    throw usage("events are those of a running admin API: give its mount point by `--url`");
  }
  let last = since === undefined ? undefined : checkedId(since);
  let retry = RETRY;
  let failures = 0;
  let hasWorked = false;
  const search = new URLSearchParams(type.map((one) => ["types", one])).toString();
  const onInterrupt = () => {
    const interrupted = new Failure("interrupted", "interrupted");
    if (last !== undefined) {
      interrupted.continued(`continue with: --since ${safe(last)}`, { since: last });
    }
    if (last !== undefined || output.json) output.fail(interrupted);
    process.exit(EXIT.interrupted);
  };
  process.on("SIGINT", onInterrupt);

  const messages: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (message) => messages.push(message),
    onRetry: (milliseconds) => {
      retry = milliseconds;
    },
  });
  for (;;) {
    const headers = {
      accept: "text/event-stream",
      ...(last !== undefined && { "last-event-id": last }),
    };
    const path = search === "" ? "/v1/events" : `/v1/events?${search}`;
    try {
      const request = client.request("GET", path, undefined, headers);
      const { body } = await streamOf(client, request);
      failures = 0;
      const decoder = new TextDecoder();
      for await (const bytes of body ?? []) {
        parser.feed(decoder.decode(bytes, { stream: true }));
        for (const message of messages.splice(0)) {
          last = message.id || last;
          const isOurs = await show(output, message);
          if (!isOurs && !hasWorked) throw client.noApi(request, "other events");
          hasWorked = true;
        }
      }
    } catch (error) {
      // A refusal stays one; a connection that is lost or a server that restarts comes back.
      if (!hasWorked || (error instanceof Failure && isRefusal(error))) throw error;
      failures += 1;
      if (failures === 1) output.say("the connection is lost: trying again");
    }
    parser.reset();
    await pause(Math.min(retry * 2 ** Math.max(failures - 1, 0), LONGEST));
  }
}

/** The answer of the API, if it is a stream of events. */
async function streamOf(client: Client, request: Request): Promise<Response> {
  const response = await client.send(request);
  const type = response.headers.get("content-type") ?? "";
  if (/^text\/event-stream\b/i.test(type)) return response;
  await response.body?.cancel();
  throw client.noApi(request, "something else than events");
}

/** An id that can be a header. */
function checkedId(id: string): string {
  if (/^[\x21-\x7e]+$/.test(id)) return id;
  throw usage("`--since` must be the id of an event");
}

/** Whether the API itself answered, and not a proxy while the API restarts. */
function isRefusal({ problem, status }: Failure): boolean {
  const { status: answered = 599 } = problem as { status?: number };
  return status !== EXIT.failed || answered < 502;
}

/** Writes a message of the stream. False: it isn't one of an admin API. */
async function show(output: Output, { event, data }: EventSourceMessage): Promise<boolean> {
  if (event === "hello") return true;
  if (event === "reset") {
    output.say("some events are no longer kept: list the sessions again");
    return true;
  }
  const value = parsed(data);
  if (!hasForm(value, FORMS.event)) return false;
  await output.write(output.json ? `${safeJson(value)}\n` : line(output, Object(value)));
  return true;
}

/** The members that come first, in this order. */
const FIRST = ["at", "type", "subjectId", "sessionId", "clientId"];

/** `2026-11-30T12:00:00.000Z session_removed subjectId=12345 …`, with tabs in a pipe. */
function line(output: Output, event: Record<string, unknown>): string {
  const { at, type, ...members } = event;
  const names = Object.keys(members);
  const ordered = [...FIRST, ...names.filter((name) => !FIRST.includes(name))];
  const shown = ordered
    .filter((name) => members[name] !== undefined)
    .map((name) => `${safe(name)}=${textOf(members[name])}`);
  return `${[safe(String(at)), safe(String(type)), ...shown].join(output.isTerminal ? "  " : "\t")}\n`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? safe(value) : safeJson(value);
}
