/**
 * The limits of an actor: its issuers, its redacted fields, and its own session.
 *
 * @module
 */

import type { QueryResult, SessionEvent, SessionQuery, UserSession } from "../types.js";
import type { Actor } from "./actor.js";
import { isBlank } from "./blank.js";
import type { Members } from "./call.js";
import { isoTime } from "./iso-time.js";
import { invalidParameter, Problem } from "./problem.js";
import type { Page, Session } from "./shapes.js";

/**
 * The issuers that a call is limited to, given those that it names.
 *
 * @throws {Problem} `forbidden` if it names an issuer that isn't one of the actor's
 */
export function issuersOf({ issuers }: Actor, given: unknown): unknown {
  if (issuers === undefined) return given;
  // `src/blank_filter.rs`: in a query, a blank string means no filter.
  if (given === undefined || (typeof given === "string" && isBlank(given))) return [...issuers];
  const named: unknown[] = [given].flat();
  if (named.length === 0 || !named.every((issuer) => typeof issuer === "string")) {
    throw invalidParameter("issuer", "`issuer` must be a string, or a list of strings");
  }
  const foreign = named.find((issuer) => !issuers.includes(String(issuer)));
  if (foreign === undefined) return given;
  throw new Problem("forbidden", `you may not manage the sessions of the issuer \`${foreign}\``);
}

/**
 * A query within the limits of the actor.
 *
 * @throws {Problem} `forbidden` for a filter by a redacted field or by an issuer that isn't one of
 * the actor's; `invalid_argument` for `includeTicket`
 */
export function limitedQuery(actor: Actor, query: Members): SessionQuery {
  if (Object.hasOwn(query, "includeTicket")) {
    throw invalidParameter("includeTicket", "`includeTicket` isn't possible over HTTP: remove it");
  }
  const hidden = actor.redact?.find((field) => query[field] !== undefined);
  if (hidden !== undefined) {
    throw new Problem("forbidden", `you may not see \`${hidden}\`, so you can't filter by it`);
  }
  // The core checks every member.
  return withIssuers(actor, query) as SessionQuery;
}

/** The same members, limited to the issuers of the actor. */
export function withIssuers(actor: Actor, given: Members): Members {
  const issuer = issuersOf(actor, given.issuer);
  return issuer === undefined ? given : { ...given, issuer };
}

/** The part of a page that the actor may see. */
export function shownPage(actor: Actor, page: QueryResult): Page {
  return { ...page, results: page.results.map((session) => shownSession(actor, session)) };
}

/** The part of a session that the actor may see, in its JSON form. */
export function shownSession(actor: Actor, session: UserSession): Session {
  const { subjectId, sessionId, created, renewed, expires } = session;
  const shown: Session = {
    ...redacted(actor, session),
    created: isoTime(created),
    renewed: isoTime(renewed),
  } as Omit<Session, "expires">;
  if (expires !== undefined) shown.expires = isoTime(expires);
  const isOwn =
    sessionId === actor.sessionId &&
    (actor.subjectId === undefined || subjectId === actor.subjectId);
  if (isOwn) shown.own = true;
  return shown;
}

/**
 * The part of an event that the actor may see; `undefined` if the event belongs to another issuer.
 */
export function shownEvent(actor: Actor, event: SessionEvent): SessionEvent | undefined {
  const { issuers } = actor;
  if (issuers !== undefined) {
    const issuer: unknown = Reflect.get(event, "issuer");
    if (typeof issuer !== "string" || !issuers.includes(issuer)) return undefined;
  }
  return redacted(actor, event);
}

function redacted<Value extends object>({ redact = [] }: Actor, value: Value): Value {
  if (redact.length === 0) return value;
  const shown = { ...value };
  for (const field of redact) Reflect.deleteProperty(shown, field);
  return shown;
}
