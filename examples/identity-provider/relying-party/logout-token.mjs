// @ts-check
/**
 * The check of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6).
 *
 * @module
 */

/** @import { JWTPayload, JWTVerifyGetKey } from "jose" */

import { errors, jwtVerify } from "jose";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/**
 * The age, in seconds, at which a token is refused whatever its `exp` says. Its `jti` is remembered
 * for no longer.
 */
const OLDEST = 5 * 60;

/** How far, in seconds, the provider's clock may be off. */
const CLOCK_TOLERANCE = 10;

/** What is wrong with the token itself, of all that can go wrong. */
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

/** Why a logout token was refused. */
export class InvalidLogoutToken extends Error {}

/**
 * Whose sessions to end: those with this `sid`, or all of the subject's.
 *
 * @typedef {{ sub?: string, sid?: string }} LogoutTarget
 */

/**
 * Makes the check for one client of one provider. It accepts each token once.
 *
 * @param {object} expected
 * @param {string} expected.issuer
 * @param {string} expected.clientId
 * @param {JWTVerifyGetKey} expected.keys the provider's
 * @returns {(token: string) => Promise<LogoutTarget>} rejects with `InvalidLogoutToken`
 */
export function logoutTokenVerifier({ issuer, clientId, keys }) {
  /** @type {Map<string, number>} by `jti`, the time at which it can be forgotten, in seconds */
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
 * Signature, type, issuer, audience and times.
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
    // Anything else, such as a provider whose keys cannot be fetched, is no fault of the token.
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
  if (typeof jti !== "string" || jti === "") throw new InvalidLogoutToken("`jti` is not a text");
  if (sub !== undefined && typeof sub !== "string")
    throw new InvalidLogoutToken("`sub` is not a text");
  if (sid !== undefined && typeof sid !== "string")
    throw new InvalidLogoutToken("`sid` is not a text");
  if (sub === undefined && sid === undefined)
    throw new InvalidLogoutToken("neither `sub` nor `sid` is there");
  return { sub, sid };
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
