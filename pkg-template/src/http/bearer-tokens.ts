/**
 * Callers with an access token of the provider.
 *
 * @module
 */

import { createLocalJWKSet, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { invalidArgument } from "../errors.js";
import { optionsObject } from "../options.js";
import { bearerToken, type IssuerKeys, verifiedClaims } from "../signed-tokens.js";
import { type Actor, type Authorize, PERMISSIONS, type Permission } from "./actor.js";

/**
 * The options of `bearerTokens`.
 *
 * @example
 * const options: BearerTokensOptions = {
 *   issuer,
 *   audience,
 *   keys: issuerKeySet,
 *   scopes: { read: "sessions:read", remove: "sessions:write" },
 * };
 */
export interface BearerTokensOptions {
  /** The issuer of the tokens, exactly as in their `iss`. */
  issuer: string;
  /** The API, exactly as in the tokens' `aud`. */
  audience: string;
  /**
   * The public keys of the issuer: a JWK set, or a function such as the result of
   * `createRemoteJWKSet`.
   */
  keys: IssuerKeys;
  /**
   * The scopes for the permissions. Default: `rollcall:read`, `rollcall:remove` and
   * `rollcall:purge`.
   */
  scopes?: Readonly<Partial<Record<Permission, string>>> | undefined;
}

const OPTIONS: readonly (keyof BearerTokensOptions)[] = ["issuer", "audience", "keys", "scopes"];
/**
 * Makes the `authorize` for callers that send an access token in the format of RFC 9068: a JWT with
 * the type `at+jwt`, signed with an asymmetric key, for this audience and not expired. Its scopes
 * are the permissions, its `sub` is the actor, and its `auth_time` the `authTime` of the actor.
 *
 * The actor has a session of its own only if the token has a `sid`.
 *
 * It rejects if the keys can't be fetched.
 *
 * @throws {RollcallError} `invalid_argument` if an option is missing, unknown or malformed
 * @example
 * import { createRemoteJWKSet } from "jose";
 *
 * const authorize = bearerTokens({
 *   issuer: "https://id.example.com",
 *   audience: "https://id.example.com/admin",
 *   keys: createRemoteJWKSet(new URL("https://id.example.com/jwks")),
 *   scopes: { read: "admin", remove: "admin" },
 * });
 */
export function bearerTokens(options: BearerTokensOptions): Authorize {
  const what = "the options of `bearerTokens`";
  const { issuer, audience, keys, scopes } = optionsObject(options, what, OPTIONS);
  if (!isNonBlank(issuer) || !isNonBlank(audience)) {
    throw invalidArgument("`issuer` and `audience` must be strings that aren't blank");
  }
  const found = checkedKeys(keys);
  const scopeOf = checkedScopes(scopes);
  const wanted = { issuer, audience, typ: "at+jwt", requiredClaims: ["exp", "sub"] };
  return async (request) => {
    const token = bearerToken(request);
    const claims = token === undefined ? undefined : await verifiedClaims(token, found, wanted);
    return claims !== undefined && actorOf(claims, scopeOf);
  };
}

function actorOf(
  payload: JWTPayload,
  scopeOf: Readonly<Record<Permission, string>>,
): Actor | false {
  const { sub, scope, sid, name, auth_time: authTime } = payload;
  if (!isNonBlank(sub)) return false;
  const granted = typeof scope === "string" ? scope.split(" ") : [];
  return {
    actor: sub,
    subjectId: sub,
    permissions: PERMISSIONS.filter((permission) => granted.includes(scopeOf[permission])),
    ...(isNonBlank(sid) && { sessionId: sid }),
    ...(isNonBlank(name) && { displayName: name }),
    ...(typeof authTime === "number" && { authTime: new Date(authTime * 1_000) }),
  };
}

function checkedKeys(keys: unknown): JWTVerifyGetKey {
  if (typeof keys === "function") return keys as JWTVerifyGetKey;
  try {
    return createLocalJWKSet(keys as Parameters<typeof createLocalJWKSet>[0]);
  } catch (error) {
    throw invalidArgument("`keys` must be a JWK set or a function that finds a key", error);
  }
}

function checkedScopes(scopes: unknown): Record<Permission, string> {
  const found: Record<Permission, string> = {
    read: "rollcall:read",
    remove: "rollcall:remove",
    purge: "rollcall:purge",
  };
  if (scopes === undefined) return found;
  const given = optionsObject(Object(scopes), "`scopes`", PERMISSIONS);
  for (const permission of PERMISSIONS) {
    const scope: unknown = Reflect.get(given, permission);
    if (scope === undefined) continue;
    if (!isNonBlank(scope) || scope.includes(" ")) {
      throw invalidArgument(`\`scopes.${permission}\` must be one scope`);
    }
    found[permission] = scope;
  }
  return found;
}

function isNonBlank(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
