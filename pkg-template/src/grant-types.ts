/**
 * The grant types and their kinds, for stores that count by kind.
 *
 * The core holds the rule (`src/grant.rs`): it says which types a removal revokes. What stands here
 * only sorts numbers.
 *
 * @module
 */

import type { GrantCounts } from "./types.js";

/** The grant types that count as tokens, as in the reference. */
export const TOKEN_GRANT_TYPES: readonly string[] = [
  "refresh_token",
  "reference_token",
  "authorization_code",
  "ciba",
];

/** The grant type that counts as consent. */
export const CONSENT_GRANT_TYPE = "user_consent";

/** What a grant of this type counts as. */
export function grantKind(type: string): keyof GrantCounts {
  if (TOKEN_GRANT_TYPES.includes(type)) {
    return "tokens";
  }
  return type === CONSENT_GRANT_TYPE ? "consents" : "other";
}
