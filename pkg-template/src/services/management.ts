/**
 * The admin path: lists sessions and ends them.
 *
 * @module
 */

import { CoreManagement } from "../core.js";
import { KeyRing } from "../key-ring.js";
import { optionsObject } from "../options.js";
import type {
  AdminDenial,
  CallOptions,
  Capabilities,
  CountOptions,
  DeliveringCallOptions,
  Host,
  PurgePreview,
  PurgeReport,
  PurgeRequest,
  QueryResult,
  RemovalReport,
  RemoveSessionsContext,
  SessionCount,
  SessionQuery,
  TicketKeys,
  UserSession,
} from "../types.js";
import { dispose, disposed } from "./disposal.js";
import { callWithInterimReport } from "./interim-report.js";

/** How many sessions `sessions()` reads at a time, unless the query sets a count. */
const ITERATION_PAGE = 100;

/**
 * Lists who is signed in and signs them out everywhere. Keeps no state between calls, so any number
 * of instances may run at once.
 *
 * @example
 * const management = new SessionManagement({ ...memoryStores() });
 * const { results } = await management.querySessions({ subjectId: "alice" });
 * await management.removeSessions({ subjectId: "alice" });
 */
export class SessionManagement {
  #core: CoreManagement;
  readonly #keyRing: KeyRing | undefined;

  /**
   * Checks the host immediately: a missing, unknown or malformed member throws `invalid_argument`
   * with its name.
   *
   * @param options `keys`: the keys of the `TicketStore`, only needed for queries with
   * `includeTicket`
   * @example
   * const management = new SessionManagement(host, { keys });
   * const { results } = await management.querySessions({ includeTicket: true });
   */
  constructor(host: Host, options?: { keys?: TicketKeys }) {
    const { keys } = optionsObject(options, "the options of session management", ["keys"]);
    this.#core = new CoreManagement(host);
    this.#keyRing = keys === undefined ? undefined : new KeyRing(keys);
  }

  /**
   * One page of the sessions that match, newest first. `hasPrevResults` and `hasNextResults` are
   * exact at the time of the call, even if sessions were added or removed since the previous page.
   *
   * Rejects with `invalid_argument`, `invalid_results_token`, `results_token_mismatch`,
   * `unsupported_filter`, `not_configured`, `store_failed` or `aborted`.
   *
   * @example
   * const first = await management.querySessions({ search: "alice", countRequested: 50 });
   * const second = await management.querySessions({
   *   search: "alice",
   *   countRequested: 50,
   *   resultsToken: first.resultsToken,
   * });
   */
  querySessions(query?: SessionQuery, options?: CallOptions): Promise<QueryResult> {
    return this.#core.querySessions(query, options, this.#keyRing);
  }

  /**
   * Iterates over all sessions that match, reading pages as needed, without totals. A session that
   * is added or removed meanwhile may or may not be returned; no other is missed or returned twice.
   * Throws like `querySessions`.
   *
   * @example
   * for await (const session of management.sessions({ clientId: "shop" })) {
   *   console.log(session.subjectId, session.created);
   * }
   */
  async *sessions(
    query: SessionQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<UserSession, void, undefined> {
    const given = optionsObject(query, "the query");
    const paged = { countRequested: ITERATION_PAGE, ...given, count: "none" } as const;
    let next: SessionQuery | undefined = paged;
    while (next !== undefined) {
      const page: QueryResult = await this.querySessions(next, options);
      yield* page.results;
      const { resultsToken } = page;
      const hasMore: boolean = next.requestPriorResults ? page.hasPrevResults : page.hasNextResults;
      next = hasMore && resultsToken !== undefined ? { ...paged, resultsToken } : undefined;
    }
  }

  /**
   * Counts the sessions that match, all of them or up to `upTo`. It only accepts the filters of a
   * query; a blank string is no filter.
   *
   * Rejects with `invalid_argument` (also for members that request a page, a count or tickets),
   * `unsupported_filter`, `not_configured` (the store can't count), `store_failed` or `aborted`.
   *
   * @example
   * const filter = { state: "active" } as const;
   * const { count, capped } = await management.countSessions(filter, { upTo: 10_000 });
   * console.log(capped ? `more than ${count}` : `${count}`);
   */
  async countSessions(query?: SessionQuery, options?: CountOptions): Promise<SessionCount> {
    const { upTo, ...callOptions } = optionsObject(options, "the options of the count");
    return await this.#core.countSessions(query, { upTo }, callOptions);
  }

  /**
   * The capabilities of the host: the filters that its store supports, and its services. Calls no
   * store.
   *
   * @example
   * const { filters } = management.capabilities();
   * const canSearch = filters.includes("search");
   */
  capabilities(): Capabilities {
    return this.#core.capabilities();
  }

  /**
   * Passes the event `admin_denied` to the host's `onEvent`. `rollcall/http` calls it for each
   * request that it refuses; do the same in an admin API of your own, so that one audit log has
   * both. Does nothing if the host has no `onEvent`.
   *
   * Throws `invalid_argument` for a member that is missing, unknown or malformed.
   *
   * @param denial never includes the parameters of the request: `route` is the pattern of the API,
   * such as `DELETE /v1/sessions/{sessionId}`
   * @example
   * management.reportDenied({
   *   actor: "carol",
   *   permission: "remove",
   *   route: "DELETE /v1/sessions/{sessionId}",
   * });
   */
  reportDenied(denial: AdminDenial): void {
    this.#core.reportDenied(denial);
  }

  /**
   * Ends sessions: revokes their tokens and consents, removes them, and notifies every client that
   * took part. Removing sessions that no longer exist succeeds with zeros. A failed notification is
   * in the report and doesn't keep a session active. With an outbox, notifications that are not
   * delivered within the host's `delivery.wait` are reported as pending and left to
   * `LogoutDelivery`.
   *
   * Rejects with `invalid_argument`, `empty_target` or `not_configured` before anything is changed,
   * and with `store_failed` or `aborted` halfway; repeating the call completes it.
   *
   * @example
   * // Sign alice out everywhere, except in the browser that she uses.
   * const report = await management.removeSessions({
   *   subjectId: "alice",
   *   exceptSessionIds: ["s1"],
   *   reason: "password changed",
   * });
   * console.log(report.sessionsRemoved, report.notifications.delivered);
   */
  removeSessions(
    context: RemoveSessionsContext,
    options?: DeliveringCallOptions,
  ): Promise<RemovalReport> {
    return callWithInterimReport<RemovalReport>(
      (publish, callOptions) => this.#core.removeSessions(context, publish, callOptions),
      options,
    );
  }

  /**
   * Ends every session that a filter matches. Without `confirmToken` it returns a preview: the
   * count, a sample, and the token. With the token, it ends the sessions that began before the
   * preview, oldest first, up to `limit`. While the report says `more`, pass the token of the
   * report to continue. Sessions end one by one: a client is notified of each by its `sid`, and
   * consents are kept.
   *
   * Rejects with `invalid_argument`, `empty_target`, `confirm_token_stale`, `unsupported_filter` or
   * `not_configured` before anything is changed, and with `store_failed` or `aborted` halfway;
   * repeating the call continues.
   *
   * @example
   * const filter = { created: { before: "2026-01-01" } };
   * const preview = await management.purgeSessions({ filter });
   * console.log(`${preview.count} sessions will end`);
   * let confirmToken: string | undefined = preview.confirmToken;
   * while (confirmToken !== undefined) {
   *   const report: PurgeReport = await management.purgeSessions({ filter, confirmToken });
   *   confirmToken = report.confirmToken; // absent when no sessions are left
   * }
   */
  purgeSessions(
    request: PurgeRequest & { confirmToken: string },
    options?: DeliveringCallOptions,
  ): Promise<PurgeReport>;
  purgeSessions(
    request: PurgeRequest & { confirmToken?: never },
    options?: DeliveringCallOptions,
  ): Promise<PurgePreview>;
  purgeSessions(
    request: PurgeRequest,
    options?: DeliveringCallOptions,
  ): Promise<PurgePreview | PurgeReport>;
  purgeSessions(
    request: PurgeRequest,
    options?: DeliveringCallOptions,
  ): Promise<PurgePreview | PurgeReport> {
    return callWithInterimReport<PurgePreview | PurgeReport>(
      (publish, callOptions) => this.#core.purgeSessions(request, publish, callOptions),
      options,
    );
  }

  /**
   * Frees the memory of the service, as `using` does at the end of its block. Running calls
   * complete, and later ones fail with `invalid_argument`. Without a disposal, the memory is freed
   * when the service is garbage collected.
   */
  [dispose](): void {
    this.#core = disposed(this.#core);
  }
}
