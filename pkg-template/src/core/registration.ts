/**
 * The names in a client's registration. The core imports this file by name.
 *
 * @module
 */

import type { Client } from "../types.js";

const NAMES: { readonly [Name in keyof Client]-?: true } = {
  clientId: true,
  enabled: true,
  backChannelLogoutUri: true,
  backChannelLogoutSessionRequired: true,
  backChannelLogoutBy: true,
  logoutTokenType: true,
  idTokenSignedResponseAlg: true,
  idTokenEncryptedResponseAlg: true,
  idTokenEncryptedResponseEnc: true,
  jwks: true,
  jwksUri: true,
  securityEventUri: true,
  securityEventAuthorization: true,
  coordinateLifetimeWithUserSession: true,
};

/** The known names by their letters in lower case, which other spellings share. */
const BY_LETTERS: ReadonlyMap<string, string> = new Map([
  ...Object.keys(NAMES).map((name) => [name.toLowerCase(), name] as const),
  ["id", "clientId"],
]);

/**
 * The first name that differs from a known one only in case and separators, or has `url` where the
 * known one has `uri` (such as `backchannel_logout_uri`), and that known name. A registration that
 * has both is correct.
 */
export function misnamed(registration: object): [given: string, known: string] | undefined {
  for (const given of Object.keys(registration)) {
    if (Object.hasOwn(NAMES, given)) continue;
    const letters = given
      .toLowerCase()
      .replace(/[^a-z]/g, "")
      .replace(/url$/, "uri");
    const known = BY_LETTERS.get(letters);
    if (known !== undefined && !(known in registration)) return [given, known];
  }
  return undefined;
}
