/**
 * `rollcall purge`.
 *
 * @module
 */

import type { Client } from "./client.js";
import { notifying, type ScopeFlags, scopeOf, WITHOUT_CLIENTS } from "./end.js";
import { EXIT, type ExitStatus, Failure, failureOf, usage } from "./failure.js";
import { type Filter, type FilterFlags, filterOf, positive, TIME_FLAGS } from "./filters.js";
import type { Output } from "./output.js";
import { type PurgePreview, type PurgeReport, sayNotes, statusOf, writeReport } from "./report.js";
import { listedColumns } from "./sessions.js";
import { Table } from "./table.js";
import { counted, quoted, safe, whole } from "./text.js";
import { instant } from "./times.js";

/** The flags of `purge`. */
export interface PurgeFlags extends FilterFlags, ScopeFlags {
  everything?: boolean;
  confirm?: string;
  batch?: string;
}

const DEFAULT_BATCH = 1_000;
/** How many sessions of the preview are shown before the question. */
const SHOWN = 10;

/** `rollcall purge`. `args` are the arguments of the command, for the one that continues it. */
export async function purge(
  client: Client,
  output: Output,
  flags: PurgeFlags,
  args: readonly string[],
): Promise<ExitStatus> {
  const scope = scopeOf(notifying(client, output, flags));
  const filter = filterOf(flags);
  const isEverything = flags.everything === true;
  if (Object.keys(filter).length === 0 && !isEverything) {
    throw usage("say which sessions: give a filter such as `--client`, or `--everything`");
  }
  if (Object.keys(filter).length > 0 && isEverything) {
    throw usage("give either filters or `--everything`");
  }
  const limit = positive("--batch", flags.batch ?? String(DEFAULT_BATCH));
  const wanted = flags.confirm === undefined ? undefined : countOf(flags.confirm);
  const body = { filter, ...(isEverything && { everything: true }), ...scope };
  const preview = await client.post("purgePreview", "/v1/sessions/purge", body);
  if (flags.dryRun === true) return await showPreview(output, preview);
  if (preview.count > 0) await confirm(client, output, preview, wanted);
  const command = continuing(args, filter);
  output.mustFinish = true;
  return await run(client, output, { ...body, limit }, preview, command);
}

function countOf(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw usage("`--confirm` must be the number of sessions");
  return Number(text);
}

async function showPreview(output: Output, preview: PurgePreview): Promise<ExitStatus> {
  if (output.json) {
    await output.writeJson(preview);
    return EXIT.done;
  }
  output.say(`dry run: ${matches(preview)}`);
  sayNotes(output, preview.notes ?? []);
  const table = new Table(output, listedColumns(output, {}), "--json");
  if (preview.sample.length > 0) await table.add(preview.sample);
  table.end();
  return EXIT.done;
}

function matches({ count, sample }: PurgePreview): string {
  const shown = sample.length < count ? `; the newest ${whole(sample.length)} are shown` : "";
  return `${counted(count, "session")} would end${shown}`;
}

/**
 * Has the count typed, or compares it with `--confirm`.
 *
 * @throws {Failure} 5
 */
async function confirm(
  client: Client,
  output: Output,
  { count, sample, notes = [] }: PurgePreview,
  wanted: number | undefined,
): Promise<void> {
  if (wanted !== undefined) {
    if (wanted === count) return;
    throw new Failure(
      "not_confirmed",
      `not confirmed: ${counted(count, "session")} match now, not ${whole(wanted)}`,
    );
  }
  if (!output.canAsk) {
    throw new Failure(
      "not_confirmed",
      `not confirmed: ${counted(count, "session")} match; without a terminal, \`--confirm ${count}\` is required`,
    );
  }
  output.insist(`This ends ${counted(count, "session")}, among them:`);
  for (const { sessionId, subjectId, displayName } of sample.slice(0, SHOWN)) {
    const name = displayName === undefined ? "" : `  ${safe(displayName)}`;
    output.insist(`  ${safe(sessionId)}  ${safe(subjectId)}${name}`);
  }
  for (const note of notes) output.insist(`note: ${safe(note)}`);
  if (client.connection.isDatabase) output.insist(`${WITHOUT_CLIENTS}.`);
  const answer = await output.ask("Type the number of sessions to end them:");
  if (answer.replaceAll(",", "") !== String(count)) {
    throw new Failure("not_confirmed", "not confirmed: nothing was changed");
  }
}

/** Ends sessions batch by batch, until none is left or a person stops it. */
async function run(
  client: Client,
  output: Output,
  body: object,
  { count, confirmToken }: PurgePreview,
  command: string,
): Promise<ExitStatus> {
  const interrupt = onInterrupt(output);
  const total = new Total();
  let token: string | undefined = count > 0 ? confirmToken : undefined;
  try {
    while (token !== undefined && !interrupt.isStopped()) {
      output.progress(`${whole(total.ended)} of ${whole(count)} sessions ended`);
      const report: PurgeReport = await client.post("purgeReport", "/v1/sessions/purge", {
        ...body,
        confirmToken: token,
      });
      total.add(report);
      token = report.more ? report.confirmToken : undefined;
    }
  } catch (error) {
    output.progress("");
    throw total.ended === 0 ? error : failureOf(error).continued(...resumed(total, count, command));
  } finally {
    interrupt.end();
    output.progress("");
  }
  await writeReport(output, total.report);
  if (token !== undefined) {
    const stopped = new Failure("interrupted", progressOf(total, count));
    throw stopped.continued(...resumed(total, count, command));
  }
  if (total.report.failed > 0) {
    const failed = counted(total.report.failed, "session");
    throw new Failure("not_ended", `${failed} couldn't be ended: run the command again`);
  }
  return statusOf(total.report);
}

/** How to continue a purge that stopped. */
function resumed(total: Total, count: number, command: string): [string, object] {
  const hint = `${progressOf(total, count)}; continue with:\n  ${command}`;
  return [hint, { continueWith: command }];
}

function progressOf({ ended }: Total, count: number): string {
  return `stopped: ${whole(ended)} ended, about ${whole(Math.max(count - ended, 0))} left`;
}

/** The first Ctrl-C lets the batch finish, the second one doesn't. */
function onInterrupt(output: Output) {
  let isStopped = false;
  const stop = () => {
    if (isStopped) process.exit(EXIT.interrupted);
    isStopped = true;
    output.say("stopping after this batch; Ctrl-C again quits at once");
  };
  process.on("SIGINT", stop);
  return { isStopped: () => isStopped, end: () => process.off("SIGINT", stop) };
}

/** How many notifications a report lists. */
const LISTED = 1_000;

/** The reports of all batches as one. */
class Total {
  readonly #skipped = new Set<string>();
  report: PurgeReport = {
    sessionsRemoved: 0,
    tokensRevoked: 0,
    consentsRevoked: 0,
    otherGrantsRevoked: 0,
    notifications: { delivered: 0, pending: 0, failed: 0, skipped: 0 },
    deliveries: [],
    notes: [],
    dryRun: false,
    more: false,
    failed: 0,
  };

  get ended(): number {
    return this.report.sessionsRemoved;
  }

  add(next: PurgeReport): void {
    const sum = this.report;
    const { delivered, pending, failed, skipped } = sum.notifications;
    const { notifications } = next;
    // A client is skipped once, however many batches it was in.
    const fresh = next.deliveries.filter(({ id, state }) => {
      return state !== "skipped" || !this.#skipped.has(id);
    });
    const repeated = next.deliveries.length - fresh.length;
    for (const { id, state } of fresh) if (state === "skipped") this.#skipped.add(id);
    this.report = {
      ...next,
      sessionsRemoved: sum.sessionsRemoved + next.sessionsRemoved,
      tokensRevoked: sum.tokensRevoked + next.tokensRevoked,
      consentsRevoked: sum.consentsRevoked + next.consentsRevoked,
      otherGrantsRevoked: sum.otherGrantsRevoked + next.otherGrantsRevoked,
      notifications: {
        delivered: delivered + notifications.delivered,
        pending: pending + notifications.pending,
        failed: failed + notifications.failed,
        skipped: skipped + notifications.skipped - repeated,
      },
      deliveries: [...sum.deliveries, ...fresh].slice(0, LISTED),
      notes: [...new Set([...sum.notes, ...next.notes])],
      failed: sum.failed + next.failed,
    };
  }
}

/**
 * The command that continues: the same one, with the times of this one instead of time spans, and
 * without the count, which is smaller by now.
 */
function continuing(args: readonly string[], filter: Filter): string {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const [flag = "", joined] = split(args[index] ?? "");
    const value = joined ?? args[index + 1];
    if (!VALUED.has(flag) || value === undefined) {
      kept.push(args[index] ?? "");
      continue;
    }
    if (joined === undefined) index += 1;
    if (flag === "--confirm") continue;
    kept.push(...shown(flag, value, filter));
  }
  return `rollcall ${kept.map(quoted).join(" ")}`;
}

function split(argument: string): [string, string?] {
  const [flag = ""] = /^--[a-z-]+(?==)/.exec(argument) ?? [];
  return flag === "" ? [argument] : [flag, argument.slice(flag.length + 1)];
}

const TIMES = new Map<string, (typeof TIME_FLAGS)[number]>(
  TIME_FLAGS.map((flag) => [flag[0], flag]),
);
/** The flags whose values are changed or left out. */
const VALUED = new Set(["--confirm", "--database", ...TIMES.keys()]);

function shown(flag: string, value: string, filter: Filter): [string, string] {
  const time = TIMES.get(flag);
  if (time !== undefined) {
    const [, , member, bound, sign] = time;
    const range = (filter[member] ?? {}) as Record<string, string>;
    return [flag, range[bound] ?? instant(flag, value, sign, Date.now())];
  }
  // The password of a database stays out of logs.
  return [flag, value.replace(/^(\w+:\/\/[^/@:]*):[^@/]*@/, "$1:PASSWORD@")];
}
