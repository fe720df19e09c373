/**
 * Why an attempt failed, in an administrator's words.
 *
 * @module
 */

import type { Delivery } from "../../api/types";
import { deliveries as texts } from "../../texts";

const { reasons } = texts;

/** The reasons by the beginning of the server's message. */
const MESSAGES: readonly [RegExp, string][] = [
  [/^no answer within/, reasons.timeout],
  [/^cannot reach/, reasons.unreachable],
  [/redirects, which is not followed/, reasons.redirect],
  [/^the client is not known/, reasons.unknownClient],
  [/^the client is disabled/, reasons.disabledClient],
  [/^the client has no /, reasons.noAddress],
  [/has no address$/, reasons.unreachable],
  [/must be an https URL|not an absolute URL|not a public|must not have a/, reasons.badAddress],
  [/^not tried/, reasons.notTried],
];

/** A sentence about the last attempt; absent if it didn't fail. */
export function reasonOf({ status, error, attempts, state }: Delivery): string | undefined {
  if (state === "delivered") return undefined;
  const known = MESSAGES.find(([pattern]) => error !== undefined && pattern.test(error));
  if (known !== undefined) return known[1];
  if (status !== undefined) return reasonOfStatus(status);
  if (error !== undefined) return reasons.other;
  return attempts === 0 ? reasons.notTried : undefined;
}

function reasonOfStatus(status: number): string {
  if (status === 401 || status === 403) return reasons.refused;
  if (status === 404 || status === 405 || status === 410) return reasons.wrongAddress;
  if (status === 408 || status === 425 || status === 429 || status === 503) return reasons.busy;
  if (status >= 500) return reasons.broken;
  return reasons.rejected;
}
