/**
 * Callers that authenticate with a JWT signed with their own key, which is what the draft
 * recommends (section 3.5).
 *
 * @module
 */
import { decodeJwt, type JWTPayload } from "jose";
import { invalidArgument } from "../errors.js";
import { optionsObject, requiredFunction } from "../options.js";
import { isPlainObject } from "../plain-object.js";
import {
  bearerToken,
  CLOCK_TOLERANCE,
  type IssuerKeys,
  undefinedIfBadToken,
  verifiedClaims,
} from "../signed-tokens.js";
import type { MaybePromise } from "../types.js";
import type { Caller } from "./options.js";

/** The options of `privateKeyJwt`. */
export interface PrivateKeyJwtOptions {
  /** The URL of the endpoint, exactly as callers know it. It must be the `aud` of their tokens. */
  audience: string;
  /**
   * The public keys of the issuers that may call, as a `Map` or a plain object by issuer, or as a
   * function that returns `undefined` for any other issuer. The issuer is the one of its ID tokens,
   * an https URL, and the keys are those that sign them. When the function is called, the token has
   * not been verified yet: don't send a request because of its content.
   *
   * @example
   * import { createRemoteJWKSet } from "jose";
   *
   * const keys = new Map([
   *   ["https://idp.example.com/", createRemoteJWKSet(new URL("https://idp.example.com/jwks"))],
   * ]);
   */
  keys:
    | ((issuer: string) => MaybePromise<IssuerKeys | null | undefined>)
    | ReadonlyMap<string, IssuerKeys>
    | Readonly<Record<string, IssuerKeys>>;
  /**
   * Records that a token was used, until it expires. Returns `false` if it was recorded before.
   * This must be one atomic step: if two requests use a token at once, only one may get `true`.
   */
  isFirstUse: (use: JwtUse) => MaybePromise<boolean>;
}

/** The members of a token that `isFirstUse` records. */
export interface JwtUse {
  issuer: string;
  /** Unique per issuer. */
  jti: string;
  /** The token is rejected from this time on. */
  expires: Date;
}

/** The caller that the token identifies. */
export interface JwtCaller extends Caller {
  actor: string;
  /** The caller has authority over the users of this issuer (section 7.1). */
  issuer: string;
  /** The `sub`: how that issuer identifies the caller, such as a client id. */
  subject: string;
}

const OPTIONS: readonly (keyof PrivateKeyJwtOptions)[] = ["audience", "keys", "isFirstUse"];

/**
 * In seconds. Section 3.5 recommends five minutes; a token that is valid for hours would have to be
 * remembered for hours.
 */
const MAX_TOKEN_AGE = 3_600;

/**
 * Makes the `authorize` for callers that send a signed JWT as a bearer token (section 3.5).
 *
 * The caller is unknown (401) if the token is missing, forged, damaged, expired, more than an hour
 * old, for another endpoint, of an unknown issuer or used before. The function rejects if `keys` or
 * `isFirstUse` does, or if the keys can't be fetched.
 *
 * @throws {RollcallError} `invalid_argument` if an option is missing, unknown or malformed.
 * @example
 * const used = new Map<string, Date>(); // with several instances: a table or Redis
 * const authorize = privateKeyJwt({
 *   audience: "https://id.example.com/global-token-revocation",
 *   keys: issuerKeys,
 *   isFirstUse: ({ issuer, jti, expires }) => {
 *     const key = JSON.stringify([issuer, jti]);
 *     if (used.has(key)) return false;
 *     used.set(key, expires);
 *     return true;
 *   },
 * });
 */
export function privateKeyJwt(
  options: PrivateKeyJwtOptions,
): (request: Request) => Promise<JwtCaller | false> {
  const { audience, keysOf, isFirstUse } = checkedOptions(options);

  async function verified(token: string): Promise<JWTPayload | undefined> {
    const { iss } = decodeJwt(token);
    // `keys` may look the issuer up in an object, where `constructor` would find a function.
    const issuerKeys = isHttpsUrl(iss) ? await keysOf(iss) : undefined;
    if (iss === undefined || issuerKeys === undefined || issuerKeys === null) {
      return undefined;
    }
    const payload = await verifiedClaims(token, issuerKeys, {
      issuer: iss,
      audience,
      requiredClaims: ["iss", "sub", "aud", "jti", "iat", "exp"],
      maxTokenAge: MAX_TOKEN_AGE,
    });
    // A token with several audiences could have been presented by any of them (section 7.3).
    return [payload?.aud].flat().length === 1 ? payload : undefined;
  }

  return async (request) => {
    const token = bearerToken(request);
    if (token === undefined) {
      return false;
    }
    const payload = await verified(token).catch(undefinedIfBadToken);
    const { iss: issuer, sub: subject, jti, iat = 0, exp = 0 } = payload ?? {};
    if (!isNonEmpty(issuer) || !isNonEmpty(subject) || !isNonEmpty(jti)) {
      return false;
    }
    const expires = new Date((Math.min(exp, iat + MAX_TOKEN_AGE) + CLOCK_TOLERANCE + 1) * 1_000);
    const isNew: unknown = await isFirstUse({ issuer, jti, expires });
    return isNew === true ? { actor: `${issuer} ${subject}`, issuer, subject } : false;
  };
}

function isNonEmpty(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** An issuer has no query and no fragment (OpenID Connect Core 1.0, section 2). */
function isHttpsUrl(value: unknown): value is string {
  return typeof value === "string" && URL.canParse(value) && /^https:\/\/[^?#]+$/.test(value);
}

/** The options, checked. */
interface Settings extends Pick<PrivateKeyJwtOptions, "audience" | "isFirstUse"> {
  keysOf: (issuer: string) => MaybePromise<IssuerKeys | null | undefined>;
}

function checkedOptions(options: PrivateKeyJwtOptions): Settings {
  const { audience, keys, isFirstUse } = optionsObject(
    options,
    "the options of `privateKeyJwt`",
    OPTIONS,
  );
  // Sections 3.1 and 3.5.
  if (!isHttpsUrl(audience)) {
    throw invalidArgument(
      "`audience` must be the URL of the endpoint: with https, and without query and fragment",
    );
  }
  return {
    audience,
    keysOf: lookUpIn(keys),
    isFirstUse: requiredFunction(isFirstUse, "isFirstUse"),
  };
}

function lookUpIn(keys: PrivateKeyJwtOptions["keys"] | undefined): Settings["keysOf"] {
  if (typeof keys === "function") return keys;
  const issuers = keys instanceof Map ? [...keys.keys()] : isPlainObject(keys) && Object.keys(keys);
  if (keys === undefined || !issuers || !issuers.every(isHttpsUrl)) {
    throw invalidArgument(
      "`keys` must be a function, or a Map or plain object of keys by issuer, each an https URL",
    );
  }
  return (issuer) => {
    if (keys instanceof Map) return keys.get(issuer);
    return Object.hasOwn(keys, issuer) ? Reflect.get(keys, issuer) : undefined;
  };
}
