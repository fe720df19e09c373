/**
 * How notifications are delivered.
 *
 * @module
 */

import type { CallOptions } from "./call-options.js";
import type { Delivery } from "./logout.js";

/** How notifications are delivered. Times are in milliseconds. */
export interface DeliveryOptions {
  /** How many attempts are under way at once, in one call. Default 32. */
  concurrency?: number | undefined;
  /**
   * How many of them go to one origin that answers. Default 4; one that does not gets one at a
   * time.
   */
  perOrigin?: number | undefined;
  /**
   * How long a notification is left alone after its first failure; each further one doubles it.
   * Half of it is random. Default 10 s.
   */
  firstRetry?: number | undefined;
  /**
   * The longest that it is left alone, unless the client asks for more by `Retry-After`. Default 1
   * hour.
   */
  maxRetry?: number | undefined;
  /**
   * How long after it was recorded a notification is given up. It stays listed and can be retried.
   * Default 24 hours.
   */
  giveUpAfter?: number | undefined;
  /**
   * How long whoever records or claims a notification keeps it to itself. An attempt begins only
   * while half of it is left. Default 60 s: much longer than any attempt takes.
   */
  leaseFor?: number | undefined;
  /**
   * How long a removal waits for its notifications where there is an outbox; then it reports the
   * rest as pending and leaves it to `LogoutDelivery`. Default 10 s. A sign-in that ends other
   * sessions doesn't wait: it leaves all of them to `LogoutDelivery`. Without an outbox both wait
   * for all of them, because nothing records the rest.
   */
  wait?: number | undefined;
  /**
   * How far the `iat` of a token is set back. Default 5 s. A relying party checks `iat` as in an ID
   * token (OpenID Connect Back-Channel Logout 1.0, section 2.6), and some refuse a token from a
   * clock that is 1 s ahead of theirs, for good. A logout token expires 120 s after its `iat`
   * (section 4), so at 120 s or more it would be sent expired.
   */
  backdate?: number | undefined;
  /**
   * How long the outbox keeps a notification after it was delivered. Then `LogoutDelivery` removes
   * it, if the outbox has `prune`. Default 7 days.
   */
  keepDelivered?: number | undefined;
  /**
   * How long the outbox keeps a notification after it was given up: until then it is listed and can
   * be retried. Default 90 days.
   */
  keepFailed?: number | undefined;
}

/** What one pass over the outbox did. */
export interface DeliveryPass {
  /** Notifications that clients took. */
  delivered: number;
  /** Notifications that were given up. They stay listed and can be retried. */
  failed: number;
  /** Notifications that are to be tried again later. */
  rescheduled: number;
  /** Whether there may be more that are due now. */
  more: boolean;
  /** Settled notifications that were removed, after `keepDelivered` or `keepFailed`. */
  pruned: number;
  /**
   * Whether the outbox failed to remove them. The next pass tries again; the event `pruning_failed`
   * says why.
   */
  pruningFailed: boolean;
}

/** For one pass over the outbox. */
export interface DeliveryPassOptions extends CallOptions {
  /** How many notifications the pass takes on at the most. Default 1,000. */
  limit?: number | undefined;
}

/** For one page of the outbox. */
export interface DeliveryPageOptions extends CallOptions {
  /** Only entries behind this id, which need not exist: `after` of the page before. */
  after?: string | undefined;
  /** How many entries a page has at the most: 1 to 1,000. Default 100. */
  limit?: number | undefined;
}

/** One page of the outbox. */
export interface DeliveryList {
  /** In the order of their ids. */
  deliveries: Delivery[];
  /** The id of the last one, for the next page. Absent if there are no more. */
  after?: string;
}
