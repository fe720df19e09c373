/**
 * The report of a removal: in a sentence, and its notifications as a table.
 *
 * @module
 */

import type { InferOutput } from "valibot";
import type * as shapes from "../src/http/shapes.js";
import { EXIT, type ExitStatus } from "./failure.js";
import type { Output } from "./output.js";
import { type Column, Table } from "./table.js";
import { counted, listed, safe } from "./text.js";
import { relative } from "./times.js";

/** The state of one notification. */
export type Delivery = InferOutput<typeof shapes.DELIVERY>;
/** A page of notifications. */
export type Deliveries = InferOutput<typeof shapes.DELIVERIES>;
/** The report of a removal. */
export type Report = InferOutput<typeof shapes.REMOVAL_REPORT>;
/** The report of one call of a purge. */
export type PurgeReport = InferOutput<typeof shapes.PURGE_REPORT>;
/** The preview of a purge. */
export type PurgePreview = InferOutput<typeof shapes.PURGE_PREVIEW>;

/** The columns of a list of notifications. */
export const DELIVERY_COLUMNS: readonly Column<Delivery>[] = [
  { name: "id", value: ({ id }) => id, isWhole: true },
  { name: "clientId", head: "client", value: ({ clientId }) => clientId, isWhole: true },
  {
    name: "state",
    value: ({ state }) => state,
    isWhole: true,
    style: ({ state }) => STYLES[state],
  },
  { name: "error", value: ({ error = "" }) => error, least: 24 },
  {
    name: "nextAttempt",
    head: "next",
    value: ({ nextAttempt = "" }) => nextAttempt,
    short: ({ nextAttempt }) => relative(nextAttempt),
    isWhole: true,
  },
  { name: "attempts", value: ({ attempts }) => String(attempts) },
  { name: "status", value: ({ status }) => (status === undefined ? "" : String(status)) },
  { name: "subjectId", value: ({ subjectId = "" }) => subjectId, isWhole: true },
  { name: "sessionId", value: ({ sessionId = "" }) => sessionId, isWhole: true },
];

const STYLES = {
  delivered: "good",
  pending: "waiting",
  failed: "bad",
  skipped: undefined,
} as const;

/** In a report the client and its state come first. */
const REPORT_COLUMNS = ["clientId", "state", "status", "sessionId", "error"];
const MORE_IN_PIPES = ["attempts", "subjectId", "id"];
/** Needed whole in a report. */
const WHOLE = ["clientId", "state", "sessionId"];

/** With more notifications than this, a terminal shows only those that weren't delivered. */
const SHOWN = 20;

/** The report of a dry run as a sentence. `whose` names the person. */
export function intention(report: Report, whose: string, keepsSessions: boolean): string {
  const { sessionsRemoved, deliveries, notifications } = report;
  const sessions = `${counted(sessionsRemoved, "session")}${whose}`;
  const parts = keepsSessions ? [] : [`ends ${sessions}`];
  const revoked = grants(report);
  if (revoked.length > 0) parts.push(`revokes ${listed(revoked)}`);
  const clients = clientsIn(deliveries, (state) => state !== "skipped");
  const skipped = clientsIn(deliveries, (state) => state === "skipped");
  if (clients.length > 0) parts.push(`notifies ${listed(clients)}`);
  else if (notifications.skipped === 0) parts.push("notifies no client");
  if (skipped.length > 0) parts.push(`can't notify ${listed(skipped)}`);
  return parts.join(", ");
}

/** The report of a removal as a sentence. */
export function outcome(report: Report): string {
  const { sessionsRemoved, notifications } = report;
  const parts = [`ended ${counted(sessionsRemoved, "session")}`];
  const revoked = grants(report);
  if (revoked.length > 0) parts.push(`revoked ${listed(revoked)}`);
  const { delivered, pending, failed, skipped } = notifications;
  const states = [
    [delivered, "delivered"],
    [pending, "pending"],
    [failed, "failed"],
    [skipped, "skipped"],
  ] as const;
  const sent = states.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`);
  const total = delivered + pending + failed + skipped;
  parts.push(
    total === 0 ? "no notifications" : `${counted(total, "notification")}: ${listed(sent)}`,
  );
  return parts.join(", ");
}

function grants({ tokensRevoked, consentsRevoked, otherGrantsRevoked }: Report): string[] {
  return [
    [tokensRevoked, "token"] as const,
    [consentsRevoked, "consent"] as const,
    [otherGrantsRevoked, "other grant"] as const,
  ]
    .filter(([count]) => count > 0)
    .map(([count, name]) => counted(count, name));
}

function clientsIn(
  deliveries: readonly Delivery[],
  matches: (state: Delivery["state"]) => boolean,
): string[] {
  const found = deliveries.filter(({ state }) => matches(state)).map(({ clientId }) => clientId);
  return [...new Set(found)].sort().map(safe);
}

/** Says what was left, and why. */
export function sayNotes(output: Output, notes: readonly string[]): void {
  for (const note of notes) output.say(`note: ${safe(note)}`);
}

/**
 * Writes the report: the sentence and the notes beside the data, the notifications as data.
 *
 * @param said the notes that the person has read already
 */
export async function writeReport(
  output: Output,
  report: Report,
  said: readonly string[] = [],
): Promise<void> {
  const { deliveries, notes } = report;
  output.say(outcome(report));
  sayNotes(
    output,
    notes.filter((note) => !said.includes(note)),
  );
  if (output.json) {
    await output.writeJson(report);
  } else if (output.isTerminal && deliveries.length > SHOWN) {
    await writeDeliveries(
      output,
      deliveries.filter(({ state }) => state === "failed" || state === "pending"),
    );
  } else {
    await writeDeliveries(output, deliveries);
  }
  if (!isNotified(report)) {
    output.say("not every client could be notified: see `rollcall deliveries list`");
  }
}

async function writeDeliveries(output: Output, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const names = output.isTerminal ? REPORT_COLUMNS : [...REPORT_COLUMNS, ...MORE_IN_PIPES];
  const columns = names.flatMap((name) => DELIVERY_COLUMNS.filter((one) => one.name === name));
  const shown = columns.map((column) => ({ ...column, isWhole: WHOLE.includes(column.name) }));
  const table = new Table(output, shown, "--json");
  await table.add([...deliveries].sort(bySeverity));
  table.end();
}

const SEVERITY: readonly Delivery["state"][] = ["failed", "pending", "skipped", "delivered"];

/** Notifications that need a person's attention come first. */
function bySeverity(one: Delivery, other: Delivery): number {
  const difference = SEVERITY.indexOf(one.state) - SEVERITY.indexOf(other.state);
  return difference || compare(sortKey(one), sortKey(other));
}

function sortKey({ clientId, sessionId = "" }: Delivery): string {
  return JSON.stringify([clientId, sessionId]);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/**
 * Whether no client is left that couldn't be notified. One whose first attempt failed counts as
 * that, although an outbox will try again.
 */
export function isNotified({ notifications, deliveries }: Report): boolean {
  const hasFailed = deliveries.some(
    ({ state, error }) => state === "pending" && error !== undefined,
  );
  return notifications.failed === 0 && !hasFailed;
}

/** The exit status of a removal that ran to its end. */
export function statusOf(report: Report): ExitStatus {
  return isNotified(report) ? EXIT.done : EXIT.notNotified;
}
