// Listing and ending sessions, as a back end does. Only compiled, never run.

import {
  type CallOptions,
  type Capabilities,
  type CountOptions,
  type Delivery,
  type QueryResult,
  type RemovalReport,
  type RemoveSessionsContext,
  RollcallError,
  type SessionCount,
  SessionManagement,
  type SessionQuery,
  type StoreFilterName,
  type TextFilter,
  type UserSession,
} from "rollcall";
import { memoryStores } from "rollcall/memory";

const management = new SessionManagement(memoryStores());

/** The first page, the next and the previous one. */
export async function pages(): Promise<UserSession[]> {
  const filter: SessionQuery = { countRequested: 10, subjectId: "12345", displayName: "Bob" };
  const first: QueryResult = await management.querySessions(filter);
  if (first.resultsToken === undefined || !first.hasNextResults) {
    return first.results;
  }
  const next = await management.querySessions({ ...filter, resultsToken: first.resultsToken });
  return next.resultsToken === undefined
    ? next.results
    : (
        await management.querySessions({
          ...filter,
          resultsToken: next.resultsToken,
          requestPriorResults: true,
        })
      ).results;
}

export const everyFilter: SessionQuery = {
  subjectId: { startsWith: "12" },
  sessionId: { equals: "abc" },
  displayName: { contains: "bob" },
  search: "bob",
  clientId: "shop",
  issuer: ["https://id.example.com", "https://id.example.org"],
  ipAddress: "192.0.2.1",
  created: { after: new Date(), before: "2026-01-01T00:00:00Z" },
  renewed: { after: 0 },
  expires: {},
  state: "active",
  order: "oldest",
  count: "capped",
  countRequested: 1_000,
  includeTicket: true,
};

/** The members of a page and of a session. */
export async function table(signal: AbortSignal): Promise<string[]> {
  const { results, totalCount, totalCountIsCapped, totalPages, currentPage } =
    await management.querySessions({}, { signal });
  const total: number | undefined = totalCount;
  const heading = `${total ?? "?"}${totalCountIsCapped === true ? "+" : ""} on ${totalPages ?? "?"}, at ${currentPage ?? "?"}`;
  return [heading, ...results.map(line)];
}

function line({
  subjectId,
  sessionId,
  displayName,
  created,
  renewed,
  expires,
  clientIds,
  attributes,
}: UserSession): string {
  const times: (Date | undefined)[] = [created, renewed, expires];
  const name: string | undefined = displayName ?? attributes?.name;
  return [
    subjectId,
    sessionId,
    name,
    ...times.map((time) => time?.toISOString()),
    ...clientIds,
  ].join("\t");
}

/** A page that counts. */
export async function counts(signal: AbortSignal): Promise<string> {
  const { filters, count: canCount }: Capabilities = management.capabilities();
  const served: readonly StoreFilterName[] = filters === "all" ? ["created"] : filters;
  if (!canCount || !served.includes("created")) return "?";
  const query: SessionQuery = { created: { after: new Date(0) } };
  const options: CountOptions = { upTo: 10_000, signal };
  const { count, capped }: SessionCount = await management.countSessions(query, options);
  const all: SessionCount = await management.countSessions();
  return `${count}${capped === true ? "+" : ""} of ${all.count}`;
}

/** Denials by the host's own admin API. */
export function refuse(actor: string | undefined): void {
  management.reportDenied({ actor, permission: "remove", route: "DELETE /sessions/{id}" });
}

/** All pages. The type of a ticket is unknown. */
export async function all(): Promise<unknown[]> {
  const tickets: unknown[] = [];
  for await (const session of management.sessions({ state: "active", includeTicket: true })) {
    // @ts-expect-error: its type is unknown
    session.authenticationTicket.amr;
    tickets.push(session.authenticationTicket);
  }
  return tickets;
}

/** Ends all sessions of one subject, or those of the request. */
export async function end(subjectId: string, signal: AbortSignal): Promise<Delivery[]> {
  const options: CallOptions = {
    signal,
    onProgress: ({ sessions, notifications }) => console.log(sessions + notifications),
  };
  const report: RemovalReport = await management.removeSessions({ subjectId }, options);
  const context: RemoveSessionsContext = {
    subjectId,
    sessionId: "abc",
    clientIds: ["shop"],
    exceptSessionIds: ["mine"],
    removeServerSideSession: false,
    sendBackchannelLogoutNotification: false,
    revokeTokens: true,
    revokeConsents: false,
    dryRun: true,
    reason: "lost laptop",
    actor: "admin",
  };
  const { notifications, notes, dryRun } = await management.removeSessions(context);
  const counts: number =
    notifications.delivered + notifications.pending + notifications.failed + notifications.skipped;
  console.log(
    report.sessionsRemoved,
    report.tokensRevoked,
    report.consentsRevoked,
    counts,
    notes.join(),
    dryRun,
  );
  return report.deliveries.filter(
    ({ state, nextAttempt }) => state === "pending" && nextAttempt !== undefined,
  );
}

/** Errors are distinguished by their code, and every code can be compared. */
export function isStale(error: unknown): boolean {
  if (!(error instanceof RollcallError)) {
    return false;
  }
  switch (error.code) {
    case "invalid_results_token":
    case "results_token_mismatch":
      return true;
    case "invalid_argument":
    case "empty_target":
    case "unsupported_filter":
    case "not_configured":
    case "confirm_token_stale":
    case "session_limit_reached":
    case "store_failed":
    case "sender_failed":
    case "aborted":
      return false;
  }
}

// @ts-expect-error: no such option
management.countSessions({}, { limit: 10 });
// @ts-expect-error: a number
management.countSessions({}, { upTo: "10" });
// @ts-expect-error: a route is needed
management.reportDenied({ actor: "carol" });
// @ts-expect-error: no such permission
management.reportDenied({ permission: "write", route: "GET /sessions" });
// @ts-expect-error: never the parameters of a request
management.reportDenied({ route: "GET /sessions", query: "search=bob" });
// @ts-expect-error: no such filter
management.querySessions({ userName: "bob" });
// @ts-expect-error: no such form
export const regex: TextFilter = { matches: "b.b" };
// @ts-expect-error: no such state
management.querySessions({ state: "revoked" });
// @ts-expect-error: no such order
management.querySessions({ order: "displayName" });
// @ts-expect-error: a size is a number
management.querySessions({ countRequested: "25" });
// @ts-expect-error: no such option
management.querySessions({}, { timeout: 1_000 });
// @ts-expect-error: a removal has no pages
management.removeSessions({ subjectId: "12345" }, { limit: 10 });
// @ts-expect-error: a reason is a string
management.removeSessions({ subjectId: "12345", reason: 7 });
// @ts-expect-error: a page can't continue after a response
management.querySessions({}, { waitUntil: () => {} });
// @ts-expect-error: a target is needed
management.removeSessions();
// @ts-expect-error: only one subject
management.removeSessions({ subjectIds: ["12345"] });
// @ts-expect-error: flags are true or false
management.removeSessions({ subjectId: "12345", revokeTokens: "all" });
// @ts-expect-error: a session's key is not public
export const keyOf = (session: UserSession) => session.key;
// @ts-expect-error: the core is not public either
management.core;
