/**
 * Listing sessions: queries and results. Times are `Date` in results.
 *
 * @module
 */

import type { CallOptions } from "./call-options.js";
import type { StoreFilterName } from "./session-store.js";

/**
 * Which sessions to list. All filters are ANDed; a blank string is no filter.
 *
 * @example
 * const query: SessionQuery = {
 *   displayName: { startsWith: "ali" },
 *   clientId: "shop",
 *   created: { after: "2026-01-01" },
 *   state: "active",
 *   order: "oldest",
 * };
 */
export interface SessionQuery {
  /** A plain string matches exactly. */
  subjectId?: TextFilter | undefined;
  /** A plain string matches exactly. */
  sessionId?: TextFilter | undefined;
  /** A plain string matches a part of the name. All forms ignore case. */
  displayName?: TextFilter | undefined;
  /** Matches a whole subject id, a whole session id or a part of the display name. */
  search?: string | undefined;
  clientId?: string | undefined;
  /**
   * The issuer of this provider under which the session began. A list means any of these: at most
   * 100, none of them blank. A session without an issuer matches no list.
   */
  issuer?: string | readonly string[] | undefined;
  ipAddress?: string | undefined;
  created?: TimeRange | undefined;
  renewed?: TimeRange | undefined;
  /** A session that never expires matches no range. */
  expires?: TimeRange | undefined;
  /** Default `any`. A session is expired when `expires` <= now. */
  state?: "active" | "expired" | "any" | undefined;
  /** Default `newest`. */
  order?: "newest" | "oldest" | undefined;
  /** Default `exact`. `capped` counts to 10,000; `none` leaves the totals out. */
  count?: "exact" | "capped" | "none" | undefined;
  /** The page size: default 25 (also for 0), at most 1,000 (larger values are reduced). */
  countRequested?: number | undefined;
  /**
   * From an earlier page of the same filter and order: returns the next page, or the previous one
   * with `requestPriorResults`.
   */
  resultsToken?: string | undefined;
  requestPriorResults?: boolean | undefined;
  /** Opens each session's ticket. Needs the keys that the service's constructor was given. */
  includeTicket?: boolean | undefined;
}

/** How a string must match. `%`, `_` and the like are ordinary characters. */
export type TextFilter =
  | string
  | { equals: string }
  | { startsWith: string }
  | { contains: string };

/** A half-open range: `after` <= time < `before`. */
export interface TimeRange {
  after?: Date | string | number | undefined;
  before?: Date | string | number | undefined;
}

/** One page of sessions. */
export interface QueryResult {
  /**
   * A damaged row is listed with its readable members. It is left out only if its ids or times
   * can't be read; the event `session_unreadable` reports it.
   */
  results: UserSession[];
  /** For the next or the previous page. Absent if there is no session to continue from. */
  resultsToken?: string;
  hasPrevResults: boolean;
  hasNextResults: boolean;
  totalCount?: number;
  /** True if `totalCount` stopped at 10,000 and there are more. */
  totalCountIsCapped?: boolean;
  totalPages?: number;
  currentPage?: number;
}

/** Options of a count. */
export interface CountOptions extends CallOptions {
  /** The number to stop at: 1 or more. Default: counts all. */
  upTo?: number | undefined;
}

/** How many sessions match. */
export interface SessionCount {
  /** The number, at most `upTo`. */
  count: number;
  /** True if counting stopped at `upTo` and there are more. */
  capped?: true;
}

/** The capabilities of a host. */
export interface Capabilities {
  /**
   * The filters that its session store supports. A query with another filter fails with
   * `unsupported_filter`.
   */
  filters: StoreFilterName[] | "all";
  /** Whether sessions can be counted: for totals of pages, `countSessions` and purges. */
  count: boolean;
  /** Whether tokens and consents can be revoked. */
  grants: boolean;
  /** Whether clients can be notified, now or later. */
  notifications: boolean;
  /** Whether notifications are stored until they are delivered. */
  outbox: boolean;
}

/** A session as an administrator sees it: without its key. */
export interface UserSession {
  subjectId: string;
  sessionId: string;
  displayName?: string;
  issuer?: string;
  created: Date;
  /**
   * When its expiry was last set: at the sign-in, by a renewal with `expires`, or by
   * `validateSession`.
   */
  renewed: Date;
  expires?: Date;
  clientIds: string[];
  ipAddress?: string;
  userAgent?: string;
  attributes?: Record<string, string>;
  /** With `includeTicket`; absent if the ticket can't be opened. */
  authenticationTicket?: unknown;
  /**
   * The members that the store could not read because the row is damaged: `clientIds` is empty in
   * that case, and any other member is absent. The event `session_unreadable` has the reason. The
   * session can still be removed, but clients that it doesn't list are not notified.
   */
  unreadable?: (keyof UserSession)[];
}
