/**
 * A single program that authenticates with a secret.
 *
 * @module
 */

import { invalidArgument } from "../errors.js";
import { optionsObject } from "../options.js";
import { bearerToken, isBearerToken } from "../signed-tokens.js";
import { type Actor, type Authorize, checkedActor, type Permission } from "./actor.js";

/** The options of `staticSecret`. */
export interface StaticSecretOptions {
  /**
   * At least 32 letters, digits and `-._~+/`, with `=` only at the end, such as the output of
   * `openssl rand -base64 32`.
   */
  secret: string;
  /** The name of the program in the event log. */
  actor: string;
  /** The calls that it may make. */
  permissions: readonly Permission[];
}

const MIN_SECRET = 32;

/**
 * Makes the `authorize` for a single program that sends `Authorization: Bearer <secret>`.
 *
 * @throws {RollcallError} `invalid_argument` if the secret is too short or can't be a bearer token,
 * or another option is missing or malformed
 * @example
 * const authorize = staticSecret({
 *   secret, // `openssl rand -base64 32`
 *   actor: "on-call",
 *   permissions: ["read", "remove"],
 * });
 */
export function staticSecret(options: StaticSecretOptions): Authorize {
  const names = ["secret", "actor", "permissions"];
  const { secret, ...given } = optionsObject(options, "the options of `staticSecret`", names);
  const actor = checkedActor({ ...given });
  if (secret === undefined) {
    throw invalidArgument("`secret` is undefined: is the environment variable set?");
  }
  if (typeof secret !== "string" || secret.length < MIN_SECRET || !isBearerToken(secret)) {
    throw invalidArgument(
      `\`secret\` must be a string of at least ${MIN_SECRET} letters, digits and \`-._~+/\`, such as base64`,
    );
  }
  const bytes = new TextEncoder().encode(secret);
  return async (request): Promise<Actor | false> => {
    const token = bearerToken(request);
    if (token === undefined) return false;
    const [given, wanted] = await Promise.all([
      sha256(new TextEncoder().encode(token)),
      sha256(bytes),
    ]);
    return areEqual(given, wanted) && actor;
  };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Compares in constant time: both digests have the same length. */
function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = 0;
  for (const [index, byte] of one.entries()) difference |= byte ^ (other[index] ?? 0);
  return difference === 0;
}
