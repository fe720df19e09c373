/**
 * The routes that end sessions.
 *
 * A removal that has begun is completed even if its caller disconnects: it doesn't use the signal
 * of the request.
 *
 * @module
 */

import type {
  DeliveringCallOptions,
  PurgeRequest,
  RemovalReport,
  RemoveSessionsContext,
} from "../types.js";
import type { Actor } from "./actor.js";
import type { ApiContext, Members } from "./call.js";
import { MAX_PURGE } from "./limits.js";
import type { Settings } from "./options.js";
import { END_QUERY, parse, pathId } from "./parameters.js";
import { invalidParameter, Problem } from "./problem.js";
import { jsonResponse } from "./response.js";
import { limitedQuery, shownSession, withIssuers } from "./scope.js";
import { theSession } from "./sessions.js";

/** `DELETE /v1/sessions/{sessionId}`. */
export async function endSession(c: ApiContext, settings: Settings): Promise<Response> {
  const { subjectId, issuer, reason } = parse(END_QUERY, c.env.url.searchParams);
  const sessionId = pathId(c, "sessionId");
  requireReason(settings, reason);
  const found = await theSession(c, settings, { sessionId, subjectId, issuer });
  // Also without a session: repeating an interrupted removal completes it.
  const subject = subjectId ?? found?.subjectId;
  const target = {
    sessionId,
    ...(subject !== undefined && { subjectId: subject }),
    ...(issuer !== undefined && { issuer }),
    ...(reason !== undefined && { reason }),
  };
  return jsonResponse(await remove(c, settings, target));
}

/** `POST /v1/sessions/remove`. */
export async function removeSessions(c: ApiContext, settings: Settings): Promise<Response> {
  const { includeOwn, ...context } = ownMembers(c.var.body);
  if (context.dryRun !== true) requireReason(settings, context.reason);
  const { actor } = c.var;
  const endsOwn = context.subjectId === actor.subjectId || actor.subjectId === undefined;
  const namesSessions = context.sessionId !== undefined || context.sessions !== undefined;
  if (includeOwn || namesSessions || !endsOwn) {
    return jsonResponse(await remove(c, settings, context));
  }
  const scope = withoutOwn(actor, context);
  const report = await remove(c, settings, scope);
  return jsonResponse(scope === context ? report : withOwnNote(report));
}

/** `POST /v1/sessions/purge`. */
export async function purgeSessions(c: ApiContext, settings: Settings): Promise<Response> {
  const { actor, body } = c.var;
  const { includeOwn, ...given } = ownMembers(body);
  const isPreview = given.confirmToken === undefined;
  if (!isPreview && given.dryRun !== true) requireReason(settings, given.reason);
  const scope = includeOwn ? given : withoutOwn(actor, given);
  const isOwnLeft = scope !== given;
  const request = limitedPurge(actor, scope);
  const purge = settings.management.purgeSessions(request, delivering(c));
  const done = await carriedThrough(c, purge);
  if (!("sample" in done)) {
    return jsonResponse(isOwnLeft ? withOwnNote(done) : done);
  }
  const sample = done.sample.map((session) => shownSession(actor, session));
  const preview = { ...done, sample };
  return jsonResponse(isOwnLeft ? withOwnNote({ ...preview, notes: [] }) : preview);
}

function remove(c: ApiContext, { management }: Settings, context: Members): Promise<RemovalReport> {
  const { actor } = c.var;
  // The core checks every member.
  const limited = { ...withIssuers(actor, context), actor: actor.actor } as unknown;
  return carriedThrough(
    c,
    management.removeSessions(limited as RemoveSessionsContext, delivering(c)),
  );
}

function limitedPurge(actor: Actor, given: Members): PurgeRequest {
  const { filter, limit, everything, ...scope } = given;
  const isObject = typeof filter === "object" && filter !== null && !Array.isArray(filter);
  const limited = isObject ? limitedQuery(actor, filter as Members) : filter;
  return {
    ...scope,
    filter: limited,
    limit: typeof limit === "number" ? Math.min(limit, MAX_PURGE) : limit,
    // With issuers the filter isn't empty.
    ...(actor.issuers === undefined && { everything }),
    actor: actor.actor,
  } as PurgeRequest;
}

/**
 * The members of a body, after checking those that only the API knows.
 *
 * @throws {Problem} `invalid_argument`
 */
function ownMembers(body: Members): Members & { includeOwn: boolean } {
  if (Object.hasOwn(body, "actor")) {
    throw invalidParameter("actor", "`actor` is the caller: remove it from the body");
  }
  const { includeOwn = false } = body;
  if (typeof includeOwn !== "boolean") {
    throw invalidParameter("includeOwn", "`includeOwn` must be true or false");
  }
  return { ...body, includeOwn };
}

function requireReason(settings: Settings, reason: unknown): void {
  const isGiven = typeof reason === "string" && reason.trim() !== "";
  if (!settings.requireReason || isGiven) return;
  throw new Problem("reason_required", "add a `reason` for the event log", {
    members: { parameter: "reason" },
  });
}

/** The same members if there is no own session, or the caller has already excluded it. */
function withoutOwn(actor: Actor, given: Members): Members {
  const { sessionId } = actor;
  const except = given.exceptSessionIds ?? [];
  // The core rejects a value that isn't a list.
  if (sessionId === undefined || !Array.isArray(except) || except.includes(sessionId)) return given;
  return { ...given, exceptSessionIds: [...except, sessionId] };
}

const OWN_NOTE = "your own session was kept: set `includeOwn` to end it too";

function withOwnNote<Report extends Pick<RemovalReport, "notes">>(report: Report): Report {
  return { ...report, notes: [...report.notes, OWN_NOTE] };
}

function delivering({ env: { context } }: ApiContext): DeliveringCallOptions {
  return context.waitUntil === undefined ? {} : { waitUntil: (rest) => context.waitUntil?.(rest) };
}

/** Passes the work to the host's `waitUntil`, so that it continues if the caller disconnects. */
function carriedThrough<Done>({ env }: ApiContext, work: Promise<Done>): Promise<Done> {
  env.context.waitUntil?.(work.then(ignore, ignore));
  return work;
}

/** The call itself answers with the failure. */
function ignore(): void {}
