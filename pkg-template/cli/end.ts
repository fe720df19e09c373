/**
 * `rollcall sessions end`.
 *
 * @module
 */

import type { Session } from "../src/http/shapes.js";
import type { Client } from "./client.js";
import { EXIT, type ExitStatus, Failure, usage } from "./failure.js";
import { notBlank } from "./filters.js";
import type { Output } from "./output.js";
import { intention, type Report, sayNotes, statusOf, writeReport } from "./report.js";
import { noSuchSession, theSession } from "./sessions.js";
import { counted, safe } from "./text.js";

/** The flags that say what goes with the sessions. */
export interface ScopeFlags {
  except?: string[];
  includeOwn?: boolean;
  keepTokens?: boolean;
  keepConsents?: boolean;
  /** False with `--no-notify`. */
  notify?: boolean;
  reason?: string;
  dryRun?: boolean;
}

/** The flags of `sessions end`. */
export interface EndFlags extends ScopeFlags {
  subject?: string;
  issuer?: string;
  client?: string[];
  keepSession?: boolean;
  yes?: boolean;
}

/** The API takes no more named sessions in one call. */
const MOST = 500;

/** `rollcall sessions end`. */
export async function endSessions(
  client: Client,
  output: Output,
  sessionIds: readonly string[],
  given: EndFlags,
): Promise<ExitStatus> {
  const flags = notifying(client, output, given);
  const { target, whose, isNamed } = await targetOf(client, output, sessionIds, flags);
  const context = { ...target, ...removalScope(flags) };
  const preview = await client.post("report", "/v1/sessions/remove", { ...context, dryRun: true });
  if (isNamed && isEmpty(preview, flags)) throw noSuchSession(sessionIds.join(", "));
  if (flags.dryRun === true && output.json) {
    await output.writeJson(preview);
    return EXIT.done;
  }
  const shown = intention(preview, whose, flags.keepSession === true);
  const isAsked = flags.yes !== true && flags.dryRun !== true && output.canAsk;
  // A person must see what the question is about.
  if (isAsked) output.insist(shown);
  else output.say(flags.dryRun === true ? `dry run: ${shown}` : shown);
  sayNotes(output, preview.notes);
  if (flags.dryRun === true) return EXIT.done;
  // A session that begins now wasn't in the dry run, so it isn't ended.
  if (isEmpty(preview, flags)) {
    if (output.json) await output.writeJson(preview);
    return EXIT.done;
  }
  if (flags.yes !== true) await confirm(output, client);
  output.mustFinish = true;
  const report = await client.post("report", "/v1/sessions/remove", context);
  await writeReport(output, report, preview.notes);
  return statusOf(report);
}

/** Whether the removal found nothing. It can revoke tokens even if there is no session. */
function isEmpty(report: Report, { keepSession }: EndFlags): boolean {
  const { sessionsRemoved, tokensRevoked, consentsRevoked, otherGrantsRevoked } = report;
  const { deliveries } = report;
  const found = sessionsRemoved + tokensRevoked + consentsRevoked + otherGrantsRevoked;
  return found === 0 && deliveries.length === 0 && keepSession !== true;
}

/** Asks for confirmation. Without a terminal it throws instead. */
async function confirm(output: Output, client: Client): Promise<void> {
  if (!output.canAsk) {
    throw new Failure("not_confirmed", "not confirmed: without a terminal, `--yes` is required");
  }
  const warning = client.connection.isDatabase ? `${WITHOUT_CLIENTS}. ` : "";
  const answer = await output.ask(`${warning}End them? (y/N)`);
  if (!/^y(?:es)?$/i.test(answer)) {
    throw new Failure("not_confirmed", "not confirmed: nothing was changed");
  }
}

/** Why a database ends sessions without notifications only. */
export const WITHOUT_CLIENTS = "A database has neither clients nor keys, so no client is notified";

/**
 * The flags with what a database can do.
 *
 * @throws {Failure} if clients would be left out without the flag
 */
export function notifying<Flags extends ScopeFlags>(
  { connection }: Client,
  output: Output,
  flags: Flags,
): Flags {
  if (!connection.isDatabase || flags.notify === false) return flags;
  if (flags.dryRun !== true) {
    throw usage(
      "a database has neither clients nor keys, so no client can be notified: give `--no-notify`, or use `--url` or `--host`",
    );
  }
  output.say(`note: ${WITHOUT_CLIENTS.replace("A ", "a ")}`);
  return { ...flags, notify: false };
}

/** The members of a body that the flags stand for. The API has the defaults. */
export function scopeOf(flags: ScopeFlags): object {
  const { except, reason } = flags;
  return {
    ...(except !== undefined && {
      exceptSessionIds: except.map((id) => notBlank("--except", id)),
    }),
    ...(flags.includeOwn === true && { includeOwn: true }),
    ...(flags.keepTokens === true && { revokeTokens: false }),
    ...(flags.keepConsents === true && { revokeConsents: false }),
    ...(flags.notify === false && { sendBackchannelLogoutNotification: false }),
    ...(reason !== undefined && { reason: notBlank("--reason", reason) }),
  };
}

function removalScope(flags: EndFlags): object {
  const { client, issuer } = flags;
  return {
    ...scopeOf(flags),
    ...(client !== undefined && { clientIds: client.map((id) => notBlank("--client", id)) }),
    ...(issuer !== undefined && { issuer: notBlank("--issuer", issuer) }),
    ...(flags.keepSession === true && { removeServerSideSession: false }),
  };
}

/** The sessions to end. */
interface Target {
  target: object;
  /** ` of Bob (12345)`, or nothing. */
  whose: string;
  /** Whether sessions are named, which must then exist. */
  isNamed: boolean;
}

async function targetOf(
  client: Client,
  output: Output,
  sessionIds: readonly string[],
  { subject, except }: EndFlags,
): Promise<Target> {
  if (subject !== undefined) notBlank("--subject", subject);
  const ids = [...new Set(sessionIds)];
  if (ids.length > MOST) throw usage(`give at most ${MOST} session ids at once`);
  if (ids.length > 0 && except !== undefined) {
    throw usage("`--except` goes with `--subject` alone, not with session ids");
  }
  if (ids.length === 0) {
    if (subject === undefined) throw usage("say what to end: give session ids or `--subject`");
    const [session] = await sessionsOf(client, subject);
    return { target: { subjectId: subject }, whose: ofPerson(subject, session), isNamed: false };
  }
  const found: Session[] = [];
  for (const id of ids) {
    const session = await theSession(client, id, subject);
    if (session !== undefined) found.push(session);
    // A removal that was interrupted may have left tokens of it.
    else if (ids.length > 1) output.say(`note: no session has the id \`${safe(id)}\``);
  }
  const [first] = found;
  const isOnePerson = found.every(({ subjectId }) => subjectId === first?.subjectId);
  const whose = first !== undefined && isOnePerson ? ofPerson(first.subjectId, first) : "";
  const [id] = ids;
  if (ids.length === 1) {
    const subjectId = subject ?? first?.subjectId;
    return {
      target: { sessionId: id, ...(subjectId !== undefined && { subjectId }) },
      whose,
      isNamed: true,
    };
  }
  const sessions =
    subject === undefined
      ? found.map(({ subjectId, sessionId }) => ({ subjectId, sessionId }))
      : ids.map((sessionId) => ({ subjectId: subject, sessionId }));
  if (sessions.length === 0) {
    throw new Failure(
      "session_not_found",
      `none of the ${counted(ids.length, "id")} has a session`,
    );
  }
  return { target: { sessions }, whose, isNamed: true };
}

async function sessionsOf(client: Client, subject: string): Promise<Session[]> {
  const query = { subjectId: { equals: subject }, count: "none", countRequested: 1 };
  return (await client.post("page", "/v1/sessions/query", query)).results;
}

function ofPerson(subject: string, session: Session | undefined): string {
  const { displayName } = session ?? {};
  const id = safe(subject);
  return displayName === undefined ? ` of ${id}` : ` of ${safe(displayName)} (${id})`;
}
