/**
 * The lifetime of sessions: what happens when a user signs out, when a session expires, and when a
 * token is used.
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
import { callAndPublish } from "./published.js";
import { startRunner } from "./runner.js";

/** As in the reference, in milliseconds. */
const EXPIRY_INTERVAL = 600_000;

/**
 * Coordinates the lifetime of sessions with that of their clients' tokens. Keeps nothing between
 * calls; any number may run at once.
 */
export class SessionCoordination {
  readonly #core: CoreCoordination;

  /** Checks host and options at once; throws `invalid_argument`. */
  constructor(host: Host, options?: CoordinationOptions) {
    this.#core = new CoreCoordination(host, options);
  }

  /**
   * A user has signed out of a session: revokes the tokens of the clients that coordinate, and
   * tells all clients, with the reason `user_logout`. The session itself is the caller's to remove
   * (`TicketStore.remove`); while it is still stored, its clients are found there too. Consents
   * stay.
   *
   * Rejects with `invalid_argument`, `store_failed`, `sender_failed` or `aborted`: the same call
   * again completes it.
   */
  processLogout(
    session: SignedOutSession,
    options?: DeliveringCallOptions,
  ): Promise<RemovalReport> {
    return callAndPublish<RemovalReport>(
      (publish, callOptions) => this.#core.processLogout(session, publish, callOptions),
      options,
    );
  }

  /**
   * One bounded pass: ends sessions that have expired, the longest expired first, revokes the
   * tokens of the clients that coordinate and tells clients. Safe with many instances at once. A
   * session that fails is counted, stays for the next pass and stops no other.
   *
   * Then it removes expired grants, and clears the devices of sessions that are older than
   * `Host.forgetDevicesAfter`: up to 10,000 of each. If a store fails at that, the report and the
   * event `pruning_failed` say so.
   *
   * Rejects with `store_failed` or `aborted`.
   */
  async removeExpiredSessions(options?: ExpiryPassOptions): Promise<ExpiryPass> {
    const { batchSize, ...callOptions } = optionsObject(options, "the options of the pass");
    return await this.#core.removeExpiredSessions({ batchSize }, callOptions);
  }

  /**
   * Makes such passes until it is stopped, by default every 10 minutes. For hosts that live long;
   * others call the single pass.
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
   * Whether a client may go on: for refresh, userinfo and introspection. True where the client does
   * not coordinate, and while a session is live. Live sessions are extended by their original span,
   * at most once in `renewAtMostEvery` and never past `absoluteLifetime`; what has expired is never
   * extended.
   *
   * Rejects with `store_failed`, `sender_failed` (the client cannot be looked up) or `aborted`.
   */
  validateSession(request: SessionValidation, options?: CallOptions): Promise<boolean> {
    return this.#core.validateSession(request, options);
  }

  /**
   * Enforces `maxSessionsPerSubject` after a sign-in was stored by other means than `TicketStore`,
   * which does so itself. By `deny` a session too many is removed again and the call rejects with
   * `session_limit_reached`; else others end as `removeSessions` ends them, and the report says
   * how. With an outbox it doesn't wait for clients: their notifications are reported as pending.
   *
   * Rejects with `not_configured` where no limit is set, `store_failed` or `aborted`.
   */
  admitSession(
    session: { subjectId: string; sessionId: string; issuer?: string | undefined },
    options?: CallOptions,
  ): Promise<RemovalReport> {
    return this.#core.admitSession(session, options);
  }
}
