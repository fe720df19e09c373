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
import { callAndPublish } from "./published.js";

/** How many sessions `sessions()` reads at a time, unless the query says. */
const ITERATION_PAGE = 100;

/**
 * Lists who is signed in, and signs them out, everywhere. Keeps nothing between calls; any number
 * may run at once.
 */
export class SessionManagement {
  readonly #core: CoreManagement;
  readonly #keyRing: KeyRing | undefined;

  /**
   * Checks the host at once: a missing, unknown or wrong member throws `invalid_argument` with its
   * name.
   *
   * @param options `keys`: the keys of the `TicketStore`, only for queries with `includeTicket`
   */
  constructor(host: Host, options?: { keys?: TicketKeys }) {
    const { keys } = optionsObject(options, "the options of session management", ["keys"]);
    this.#core = new CoreManagement(host);
    this.#keyRing = keys === undefined ? undefined : new KeyRing(keys);
  }

  /**
   * One page of the sessions that match, newest first. `hasPrevResults` and `hasNextResults` are
   * exact at the time of the call, whatever was added or removed since the page before.
   *
   * Rejects with `invalid_argument`, `invalid_results_token`, `results_token_mismatch`,
   * `unsupported_filter`, `not_configured`, `store_failed` or `aborted`.
   */
  querySessions(query?: SessionQuery, options?: CallOptions): Promise<QueryResult> {
    return this.#core.querySessions(query, options, this.#keyRing);
  }

  /**
   * All sessions that match, page by page as they are asked for, without totals. A session that is
   * added or removed meanwhile may or may not be seen; no other is missed or seen twice. Throws as
   * `querySessions` does.
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
   * How many sessions match, exactly or up to `upTo`. It takes the filters of a query alone, and a
   * blank string is no filter.
   *
   * Rejects with `invalid_argument` (also for members that ask for a page, a count or tickets),
   * `unsupported_filter`, `not_configured` (the store can't count), `store_failed` or `aborted`.
   *
   * @example
   * ```ts
   * const { count, capped } = await management.countSessions({ state: "active" }, { upTo: 10_000 });
   * console.log(capped ? `more than ${count}` : `${count}`);
   * ```
   */
  async countSessions(query?: SessionQuery, options?: CountOptions): Promise<SessionCount> {
    const { upTo, ...callOptions } = optionsObject(options, "the options of the count");
    return await this.#core.countSessions(query, { upTo }, callOptions);
  }

  /**
   * The capabilities of the host: the filters that its store serves, and the services that it has.
   * It asks no store.
   */
  capabilities(): Capabilities {
    return this.#core.capabilities();
  }

  /**
   * Gives the event `admin_denied` to the host's `onEvent`: an admin API calls it for each request
   * that it refuses. `rollcall/http` does so; do it in an admin API of your own, so that one audit
   * log has both. Nothing happens if the host has no `onEvent`.
   *
   * Throws `invalid_argument` for a member that is missing, unknown or wrong.
   *
   * @param denial never the parameters of the request: `route` is that of the API, such as
   * `DELETE /v1/sessions/{sessionId}`
   */
  reportDenied(denial: AdminDenial): void {
    this.#core.reportDenied(denial);
  }

  /**
   * Ends sessions: revokes their tokens and consents, removes them, and tells every client that
   * took part. Removing what is already gone succeeds with zeros. A notification that fails is in
   * the report and keeps no session alive; with an outbox, what is not delivered within the host's
   * `delivery.wait` is reported as pending and left to `LogoutDelivery`.
   *
   * Rejects with `invalid_argument`, `empty_target` or `not_configured` before anything is changed,
   * and with `store_failed` or `aborted` on the way: repeating the call completes it.
   */
  removeSessions(
    context: RemoveSessionsContext,
    options?: DeliveringCallOptions,
  ): Promise<RemovalReport> {
    return callAndPublish<RemovalReport>(
      (publish, callOptions) => this.#core.removeSessions(context, publish, callOptions),
      options,
    );
  }

  /**
   * Ends every session that a filter matches. Without `confirmToken` it is a preview: the count, a
   * sample, and the token. With it, sessions that began before the preview are ended, oldest first,
   * up to `limit`; while the report says `more`, its own token goes on from there. Sessions end one
   * by one: a client hears of each by its `sid`, and consents stay.
   *
   * Rejects with `invalid_argument`, `empty_target`, `confirm_token_stale`, `unsupported_filter` or
   * `not_configured` before anything is changed, and with `store_failed` or `aborted` on the way:
   * the same call again goes on.
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
    return callAndPublish<PurgePreview | PurgeReport>(
      (publish, callOptions) => this.#core.purgeSessions(request, publish, callOptions),
      options,
    );
  }
}
