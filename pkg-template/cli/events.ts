/**
 * `rollcall events`: follows the events of an API (Server-Sent Events, HTML standard, section 9.2).
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { Client } from "./client.js";
import { EXIT, type ExitStatus, Failure, usage } from "./failure.js";
import { notBlank } from "./filters.js";
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
  let last = since === undefined ? undefined : checkedId(since);
  let retry = RETRY;
  let failures = 0;
  const types = type.map((one) => ["types", notBlank("--type", one)]);
  const search = new URLSearchParams(types).toString();
  const onInterrupt = () => {
    if (last !== undefined) output.say(`continue with: --since ${safe(last)}`);
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
      const { body } = await client.send(client.request("GET", path, undefined, headers));
      failures = 0;
      const decoder = new TextDecoder();
      for await (const bytes of body ?? []) {
        parser.feed(decoder.decode(bytes, { stream: true }));
        for (const message of messages.splice(0)) {
          last = message.id || last;
          await show(output, message);
        }
      }
    } catch (error) {
      // A refusal stays one; a connection that is lost or a server that restarts comes back.
      if (error instanceof Failure && isFinal(error)) throw error;
      failures += 1;
      if (failures === 1) output.say("the connection is lost: trying again");
    }
    parser.reset();
    await pause(Math.min(retry * 2 ** Math.max(failures - 1, 0), LONGEST));
  }
}

/** An id that can be a header. */
function checkedId(id: string): string {
  if (/^[\x21-\x7e]+$/.test(id)) return id;
  throw usage("`--since` must be the id of an event");
}

function isFinal({ problem, status }: Failure): boolean {
  return status !== EXIT.failed || (problem !== undefined && problem.status < 502);
}

async function show(output: Output, { event, data }: EventSourceMessage): Promise<void> {
  if (event === "hello") return;
  if (event === "reset") {
    output.say("some events are no longer kept: list the sessions again");
    return;
  }
  const value: unknown = JSON.parse(data);
  if (output.json) await output.write(`${safeJson(value)}\n`);
  else await output.write(line(output, Object(value)));
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
