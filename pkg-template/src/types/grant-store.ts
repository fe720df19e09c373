/**
 * The port for tokens and consents.
 *
 * @module
 */

import type { MaybePromise } from "./maybe-promise.js";

/** Stores tokens and consents. */
export interface GrantStore {
  /**
   * Adds a grant, or replaces the one with the same key. A grant without a required member is
   * rejected.
   */
  store(grant: PersistedGrant): MaybePromise<void>;
  /** The grant with this key, expired or not. */
  get(key: string): MaybePromise<PersistedGrant | undefined>;
  /** All grants that match. An empty filter is rejected. */
  list(filter: GrantFilter): MaybePromise<PersistedGrant[]>;
  /** The number of grants that match, by kind. Without it a dry run counts the result of `list`. */
  count?(filter: GrantFilter): MaybePromise<GrantCounts>;
  /**
   * Removes all grants that match and returns their number, by kind. If two calls run at once, only
   * one counts a grant. An empty filter is rejected.
   */
  remove(filter: GrantFilter): MaybePromise<GrantCounts>;
  /**
   * Removes up to `limit` grants that have expired at `now` (epoch milliseconds): `expires` <=
   * `now`. A grant without `expires` never expires.
   *
   * Returns how many this call removed. That is fewer than `limit` only if there are no more, or if
   * other calls remove some at the same time. Without this function expired grants are kept.
   */
  removeExpired?(now: number, limit: number): MaybePromise<number>;
}

/**
 * A token, code or consent, with the members of Duende IdentityServer's `PersistedGrant`. A consent
 * (`user_consent`) has no `sessionId`.
 */
export interface PersistedGrant {
  key: string;
  /**
   * `refresh_token`, `reference_token`, `authorization_code`, `ciba`, `user_consent`, or the host's
   * own type.
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
 * Members are ANDed; the items of a list are ORed, and a list may have any length. Strings are
 * compared by code unit. An empty list is ignored. A filter that has no member, or only empty ones
 * (lists or strings), would match every grant and is rejected; next to another member, an empty
 * string is compared like any other and matches nothing.
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
