/**
 * Listing sessions: what is asked for and what comes back. Times are `Date` in results.
 *
 * @module
 */

import type { CallOptions } from "./call-options.js";
import type { StoreFilterName } from "./session-store.js";

/** Which sessions to list. All filters are ANDed; a blank string is no filter. */
export interface SessionQuery {
  /** A plain string must be equal. */
  subjectId?: TextFilter | undefined;
  /** A plain string must be equal. */
  sessionId?: TextFilter | undefined;
  /** A plain string must be contained. Without regard to case, in every form. */
  displayName?: TextFilter | undefined;
  /** Matches a subject id or session id that is equal, or a display name that contains it. */
  search?: string | undefined;
  clientId?: string | undefined;
  /**
   * The issuer of this provider under which the session began. A list means one of these: at most
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
  /** The page's size: default 25 (also for 0), at most 1,000 (more is cut). */
  countRequested?: number | undefined;
  /**
   * From an earlier page of the same filter and order: the next page, or with `requestPriorResults`
   * the one before.
   */
  resultsToken?: string | undefined;
  requestPriorResults?: boolean | undefined;
  /** Opens each session's ticket. Needs the keys given to the service's constructor. */
  includeTicket?: boolean | undefined;
}

/** How a text must match; `%`, `_` and the like are ordinary characters. */
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
   * A damaged row is listed with what can be read of it. It is left out only if its ids or times
   * can't be read; the event `session_unreadable` reports it.
   */
  results: UserSession[];
  /** For the next page or the one before. Absent when there is no session to hold on to. */
  resultsToken?: string;
  hasPrevResults: boolean;
  hasNextResults: boolean;
  totalCount?: number;
  /** True when `totalCount` stopped at 10,000 and there are more. */
  totalCountIsCapped?: boolean;
  totalPages?: number;
  currentPage?: number;
}

/** For a count of sessions. */
export interface CountOptions extends CallOptions {
  /** Where counting stops: 1 or more. Default: it counts all. */
  upTo?: number | undefined;
}

/** How many sessions match. */
export interface SessionCount {
  /** The number, at most `upTo`. */
  count: number;
  /** True when counting stopped at `upTo` and there are more. */
  capped?: true;
}

/** The capabilities of a host. */
export interface Capabilities {
  /** The filters that its session store serves. A query with another is `unsupported_filter`. */
  filters: StoreFilterName[] | "all";
  /** Whether sessions can be counted: for totals of pages, `countSessions` and purges. */
  count: boolean;
  /** Whether tokens and consents can be revoked. */
  grants: boolean;
  /** Whether clients can be notified, now or later. */
  notifications: boolean;
  /** Whether notifications are kept until they are delivered. */
  outbox: boolean;
}

/** A session as an administrator sees it: without its key. */
export interface UserSession {
  subjectId: string;
  sessionId: string;
  displayName?: string;
  issuer?: string;
  created: Date;
  /** When its expiry was set last: at the sign-in, by a renewal with `expires`, or by a use. */
  renewed: Date;
  expires?: Date;
  clientIds: string[];
  ipAddress?: string;
  userAgent?: string;
  attributes?: Record<string, string>;
  /** With `includeTicket`; absent when the ticket cannot be opened. */
  authenticationTicket?: unknown;
  /**
   * The members that the store could not read, because the row is damaged: `clientIds` is empty
   * then, and any other member is absent. The event `session_unreadable` says why. The session can
   * still be removed, but the clients that it doesn't list are not notified.
   */
  unreadable?: (keyof UserSession)[];
}
