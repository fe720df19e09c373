/**
 * The port to where tokens and consents are kept.
 *
 * @module
 */

import type { MaybePromise } from "./maybe-promise.js";

/** Where tokens and consents are kept. */
export interface GrantStore {
  /**
   * Adds a grant, or replaces the one with the same key. A grant without a required member is
   * refused with an error.
   */
  store(grant: PersistedGrant): MaybePromise<void>;
  /** The grant with this key, expired or not. */
  get(key: string): MaybePromise<PersistedGrant | undefined>;
  /** All grants that match. An empty filter is refused with an error. */
  list(filter: GrantFilter): MaybePromise<PersistedGrant[]>;
  /** How many match, by kind. Without it a dry run counts what `list` returns. */
  count?(filter: GrantFilter): MaybePromise<GrantCounts>;
  /**
   * Removes all that match and says how many, by kind: of two calls at once only one counts a
   * grant. An empty filter is refused with an error.
   */
  remove(filter: GrantFilter): MaybePromise<GrantCounts>;
  /**
   * Removes up to `limit` grants that have expired at `now` (epoch milliseconds): `expires` <=
   * `now`. A grant without `expires` never expires.
   *
   * Returns how many this very call removed. That is fewer than `limit` only if there are no more,
   * or if other calls remove them at the same moment. Without it expired grants stay.
   */
  removeExpired?(now: number, limit: number): MaybePromise<number>;
}

/**
 * A token, code or consent, in the shape of the reference. A consent (`user_consent`) has no
 * `sessionId`.
 */
export interface PersistedGrant {
  key: string;
  /**
   * `refresh_token`, `reference_token`, `authorization_code`, `ciba`, `user_consent`, or a type of
   * the host's own.
   */
  type: string;
  subjectId?: string | undefined;
  sessionId?: string | undefined;
  clientId: string;
  created: Date;
  expires?: Date | undefined;
  consumed?: Date | undefined;
  description?: string | undefined;
  data: string;
}

/**
 * Members are ANDed; lists are ORed within, and may be of any length. Texts are compared by code
 * unit. An empty list says nothing. A filter with no member, or only empty ones (lists or texts),
 * would mean every grant and is refused; beside another member an empty text is a text that nobody
 * has.
 */
export interface GrantFilter {
  subjectId?: string | undefined;
  sessionId?: string | undefined;
  clientIds?: string[] | undefined;
  types?: string[] | undefined;
}

/**
 * Numbers of grants: tokens (`refresh_token`, `reference_token`, `authorization_code`, `ciba`),
 * consents (`user_consent`) and all other types.
 */
export interface GrantCounts {
  tokens: number;
  consents: number;
  other: number;
}
