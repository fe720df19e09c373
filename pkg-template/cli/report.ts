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

/** What became of one notification. */
export type Delivery = InferOutput<typeof shapes.DELIVERY>;
/** A page of notifications. */
export type Deliveries = InferOutput<typeof shapes.DELIVERIES>;
/** What a removal did. */
export type Report = InferOutput<typeof shapes.REMOVAL_REPORT>;
/** What one call of a purge ended. */
export type PurgeReport = InferOutput<typeof shapes.PURGE_REPORT>;
/** What a purge would end. */
export type PurgePreview = InferOutput<typeof shapes.PURGE_PREVIEW>;

/** The columns of a list of notifications. */
export const DELIVERY_COLUMNS: readonly Column<Delivery>[] = [
  { name: "id", value: ({ id }) => id, isWhole: true },
  { name: "clientId", head: "client", value: ({ clientId }) => clientId },
  {
    name: "state",
    value: ({ state }) => state,
    isWhole: true,
    style: ({ state }) => STYLES[state],
  },
  { name: "attempts", value: ({ attempts }) => String(attempts) },
  { name: "status", value: ({ status }) => (status === undefined ? "" : String(status)) },
  { name: "subjectId", value: ({ subjectId = "" }) => subjectId },
  { name: "sessionId", value: ({ sessionId = "" }) => sessionId },
  { name: "error", value: ({ error = "" }) => error },
  {
    name: "nextAttempt",
    value: ({ nextAttempt = "" }) => nextAttempt,
    short: ({ nextAttempt }) => relative(nextAttempt),
    isWhole: true,
  },
];

const STYLES = {
  delivered: "good",
  pending: "waiting",
  failed: "bad",
  skipped: undefined,
} as const;

/** In a report the client and its state come first. */
const REPORT_COLUMNS = ["clientId", "state", "error", "attempts", "status", "sessionId", "id"];

const WHOLE_IN_REPORTS = ["clientId", "state"];

/** What a dry run says that a removal will do. `whose` names the person. */
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

/** What a removal has done. */
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

/** Writes the report: the sentence and the notes beside the data, the notifications as data. */
export async function writeReport(output: Output, report: Report): Promise<void> {
  output.say(outcome(report));
  sayNotes(output, report.notes);
  if (output.json) {
    await output.writeJson(report);
  } else if (report.deliveries.length > 0) {
    const columns = REPORT_COLUMNS.flatMap((name) =>
      DELIVERY_COLUMNS.filter((column) => column.name === name),
    ).map((column) => ({ ...column, isWhole: WHOLE_IN_REPORTS.includes(column.name) }));
    await new Table(output, columns).add(report.deliveries);
  }
  if (!isNotified(report)) {
    output.say("not every client could be notified: see `rollcall deliveries list`");
  }
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
