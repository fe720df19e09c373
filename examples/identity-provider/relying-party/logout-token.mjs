// @ts-check
/**
 * Validates logout tokens (OpenID Connect Back-Channel Logout 1.0, section 2.6).
 *
 * @module
 */

/** @import { JWTPayload, JWTVerifyGetKey } from "jose" */

import { errors, jwtVerify } from "jose";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/**
 * The maximum age of a token, in seconds, even if its `exp` is later. Its `jti` is remembered as
 * long.
 */
const OLDEST = 5 * 60;

/** How far, in seconds, the provider's clock may be off. */
const CLOCK_TOLERANCE = 10;

/** The errors that mean that the token is invalid. */
const TOKENS_FAULT = [
  errors.JWSInvalid,
  errors.JWTInvalid,
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

/** The message says why the logout token is invalid. */
export class InvalidLogoutToken extends Error {}

/**
 * The sessions to end: those with this `sid`, or all of the subject.
 *
 * @typedef {{ sub?: string, sid?: string }} LogoutTarget
 */

/**
 * Makes a verifier for one client of one provider. It accepts each token once.
 *
 * @param {object} expected
 * @param {string} expected.issuer
 * @param {string} expected.clientId
 * @param {JWTVerifyGetKey} expected.keys the provider's
 * @returns {(token: string) => Promise<LogoutTarget>} rejects with `InvalidLogoutToken`
 */
export function logoutTokenVerifier({ issuer, clientId, keys }) {
  /** @type {Map<string, number>} from `jti` to the time when it can be forgotten, in seconds */
  const seen = new Map();

  return async (token) => {
    const claims = await verified(token, issuer, clientId, keys);
    const target = targetOf(claims);

    const now = Date.now() / 1000;
    for (const [jti, end] of seen) {
      if (end < now) seen.delete(jti);
    }
    const { jti = "" } = claims;
    if (seen.has(jti)) throw new InvalidLogoutToken("the token was used before");
    seen.set(jti, now + OLDEST + CLOCK_TOLERANCE);
    return target;
  };
}

/**
 * Verifies signature, type, issuer, audience and times.
 *
 * @param {string} token
 * @param {string} issuer
 * @param {string} clientId
 * @param {JWTVerifyGetKey} keys
 * @returns {Promise<JWTPayload>}
 */
async function verified(token, issuer, clientId, keys) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: clientId,
      typ: "logout+jwt",
      algorithms: ["RS256"],
      requiredClaims: ["iat", "exp", "jti", "events"],
      maxTokenAge: OLDEST,
      clockTolerance: CLOCK_TOLERANCE,
    });
    return payload;
  } catch (error) {
    // Other errors, such as a failure to fetch the provider's keys, don't make the token invalid.
    const isTokensFault = TOKENS_FAULT.some((type) => error instanceof type);
    throw isTokensFault && error instanceof Error ? new InvalidLogoutToken(error.message) : error;
  }
}

/**
 * @param {JWTPayload} claims
 * @returns {LogoutTarget}
 */
function targetOf({ events, nonce, sub, sid, jti }) {
  const event = isObject(events) ? events[EVENT] : undefined;
  if (!isObject(event))
    throw new InvalidLogoutToken("`events` does not name a back-channel logout");
  if (nonce !== undefined) throw new InvalidLogoutToken("a logout token has no `nonce`");
  if (typeof jti !== "string" || jti === "") throw new InvalidLogoutToken("`jti` is not a string");
  if (sub !== undefined && typeof sub !== "string")
    throw new InvalidLogoutToken("`sub` is not a string");
  if (sid !== undefined && typeof sid !== "string")
    throw new InvalidLogoutToken("`sid` is not a string");
  if (sub === undefined && sid === undefined)
    throw new InvalidLogoutToken("`sub` and `sid` are both missing");
  return { sub, sid };
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
