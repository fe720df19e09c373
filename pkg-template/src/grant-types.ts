/**
 * Grant types and their kinds, for stores that count by kind.
 *
 * This file only buckets counts. The core decides which types a removal revokes (`src/grant.rs`).
 *
 * @module
 */

import type { GrantCounts } from "./types.js";

/** The grant types that count as tokens, as in Duende IdentityServer. */
export const TOKEN_GRANT_TYPES: readonly string[] = [
  "refresh_token",
  "reference_token",
  "authorization_code",
  "ciba",
];

/** The grant type that counts as consent. */
export const CONSENT_GRANT_TYPE = "user_consent";

/** The kind that a grant type counts as. */
export function grantKind(type: string): keyof GrantCounts {
  if (TOKEN_GRANT_TYPES.includes(type)) {
    return "tokens";
  }
  return type === CONSENT_GRANT_TYPE ? "consents" : "other";
}
