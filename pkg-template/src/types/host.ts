/**
 * What a host injects.
 *
 * @module
 */

import type { AtomicEnding } from "./atomic-ending.js";
import type { DeliveryOptions } from "./delivery.js";
import type { SessionEvent } from "./event.js";
import type { GrantStore } from "./grant-store.js";
import type { Client, LogoutMessage, LogoutOutbox, LogoutOutcome } from "./logout.js";
import type { MaybePromise } from "./maybe-promise.js";
import type { SessionStore } from "./session-store.js";

/**
 * What the host injects. Every member is a plain object of functions, or one function; each may be
 * asynchronous or not.
 */
export interface Host {
  /** Where the sessions are kept. */
  sessions: SessionStore;
  /** Where tokens and consents are kept. Without it, removals revoke none and say so. */
  grants?: GrantStore;
  /** Makes notifications durable: what could not be delivered at once stays pending. */
  outbox?: LogoutOutbox;
  /** Looks up a client's registration. Without it nobody can be notified. */
  clients?: ((clientId: string) => MaybePromise<Client | undefined>) | undefined;
  /**
   * The subject identifier that a client knows, where it is pairwise (OpenID Connect Core 1.0,
   * section 8).
   */
  subjectFor?: ((subjectId: string, clientId: string) => MaybePromise<string>) | undefined;
  /**
   * Sends one logout notification, once. `rollcall/logout` has the one for OpenID Connect
   * Back-Channel Logout.
   */
  sendLogout?:
    | ((
        notification: LogoutMessage,
        options: { signal?: AbortSignal },
      ) => MaybePromise<LogoutOutcome>)
    | undefined;
  /** Ends sessions as a set in one transaction, where the stores share one. */
  atomic?: AtomicEnding;
  /**
   * Called with everything that happens, for audit and metrics. What it throws goes to
   * `console.error` and changes nothing.
   */
  onEvent?: ((event: SessionEvent) => void) | undefined;
  /** How notifications are delivered, by every service of this host. */
  delivery?: DeliveryOptions | undefined;
  /**
   * How long after its beginning a session expires, in milliseconds, however often it is renewed.
   * It caps `expires` whenever a service of this host creates, renews or validates a session.
   * Default: no such limit.
   */
  absoluteLifetime?: number | undefined;
  /**
   * How long after its beginning `ipAddress` and `userAgent` of a session are cleared, in
   * milliseconds. `SessionCoordination.removeExpiredSessions` does it; the session stays active. A
   * renewal that brings new ones keeps them until the next pass. The session store needs
   * `forgetDevices`; without it every service is `not_configured`. Default: never.
   */
  forgetDevicesAfter?: number | undefined;
  /** The clock, in epoch milliseconds. Default: `Date.now`. */
  now?: (() => number) | undefined;
  /**
   * The issuers of this provider, as in its ID tokens: one, or one for each tenant. Every new
   * session then has one of them. A sign-in, removal or validation that names another is
   * `invalid_argument`, and a session that has another from before is removed without a logout
   * token: the delivery fails. Absent: any.
   */
  issuers?: readonly string[] | undefined;
  /**
   * How long one call of an injected function may take, in milliseconds, before it fails. Default
   * 30,000; 0 waits for ever.
   */
  callbackTimeout?: number | undefined;
}
