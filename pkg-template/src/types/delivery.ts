/**
 * How notifications are delivered.
 *
 * @module
 */

import type { CallOptions } from "./call-options.js";
import type { Delivery } from "./logout.js";

/**
 * How notifications are delivered. Times are in milliseconds.
 *
 * @example
 * const delivery: DeliveryOptions = { concurrency: 64, giveUpAfter: 3_600_000, wait: 2_000 };
 */
export interface DeliveryOptions {
  /** The maximum number of concurrent attempts per call. Default 32. */
  concurrency?: number | undefined;
  /**
   * The maximum number of concurrent attempts per origin. Default 4; an origin that doesn't answer
   * gets one at a time.
   */
  perOrigin?: number | undefined;
  /**
   * The pause after the first failure of a notification; each further failure doubles it. Half of
   * it is random. Default 10 s.
   */
  firstRetry?: number | undefined;
  /** The longest pause, unless the client requests more with `Retry-After`. Default 1 hour. */
  maxRetry?: number | undefined;
  /**
   * The age at which a notification is given up. It stays listed and can be retried. Default 24
   * hours.
   */
  giveUpAfter?: number | undefined;
  /**
   * How long a notification is reserved for the instance that recorded or claimed it. An attempt
   * only begins while half of this time is left. Default 60 s: much longer than any attempt takes.
   */
  leaseFor?: number | undefined;
  /**
   * How long a removal waits for its notifications if there is an outbox; then it reports the rest
   * as pending and leaves them to `LogoutDelivery`. Default 10 s. A sign-in that ends other
   * sessions doesn't wait: it leaves all of them to `LogoutDelivery`. Without an outbox both wait
   * for all notifications, because the rest isn't recorded anywhere.
   */
  wait?: number | undefined;
  /**
   * How far the `iat` of a token is set back. Default 5 s. Relying parties check `iat` as in an ID
   * token (OpenID Connect Back-Channel Logout 1.0, section 2.6), and some permanently reject a
   * token whose clock is 1 s ahead of theirs. A logout token expires 120 s after its `iat` (section
   * 4), so with 120 s or more it would be sent expired.
   */
  backdate?: number | undefined;
  /**
   * How long the outbox keeps a delivered notification. Then `LogoutDelivery` removes it, if the
   * outbox has `prune`. Default 7 days.
   */
  keepDelivered?: number | undefined;
  /**
   * How long the outbox keeps a notification that was given up; until then it is listed and can be
   * retried. Default 90 days.
   */
  keepFailed?: number | undefined;
}

/** The result of one pass over the outbox. */
export interface DeliveryPass {
  /** The number of delivered notifications. */
  delivered: number;
  /** The number of notifications that were given up. They stay listed and can be retried. */
  failed: number;
  /** The number of notifications that will be tried again later. */
  rescheduled: number;
  /** Whether more notifications may be due now. */
  more: boolean;
  /**
   * The number of settled notifications that were removed, after `keepDelivered` or `keepFailed`.
   */
  pruned: number;
  /**
   * Whether the outbox failed to remove settled notifications. The next pass tries again; the event
   * `pruning_failed` has the reason.
   */
  pruningFailed: boolean;
}

/** Options of one pass over the outbox. */
export interface DeliveryPassOptions extends CallOptions {
  /** The maximum number of notifications that the pass processes. Default 1,000. */
  limit?: number | undefined;
}

/** Options of one page of the outbox. */
export interface DeliveryPageOptions extends CallOptions {
  /** Only entries after this id, which need not exist: `after` of the previous page. */
  after?: string | undefined;
  /** The maximum number of entries: 1 to 1,000. Default 100. */
  limit?: number | undefined;
}

/** One page of the outbox. */
export interface DeliveryList {
  /** In the order of their ids. */
  deliveries: Delivery[];
  /** The id of the last one, for the next page. Absent if there are no more. */
  after?: string;
}
