/**
 * The routes that list sessions and show one.
 *
 * @module
 */

import type { UserSession } from "../types.js";
import type { ApiContext, Members } from "./call.js";
import type { Settings } from "./options.js";
import { parse, pathId, SESSION_QUERY, SHOW_QUERY } from "./parameters.js";
import { invalidParameter, Problem } from "./problem.js";
import { jsonResponse } from "./response.js";
import { limitedQuery, shownPage, shownSession } from "./scope.js";
import type { Page } from "./shapes.js";

/** `GET /v1/sessions`. */
export async function listSessions(c: ApiContext, settings: Settings): Promise<Response> {
  const { url } = c.env;
  const query = toQuery(parse(SESSION_QUERY, url.searchParams));
  const page = await queried(c, settings, query);
  const link = pageLinks(url, page);
  return jsonResponse(page, { link });
}

/** `POST /v1/sessions/query`. */
export async function querySessions(c: ApiContext, settings: Settings): Promise<Response> {
  return jsonResponse(await queried(c, settings, c.var.body));
}

async function queried(c: ApiContext, { management }: Settings, query: Members): Promise<Page> {
  const { actor } = c.var;
  // An exact count of millions of sessions takes long.
  const limited = limitedQuery(actor, { ...query, count: query.count ?? "capped" });
  const page = await management.querySessions(limited, { signal: c.req.raw.signal });
  return shownPage(actor, page);
}

/** `GET /v1/sessions/{sessionId}`. */
export async function showSession(c: ApiContext, settings: Settings): Promise<Response> {
  const { actor } = c.var;
  const sessionId = pathId(c, "sessionId");
  const { subjectId } = parse(SHOW_QUERY, c.env.url.searchParams);
  const found = await theSession(c, settings, { sessionId, subjectId });
  if (found === undefined) {
    throw new Problem("session_not_found", `no session has the id \`${sessionId}\``);
  }
  return jsonResponse(shownSession(actor, found));
}

/** The name of a session. */
export interface SessionName {
  sessionId: string;
  subjectId: string | undefined;
  issuer?: string | undefined;
}

/** More sessions than this never share an id. */
const ENOUGH = 100;

/**
 * The session with this id, if the actor may see it.
 *
 * @throws {Problem} `session_ambiguous` if sessions of several subjects have the id
 */
export async function theSession(
  c: ApiContext,
  { management }: Settings,
  { sessionId, subjectId, issuer }: SessionName,
): Promise<UserSession | undefined> {
  const query = limitedQuery(c.var.actor, {
    sessionId: { equals: sessionId },
    ...(subjectId !== undefined && { subjectId: { equals: subjectId } }),
    ...(issuer !== undefined && { issuer }),
    count: "none",
    countRequested: ENOUGH,
  });
  const { results } = await management.querySessions(query, { signal: c.req.raw.signal });
  const [found] = results;
  if (results.some((session) => session.subjectId !== found?.subjectId)) {
    throw new Problem(
      "session_ambiguous",
      `sessions of several subjects have the id \`${sessionId}\`: pass \`subjectId\` too`,
    );
  }
  return found;
}

type SessionParameters = ReturnType<typeof parse<typeof SESSION_QUERY>>;

/** `subjectId.startsWith=a` is `{ subjectId: { startsWith: "a" } }`. */
function toQuery(parameters: SessionParameters): Members {
  const query: Record<string, unknown> = {};
  const givenAs = new Map<string, string>();
  for (const [parameter, value] of Object.entries(parameters)) {
    const [name = "", form] = parameter.split(".");
    if (form === "after" || form === "before") {
      query[name] = { ...Object(query[name]), [form]: value };
      continue;
    }
    const other = givenAs.get(name);
    if (other !== undefined) {
      throw invalidParameter(parameter, `pass only one of \`${other}\` and \`${parameter}\``);
    }
    givenAs.set(name, parameter);
    query[name] = form === undefined ? value : { [form]: value };
  }
  return query;
}

/**
 * The neighbouring pages (RFC 8288), relative to the URL, because a proxy may have changed
 * everything before the query.
 */
function pageLinks(url: URL, page: Page): string {
  const links = [pageLink(url, "first", {})];
  const { resultsToken } = page;
  if (resultsToken !== undefined && page.hasNextResults) {
    links.push(pageLink(url, "next", { resultsToken }));
  }
  if (resultsToken !== undefined && page.hasPrevResults) {
    links.push(pageLink(url, "prev", { resultsToken, requestPriorResults: "true" }));
  }
  return links.join(", ");
}

const PAGING = ["resultsToken", "requestPriorResults", "after"];

/** A link to another page of the list at `url`. */
export function pageLink(url: URL, rel: string, paging: Record<string, string>): string {
  const parameters = new URLSearchParams(url.search);
  for (const name of PAGING) parameters.delete(name);
  for (const [name, value] of Object.entries(paging)) parameters.set(name, value);
  return `<?${parameters}>; rel="${rel}"`;
}
