/**
 * Security Event Tokens (RFC 8417) with the event `session-revoked` (OpenID CAEP 1.0, section 3.1),
 * delivered by push (RFC 8935).
 *
 * @module
 */
import { base64url } from "jose";
import type { Client, EventUser, SecurityEventClaims, SecurityEventMessage } from "../types.js";
import type { AnswerRules } from "./answer.js";
import type { HttpRequest } from "./client-request.js";
import { DeliveryFailure } from "./delivery-failure.js";
import type { SignedClaims } from "./signing.js";

/** RFC 8935: 202 is success (section 2.2), and an error has these members (section 2.3). */
export const EVENT_ANSWERS: AnswerRules = {
  success: [202],
  error: "err",
  description: "description",
};

/**
 * The claims with their issuer and transaction. Rejects claims that the Shared Signals Framework
 * 1.0, section 4.1, forbids, even if another program made them.
 */
export async function eventClaims(
  { id, claims }: SecurityEventMessage,
  issuer: string,
): Promise<SignedClaims> {
  if (claims.sub_id === undefined) {
    throw new DeliveryFailure(
      "the claims have no `sub_id`, and a security event token must have one",
    );
  }
  for (const name of ["sub", "exp"]) {
    if (name in claims) {
      throw new DeliveryFailure(`the claims have \`${name}\`, and a security event token must not`);
    }
  }
  const iss = claims.iss ?? issuer;
  return {
    ...claims,
    iss,
    txn: claims.txn ?? (await transactionOf(id)),
    sub_id: withIssuer(claims.sub_id, iss),
  };
}

/**
 * The same for each attempt, so that a client recognizes a repeated event. It is a hash because the
 * id would reveal details of the store.
 */
async function transactionOf(id: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
  return base64url.encode(new Uint8Array(hash, 0, 16));
}

function withIssuer(
  subject: SecurityEventClaims["sub_id"],
  iss: string,
): SecurityEventClaims["sub_id"] {
  const known = (user: EventUser): EventUser => ({ ...user, iss: user.iss ?? iss });
  switch (subject.format) {
    case "iss_sub":
      return known(subject);
    case "complex":
      return { ...subject, user: known(subject.user) };
    default:
      return subject;
  }
}

/**
 * The value of the client's header, checked here because `fetch` would quote a malformed one in its
 * error.
 */
export function authorizationOf(client: Client): string | undefined {
  const authorization: unknown = client.securityEventAuthorization ?? undefined;
  if (authorization === undefined) {
    return undefined;
  }
  if (typeof authorization !== "string" || !/^[\x21-\x7e][\x20-\x7e]*$/.test(authorization)) {
    throw new DeliveryFailure(
      "the client's `securityEventAuthorization` must be the value of a header, in ASCII",
    );
  }
  return authorization;
}

/**
 * The secret parts of the header's value: everything except the scheme (RFC 9110, section 11.4).
 */
export function credentialsIn(authorization: string | undefined): string[] {
  const [scheme, ...credentials] = (authorization ?? "").split(" ").filter(Boolean);
  return credentials.length === 0 && scheme !== undefined ? [scheme] : credentials;
}

/** RFC 8935, section 2.1. */
export function eventRequest(token: string, authorization: string | undefined): HttpRequest {
  return {
    method: "POST",
    headers: {
      "content-type": "application/secevent+jwt",
      accept: "application/json",
      ...(authorization !== undefined && { authorization }),
    },
    body: token,
  };
}
