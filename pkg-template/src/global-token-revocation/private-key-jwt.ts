/**
 * Callers that authenticate with a JWT that they signed with a key of their own (section 3.5),
 * which is what the draft recommends.
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
  verifiedClaims,
  whereTokenIsBad,
} from "../signed-tokens.js";
import type { MaybePromise } from "../types.js";
import type { Caller } from "./options.js";

/** The options of `privateKeyJwt`. */
export interface PrivateKeyJwtOptions {
  /** The URL of the endpoint, exactly as callers know it: what must be the `aud` of a token. */
  audience: string;
  /**
   * The public keys of the issuers that may call: by issuer, in a `Map` or a plain object, or a
   * function that returns `undefined` for any other. An issuer is that of ID tokens, an https URL,
   * and its keys are those that they are signed with. Nothing is proven yet when the function is
   * called: what a token says of itself must not lead to a request.
   *
   * @example
   * const keys = new Map([
   *   ["https://idp.example.com/", createRemoteJWKSet(new URL("https://idp.example.com/jwks"))],
   * ]);
   */
  keys:
    | ((issuer: string) => MaybePromise<IssuerKeys | null | undefined>)
    | ReadonlyMap<string, IssuerKeys>
    | Readonly<Record<string, IssuerKeys>>;
  /**
   * Remembers that a token was used, until it is too old to be used again; `false` if it is there
   * already. In one step: of two requests at once with one token only one gets `true`.
   */
  isFirstUse: (use: JwtUse) => MaybePromise<boolean>;
}

/** What is to be remembered of a token. */
export interface JwtUse {
  issuer: string;
  /** Unique for its issuer. */
  jti: string;
  /** Nobody accepts the token from here on. */
  expires: Date;
}

/** Who calls, by the token. */
export interface JwtCaller extends Caller {
  actor: string;
  /** Whose users it has a say over (section 7.1). */
  issuer: string;
  /** The `sub`: who it is for that issuer, such as a client id. */
  subject: string;
}

const OPTIONS: readonly (keyof PrivateKeyJwtOptions)[] = ["audience", "keys", "isFirstUse"];

/**
 * Section 3.5 advises five minutes; what lives for hours would have to be remembered for hours. In
 * seconds.
 */
const LONGEST_LIFE = 3_600;

/**
 * Makes the `authorize` for callers that send a signed JWT as a bearer token (section 3.5).
 *
 * Who sends none, or one that is forged, damaged, expired, more than an hour old, for another
 * endpoint, of an unknown issuer or used before, is not known (401). It rejects when `keys` or
 * `isFirstUse` does, or when the keys cannot be fetched.
 *
 * @throws {RollcallError} `invalid_argument`, when an option is missing, unknown or of the wrong
 * form.
 */
export function privateKeyJwt(
  options: PrivateKeyJwtOptions,
): (request: Request) => Promise<JwtCaller | false> {
  const { audience, keysOf, isFirstUse } = checkedOptions(options);

  async function verified(token: string): Promise<JWTPayload | undefined> {
    const { iss } = decodeJwt(token);
    // `keys` may be a look-up in an object, where `constructor` finds a function.
    const issuerKeys = isHttpsUrl(iss) ? await keysOf(iss) : undefined;
    if (iss === undefined || issuerKeys === undefined || issuerKeys === null) {
      return undefined;
    }
    const payload = await verifiedClaims(token, issuerKeys, {
      issuer: iss,
      audience,
      requiredClaims: ["iss", "sub", "aud", "jti", "iat", "exp"],
      maxTokenAge: LONGEST_LIFE,
    });
    // A token that others may present too could come from any of them (section 7.3).
    return [payload?.aud].flat().length === 1 ? payload : undefined;
  }

  return async (request) => {
    const token = bearerToken(request);
    if (token === undefined) {
      return false;
    }
    const payload = await verified(token).catch(whereTokenIsBad);
    const { iss: issuer, sub: subject, jti, iat = 0, exp = 0 } = payload ?? {};
    if (!isText(issuer) || !isText(subject) || !isText(jti)) {
      return false;
    }
    const expires = new Date((Math.min(exp, iat + LONGEST_LIFE) + CLOCK_TOLERANCE + 1) * 1_000);
    const isNew: unknown = await isFirstUse({ issuer, jti, expires });
    return isNew === true ? { actor: `${issuer} ${subject}`, issuer, subject } : false;
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Without query and fragment, as an issuer is (OpenID Connect Core 1.0, section 2). */
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
