/**
 * Bearer tokens signed by their issuer, for every endpoint that accepts them.
 *
 * @module
 */

import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";

/**
 * The public keys of an issuer: a JWK set, or a function in the form of jose's, such as that of
 * `createRemoteJWKSet`. The function gets `alg`, `kid`, `typ`, `x5t` and `x5t#S256` of the token's
 * header, but never a key from the header, which would prove nothing.
 *
 * @example
 * import { createRemoteJWKSet } from "jose";
 * const keys: IssuerKeys = createRemoteJWKSet(new URL("https://id.example.com/jwks"));
 */
export type IssuerKeys = JSONWebKeySet | JWTVerifyGetKey;

/** Asymmetric only: a shared secret doesn't prove who signed. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** How far the clocks of two machines may differ, in seconds. */
export const CLOCK_TOLERANCE = 60;

/** The token of the header `Authorization` (RFC 6750, section 2.1). */
export function bearerToken(request: Request): string | undefined {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  return token !== undefined && isBearerToken(token) ? token : undefined;
}

/** Whether the string can be sent as a bearer token (`b64token` of RFC 6750, section 2.1). */
export function isBearerToken(text: string): boolean {
  return /^[\w.~+/-]+=*$/.test(text);
}

/**
 * The claims of a token, if its issuer signed it and it meets `options`. Rejects if the keys can't
 * be fetched.
 */
export async function verifiedClaims(
  token: string,
  keys: IssuerKeys,
  options: Omit<JWTVerifyOptions, "algorithms" | "clockTolerance">,
): Promise<JWTPayload | undefined> {
  try {
    const getKey = typeof keys === "function" ? keys : createLocalJWKSet(keys);
    const { payload } = await jwtVerify(token, withoutKeys(getKey), {
      ...options,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE,
    });
    return payload;
  } catch (error) {
    return undefinedIfBadToken(error);
  }
}

/** The header parameters that identify a key without containing one (RFC 7515, section 4.1). */
const KEY_NAMES = ["kid", "typ", "x5t", "x5t#S256"];

/**
 * Looks up a key without the keys and key URLs in the token's header: even a function that returns
 * its own argument must not make them acceptable (RFC 8725, section 3.10).
 */
function withoutKeys(getKey: JWTVerifyGetKey): JWTVerifyGetKey {
  return (header, token) => {
    const names = KEY_NAMES.filter((name) => typeof header[name] === "string");
    const named = Object.fromEntries(names.map((name) => [name, header[name]]));
    return getKey({ alg: header.alg, ...named }, token);
  };
}

const BAD_TOKEN: ReadonlySet<string> = new Set([
  errors.JOSEAlgNotAllowed.code,
  errors.JOSENotSupported.code,
  errors.JWKSMultipleMatchingKeys.code,
  errors.JWKSNoMatchingKey.code,
  errors.JWSInvalid.code,
  errors.JWSSignatureVerificationFailed.code,
  errors.JWTClaimValidationFailed.code,
  errors.JWTExpired.code,
  errors.JWTInvalid.code,
]);

/**
 * Returns `undefined` for the error of a bad token. Throws any other error again: the caller didn't
 * cause it if keys can't be fetched or are malformed.
 */
export function undefinedIfBadToken(thrown: unknown): undefined {
  if (!(thrown instanceof errors.JOSEError && BAD_TOKEN.has(thrown.code))) {
    throw thrown;
  }
}
