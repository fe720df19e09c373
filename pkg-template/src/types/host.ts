/**
 * The stores, callbacks and settings of a host.
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
 * Everything that the host injects. Every member is a plain object of functions, or one function;
 * each function may be asynchronous.
 *
 * @example
 * const host: Host = {
 *   ...memoryStores(),
 *   clients: (clientId) => ({ clientId, backChannelLogoutUri: `https://${clientId}.example/out` }),
 *   sendLogout: backChannelSender({ issuer: "https://id.example.com", signingKeys }),
 *   onEvent: (event) => console.log(event.type),
 *   delivery: { wait: 2_000 },
 * };
 */
export interface Host {
  /** Stores the sessions. */
  sessions: SessionStore;
  /** Stores tokens and consents. Without it, removals revoke none and say so in their reports. */
  grants?: GrantStore;
  /** Makes notifications durable: undelivered ones stay pending. */
  outbox?: LogoutOutbox;
  /** Looks up a client's registration. Without it no client can be notified. */
  clients?: ((clientId: string) => MaybePromise<Client | undefined>) | undefined;
  /**
   * The subject identifier for a client, if it is pairwise (OpenID Connect Core 1.0, section 8).
   */
  subjectFor?: ((subjectId: string, clientId: string) => MaybePromise<string>) | undefined;
  /**
   * Sends one logout notification, once. `rollcall/logout` has a sender for OpenID Connect
   * Back-Channel Logout.
   */
  sendLogout?:
    | ((
        notification: LogoutMessage,
        options: { signal?: AbortSignal },
      ) => MaybePromise<LogoutOutcome>)
    | undefined;
  /** Ends sessions as a set in one transaction, for stores that share one. */
  atomic?: AtomicEnding;
  /**
   * Called with every event, for audit and metrics. An error that it throws is logged with
   * `console.error` and changes nothing.
   */
  onEvent?: ((event: SessionEvent) => void) | undefined;
  /** How notifications are delivered, by every service of this host. */
  delivery?: DeliveryOptions | undefined;
  /**
   * How long a session lasts at most after it began, in milliseconds, regardless of renewals. It
   * caps `expires` whenever a service of this host creates, renews or validates a session. Default:
   * no limit.
   */
  absoluteLifetime?: number | undefined;
  /**
   * When to clear `ipAddress` and `userAgent` of a session, in milliseconds after it began.
   * `SessionCoordination.removeExpiredSessions` does it; the session stays active. New values from
   * a renewal are kept until the next pass. The session store needs `forgetDevices`; without it
   * every service fails with `not_configured`. Default: never.
   */
  forgetDevicesAfter?: number | undefined;
  /** The clock, in epoch milliseconds. Default: `Date.now`. */
  now?: (() => number) | undefined;
  /**
   * The issuers of this provider, as in its ID tokens: one, or one for each tenant. Every new
   * session then has one of them. A sign-in, removal or validation with another issuer is
   * `invalid_argument`. An older session with another issuer is removed without a logout token: its
   * delivery fails. Absent: any issuer is allowed.
   */
  issuers?: readonly string[] | undefined;
  /**
   * The time limit for one call of an injected function, in milliseconds. Default 30,000; 0 waits
   * forever.
   */
  callbackTimeout?: number | undefined;
}
