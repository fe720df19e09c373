/**
 * The lifetime of sessions: sign-out, expiry, and the use of tokens.
 *
 * @module
 */

import { CoreCoordination } from "../core.js";
import { optionsObject } from "../options.js";
import type {
  CallOptions,
  CoordinationOptions,
  DeliveringCallOptions,
  ExpiryPass,
  ExpiryPassOptions,
  Host,
  RemovalReport,
  Runner,
  RunnerOptions,
  SessionValidation,
  SignedOutSession,
} from "../types.js";
import { dispose, disposed } from "./disposal.js";
import { callWithInterimReport } from "./interim-report.js";
import { startRunner } from "./runner.js";

/** As in Duende IdentityServer, in milliseconds. */
const EXPIRY_INTERVAL = 600_000;

/**
 * Coordinates the lifetime of sessions with that of their clients' tokens. Keeps no state between
 * calls, so any number of instances may run at once.
 *
 * @example
 * const coordination = new SessionCoordination(host, {
 *   coordinateClientLifetimesWithUserSession: true,
 * });
 * const runner = coordination.start(); // ends expired sessions, every 10 minutes
 * await runner.stop();
 */
export class SessionCoordination {
  #core: CoreCoordination;

  /** Checks host and options immediately; throws `invalid_argument`. */
  constructor(host: Host, options?: CoordinationOptions) {
    this.#core = new CoreCoordination(host, options);
  }

  /**
   * Call it when a user signs out of a session. It revokes the tokens of coordinating clients and
   * notifies all clients, with the reason `user_logout`. It doesn't remove the session: call
   * `TicketStore.remove` afterwards. If the session is still stored, its clients are read from
   * there as well. Consents are kept.
   *
   * Rejects with `invalid_argument`, `store_failed`, `sender_failed` or `aborted`; repeating the
   * call completes it.
   *
   * @example
   * const session = await tickets.retrieve(cookie);
   * if (session !== undefined) await coordination.processLogout(session);
   * await tickets.remove(cookie);
   */
  processLogout(
    session: SignedOutSession,
    options?: DeliveringCallOptions,
  ): Promise<RemovalReport> {
    return callWithInterimReport<RemovalReport>(
      (publish, callOptions) => this.#core.processLogout(session, publish, callOptions),
      options,
    );
  }

  /**
   * One bounded pass: ends expired sessions, the longest expired first, revokes the tokens of
   * coordinating clients and notifies clients. Safe with many instances at once. A session that
   * fails is counted, is tried again by the next pass, and doesn't stop the others.
   *
   * Then it removes expired grants, and clears the devices of sessions older than
   * `Host.forgetDevicesAfter`: up to 10,000 of each. If a store fails to do that, the report and
   * the event `pruning_failed` say so.
   *
   * Rejects with `store_failed` or `aborted`.
   *
   * @example
   * const { processed, more } = await coordination.removeExpiredSessions({ batchSize: 500 });
   */
  async removeExpiredSessions(options?: ExpiryPassOptions): Promise<ExpiryPass> {
    const { batchSize, ...callOptions } = optionsObject(options, "the options of the pass");
    return await this.#core.removeExpiredSessions({ batchSize }, callOptions);
  }

  /**
   * Runs such passes until it is stopped, every 10 minutes by default. For long-running hosts; on
   * others call `removeExpiredSessions` from a cron trigger.
   *
   * @example
   * const runner = coordination.start({ interval: 60_000, batchSize: 500 });
   * await runner.stop(); // when the process ends
   */
  start(options?: RunnerOptions & { batchSize?: number }): Runner {
    const known = ["interval", "onError", "batchSize"];
    const { batchSize, ...runnerOptions } = optionsObject(
      options,
      "the options of the runner",
      known,
    );
    const pass = (signal: AbortSignal) =>
      this.removeExpiredSessions({ ...(batchSize !== undefined && { batchSize }), signal });
    return startRunner(pass, runnerOptions, EXPIRY_INTERVAL);
  }

  /**
   * Whether a client may keep using its tokens; call it at refresh, userinfo and introspection.
   * True if the client doesn't coordinate, or if the session is active. An active session is
   * extended by its original span, at most once per `renewAtMostEvery` and never past
   * `absoluteLifetime`. An expired session is never extended.
   *
   * Rejects with `store_failed`, `sender_failed` (the client can't be looked up) or `aborted`.
   *
   * @example
   * const token = { subjectId: "alice", sessionId: "s1", clientId: "shop" };
   * if (!(await coordination.validateSession(token))) console.log("invalid_grant");
   */
  validateSession(request: SessionValidation, options?: CallOptions): Promise<boolean> {
    return this.#core.validateSession(request, options);
  }

  /**
   * Enforces `maxSessionsPerSubject` for sign-ins that are not stored with `TicketStore` (which
   * enforces it itself). With `deny`, an excess session is removed again and the call rejects with
   * `session_limit_reached`. With the other policies, other sessions end as with `removeSessions`,
   * and the report describes it. With an outbox, the call doesn't wait for clients: their
   * notifications are reported as pending.
   *
   * Rejects with `not_configured` if no limit is set, `store_failed` or `aborted`.
   *
   * @example
   * const limited = new SessionCoordination(host, {
   *   maxSessionsPerSubject: { limit: 5, policy: "removeOldest" },
   * });
   * await limited.admitSession(session); // the session that your code has just stored
   */
  admitSession(
    session: { subjectId: string; sessionId: string; issuer?: string | undefined },
    options?: CallOptions,
  ): Promise<RemovalReport> {
    return this.#core.admitSession(session, options);
  }

  /**
   * Frees the memory of the service, as `using` does at the end of its block. Running calls
   * complete, and later ones fail with `invalid_argument`, so stop its runners first. Without a
   * disposal, the memory is freed when the service is garbage collected.
   */
  [dispose](): void {
    this.#core = disposed(this.#core);
  }
}
