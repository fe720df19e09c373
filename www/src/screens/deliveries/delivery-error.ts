/**
 * Errors of deliveries in an administrator's words.
 *
 * @module
 */

import type { Delivery } from "../../api/types";
import { ending } from "../../texts";

const { errors } = ending;

/** Messages of the core and of the sender. The first match counts. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^the client is not known/, errors.unknownClient],
  [/^the client is disabled/, errors.disabled],
  [/^the client has no back-channel logout URI/, errors.noAddress],
  [/^no client lookup is injected/, errors.noLookup],
  [/^the client no longer accepts/, errors.changed],
  [/^not tried: clients can't be looked up/, errors.registry],
  [/^not tried: it waited too long/, errors.waited],
  [/^not tried: .* times in a row/, errors.paused],
  [/^the outbox could not record/, errors.unrecorded],
  [/^no answer within/, errors.silent],
  [/^cannot reach/, errors.unreachable],
  [/redirects, which is not followed/, errors.redirects],
  [/which is not a public (address|name)/, errors.privateAddress],
  [/^`[^`]+` has no address/, errors.unresolved],
  [
    /must be an https URL|must not have a (fragment|user name)|is not an absolute URL/,
    errors.address,
  ],
  [/jwks|signing|encrypt|secret|no public key|idToken|logoutTokenType|JWK set/i, errors.signing],
];

/** The error of a delivery in words; `undefined` if it's unknown, so only its message helps. */
export function deliveryErrorText({ error, status }: Delivery): string | undefined {
  if (error === undefined) return undefined;
  const isAnswer = error.startsWith("the client answered");
  if (isAnswer && status !== undefined) return answerText(status);
  return PATTERNS.find(([pattern]) => pattern.test(error))?.[1];
}

function answerText(status: number): string {
  if (status === 401 || status === 403) return errors.denied;
  if (status === 404 || status === 410) return errors.missing;
  if (status === 429) return errors.busy;
  if (status >= 500) return errors.serverFailed;
  return status >= 400 ? errors.rejected : errors.answered;
}
